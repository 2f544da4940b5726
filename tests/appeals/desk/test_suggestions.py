"""The desk follows how a suggestion would have it done, and finds orders by words."""

import datetime as dt

import pytest
from django.urls import reverse

from appeals import models
from appeals.desk.detail import suggested
from appeals.dispatching import Target, dispatch, return_order, undo
from appeals.enums import Mode, OrderState
from appeals.tasks import suggest_missing
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import CategoryFactory, dispatched, file, lead, official
from tests.clients import signed_in
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    return Department.objects.get(code="market_pool")


def grab_suggestion(appeal, pool):
    return models.Suggestion.objects.create(
        appeal=appeal, rank=1, department=pool, mode=Mode.GRAB, percent=88
    )


def press(desk, centre, order, **given):
    return desk.post(reverse("desk_step", args=[centre.pk, order.pk, "dispatch"]), given)


def test_a_suggestion_to_grab_opens_the_hall(desk, dispatcher, centre, pool):
    appeal = file(category=CategoryFactory(market=True))
    order, one = lead(appeal), grab_suggestion(appeal, pool)
    page = desk.get(reverse("desk_order", args=[centre.pk, order.pk])).content.decode()
    assert "选它即放到抢单大厅" in page
    answer = press(desk, centre, order, suggestion=one.pk)
    assert answer.status_code == 302
    assert lead(appeal).state == OrderState.OPEN
    assert "已放到抢单大厅" in desk.get(answer["Location"]).content.decode()
    undo(lead(appeal), by=dispatcher)
    assert lead(appeal).state == OrderState.WAITING


def test_what_firms_do_not_serve_is_not_opened(desk, centre, pool):
    appeal = file(category=CategoryFactory(market=False))
    answer = press(desk, centre, lead(appeal), suggestion=grab_suggestion(appeal, pool).pk)
    assert answer.status_code == 422
    assert "请先受理并定类别" in answer.content.decode()
    assert lead(appeal).state == OrderState.WAITING


def test_the_pool_of_firms_gets_no_order(dispatcher, pool):
    order = lead(file())
    with pytest.raises(DomainError, match="抢单大厅") as refused:
        dispatch(order, Target(pool), by=dispatcher)
    assert refused.value.code == "pool"
    assert lead(order.appeal).state == OrderState.WAITING


def test_the_pool_is_no_choice(desk, centre, pool):
    page = desk.get(reverse("desk_order", args=[centre.pk, lead(file()).pk])).content.decode()
    assert f'value="d{pool.pk}"' not in page


def test_a_returned_order_asks_for_new_suggestions(
    monkeypatch, django_capture_on_commit_callbacks, dispatcher
):
    rung = []
    monkeypatch.setattr(
        "appeals.doorbell.current_app.send_task", lambda name, args, **how: rung.append((name, *args))
    )
    order = dispatched(DepartmentFactory())
    with django_capture_on_commit_callbacks(execute=True):
        return_order(order, "不归我们管", DepartmentFactory(), by=dispatcher)
    assert rung == [("appeals.tasks.suggest", order.appeal_id)]


def test_what_came_back_without_a_suggestion_is_rung_for(monkeypatch, dispatcher):
    rung = []
    monkeypatch.setattr("appeals.tasks.suggest.delay", rung.append)
    monkeypatch.setattr("appeals.tasks.PATIENCE", dt.timedelta(seconds=-1))
    order = dispatched(DepartmentFactory())
    assert suggest_missing() == 0
    return_order(order, "不归我们管", DepartmentFactory(), by=dispatcher)
    assert suggest_missing() == 1
    assert rung == [order.appeal_id]


def test_what_hardly_anything_speaks_for_is_left_out():
    appeal = file()
    for rank, percent in ((1, 0), (2, 0), (3, 1)):
        models.Suggestion.objects.create(
            appeal=appeal,
            rank=rank,
            percent=percent,
            department=DepartmentFactory(),
            made_at=appeal.submitted_at,
        )
    assert [each.row.rank for each in suggested(appeal)] == [1, 3]


def test_how_many_were_handed_out_today_is_said(desk, dispatcher, centre):
    inbox = reverse("desk_inbox", args=[centre.pk])
    assert "今天已派" not in desk.get(inbox).content.decode()
    for _each in range(2):
        dispatch(lead(file()), Target(DepartmentFactory()), by=dispatcher)
    assert "今天已派 2 件" in desk.get(inbox).content.decode()


@pytest.mark.parametrize("words", ["变压器", "容量不够", "轮毂厂", "SQ-"])
def test_orders_are_found_by_words(desk, centre, words):
    firm = EnterpriseFactory(name="垫江轮毂厂")
    appeal = file(firm, title="厂里停电", text="变压器容量不够，一开机就跳。")
    file(title="门口路灯坏了", text="夜里看不见。")
    page = desk.get(reverse("desk_inbox", args=[centre.pk]), {"q": words}).content.decode()
    assert appeal.title in page
    assert ("门口路灯坏了" in page) == (words == "SQ-")


def test_a_complaint_is_not_found_by_who_it_is_about(desk, centre):
    file(title="窗口推诿", text="变压器的事没人管", about=centre)
    assert (
        "窗口推诿" not in desk.get(reverse("desk_inbox", args=[centre.pk]), {"q": "变压器"}).content.decode()
    )


def test_a_department_finds_its_own_and_no_hidden_name():
    office = DepartmentFactory()
    firm = EnterpriseFactory(name="垫江隐名厂")
    hidden, plain = dispatched(office), dispatched(office)
    models.Appeal.objects.filter(pk=hidden.appeal_id).update(enterprise=firm, anonymous=True, title="甲事")
    models.Appeal.objects.filter(pk=plain.appeal_id).update(enterprise=firm, title="乙事")
    other = dispatched(DepartmentFactory())
    models.Appeal.objects.filter(pk=other.appeal_id).update(enterprise=firm, title="丙事")
    client = signed_in(official(Role.HANDLER, office))
    page = client.get(
        reverse("desk_orders", args=[office.pk]), {"q": "隐名厂", "tab": "new"}
    ).content.decode()
    assert "乙事" in page
    assert "甲事" not in page
    assert "丙事" not in page
    assert (
        "甲事"
        in client.get(reverse("desk_orders", args=[office.pk]), {"q": "甲事", "tab": "new"}).content.decode()
    )


@pytest.mark.parametrize(("role", "name"), [(Role.DISPATCHER, "desk_inbox"), (Role.HANDLER, "desk_orders")])
def test_the_header_of_a_desk_searches_its_orders(centre, role, name):
    client = signed_in(official(role, centre))
    page = client.get(reverse(name, args=[centre.pk])).content.decode()
    assert f'action="{reverse(name, args=[centre.pk])}"' in page
    assert "搜诉求" in page
    assert "搜政策" in client.get(reverse("home")).content.decode()
