"""Steps at the desk, a department's orders, telephone entry, slip, roster: who may, and what happens."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appeals.dispatching import add_co
from appeals.models import Appeal, Assignment, Shift, WorkOrder
from appeals.placing import Target
from portal.accounts.models import Absence
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import (
    CategoryFactory,
    OfficerFactory,
    away,
    dispatched,
    file,
    filing,
    handling,
    lead,
    officer_with_user,
    official,
)
from tests.appeals.suggested import suggest
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre():
    return DepartmentFactory(short_name="服务中心")


@pytest.fixture
def lights():
    return DepartmentFactory(short_name="城管局")


def signed_in(user):
    cache.clear()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def dispatcher(centre):
    return official(Role.DISPATCHER, centre)


@pytest.fixture
def desk(dispatcher):
    return signed_in(dispatcher)


@pytest.fixture
def handler(lights):
    return signed_in(officer_with_user(lights).user)


def take(client, department, order, step, **given):
    return client.post(reverse("desk_step", args=[department.pk, order.pk, step]), given)


def page(client, department, order):
    return client.get(reverse("desk_order", args=[department.pk, order.pk]))


def now(order):
    return WorkOrder.objects.get(pk=order.pk)


class TestDispatching:
    def test_one_press_takes_the_first_suggestion(self, desk, centre, lights):
        appeal = file()
        leader = OfficerFactory(department=lights)
        first, _second = suggest(appeal, lights, DepartmentFactory(), leader=leader)
        order = lead(appeal)
        answer = take(desk, centre, order, "dispatch", suggestion=first.pk, basket="new")
        assert answer.url == reverse("desk_inbox", args=[centre.pk]) + "?basket=new"
        assert (now(order).department, now(order).leader) == (lights, leader)
        given = Assignment.objects.get(order=order)
        assert (given.why, given.suggested) == ("suggested", lights)

    def test_a_leader_who_is_away_is_stood_in_for_and_the_page_says_so(self, desk, centre, lights):
        appeal = file()
        leader, other = OfficerFactory(department=lights), OfficerFactory(department=lights)
        away(leader, other)
        (first,) = suggest(appeal, lights, leader=leader)
        assert f"由 {other.name} 代办" in page(desk, centre, lead(appeal)).content.decode()
        take(desk, centre, lead(appeal), "dispatch", suggestion=first.pk)
        assert lead(appeal).leader == other

    def test_a_leader_who_left_hinders_no_dispatch(self, desk, centre, lights):
        appeal = file()
        leader = OfficerFactory(department=lights, left_on=timezone.localdate())
        (first,) = suggest(appeal, lights, leader=leader)
        take(desk, centre, lead(appeal), "dispatch", suggestion=first.pk)
        assert (lead(appeal).department, lead(appeal).leader) == (lights, None)

    def test_what_is_chosen_by_hand_counts_before_the_suggestion(self, desk, centre, lights):
        appeal = file()
        (first,) = suggest(appeal, DepartmentFactory())
        take(desk, centre, lead(appeal), "dispatch", suggestion=first.pk, target=f"d{lights.pk}")
        assert lead(appeal).department == lights
        assert Assignment.objects.get().why == "manual"

    def test_another_may_help_from_the_start(self, desk, centre, lights):
        order, helper = lead(file()), DepartmentFactory()
        take(desk, centre, order, "dispatch", target=f"d{lights.pk}", co=f"d{helper.pk}")
        assert order.appeal.orders.get(kind="co").department == helper

    @pytest.mark.parametrize("given", [{}, {"target": "d0"}, {"target": "x"}, {"suggestion": "0"}])
    def test_without_a_place_nothing_is_dispatched(self, desk, centre, given):
        order = lead(file())
        answer = take(desk, centre, order, "dispatch", **given)
        assert answer.status_code == 422
        assert now(order).state == "waiting"

    def test_a_suggestion_of_another_appeal_is_none(self, desk, centre, lights):
        (other,) = suggest(file(), lights)
        order = lead(file())
        assert take(desk, centre, order, "dispatch", suggestion=other.pk).status_code == 422

    def test_the_department_complained_of_is_not_offered(self, desk, centre, lights):
        appeal = file(about=lights)
        suggest(appeal, lights, DepartmentFactory())
        shown = page(desk, centre, lead(appeal))
        assert [one.row.department for one in shown.context["suggestions"]] != [lights]
        assert f'value="d{lights.pk}"' not in shown.content.decode()
        assert take(desk, centre, lead(appeal), "dispatch", target=f"d{lights.pk}").status_code == 422

    def test_the_second_to_press_is_told_who_was_faster(self, desk, centre, lights):
        order = dispatched(lights)
        answer = take(desk, centre, order, "dispatch", target=f"d{lights.pk}")
        assert answer.status_code == 422
        assert "待接单" in answer.content.decode()

    def test_open_co_ask_refuse_merge_supervise(self, desk, centre, lights):
        opened = lead(file(category=CategoryFactory(market=True)))
        take(desk, centre, opened, "open", hours=24)
        assert now(opened).state == "open"
        helped = handling()
        take(desk, centre, helped, "co", target=f"d{lights.pk}")
        assert helped.appeal.orders.get(kind="co").department == lights
        take(desk, centre, helped, "supervise", text="拖了很久")
        assert helped.appeal.orders.filter(kind="supervision").exists()
        asked, refused = file(), file()
        take(desk, centre, lead(asked), "ask_back", text="哪一段路？")
        take(desk, centre, lead(refused), "refuse", text="请到法院起诉。")
        asked.refresh_from_db()
        refused.refresh_from_db()
        assert (asked.intake, refused.intake) == ("asked", "refused")
        firm = EnterpriseFactory()
        twice, into = file(firm), file(firm)
        take(desk, centre, lead(twice), "merge", into=into.pk)
        twice.refresh_from_db()
        assert twice.merged_into == into

    def test_another_enterprises_appeal_cannot_be_merged_into(self, desk, centre):
        firm = EnterpriseFactory()
        twice, _into, other = file(firm), file(firm), file()
        assert take(desk, centre, lead(twice), "merge", into=other.pk).status_code == 422


class TestUndo:
    def test_a_dispatch_is_undone_with_the_bar(self, desk, centre, lights):
        order = lead(file())
        take(desk, centre, order, "dispatch", target=f"d{lights.pk}", basket="new")
        bar = desk.get(reverse("desk_inbox", args=[centre.pk])).context["undo"]
        assert bar.order == order.pk
        answer = desk.post(reverse("desk_undo", args=[centre.pk, order.pk]), {"basket": "new"}, follow=True)
        assert now(order).state == "waiting"
        assert answer.context["undo"] is None

    def test_a_return_is_undone_by_who_returned_it(self, handler, lights):
        order = dispatched(lights)
        take(handler, lights, order, "return", text="不归我们", rightful=DepartmentFactory().pk)
        assert now(order).state == "returned"
        handler.post(reverse("desk_undo", args=[lights.pk, order.pk]))
        assert now(order).state == "offered"

    def test_after_two_minutes_the_bar_is_gone_and_nothing_is_undone(self, desk, centre, lights, monkeypatch):
        monkeypatch.setattr("appeals.dispatching.UNDO_WITHIN", dt.timedelta(0))
        monkeypatch.setattr("appeals.desk.undoing.UNDO_WITHIN", dt.timedelta(0))
        order = lead(file())
        take(desk, centre, order, "dispatch", target=f"d{lights.pk}")
        assert desk.get(reverse("desk_inbox", args=[centre.pk])).context["undo"] is None
        desk.post(reverse("desk_undo", args=[centre.pk, order.pk]))
        assert now(order).state == "offered"

    def test_what_somebody_else_did_is_theirs_to_undo(self, desk, centre, lights):
        order = dispatched(lights)
        desk.post(reverse("desk_undo", args=[centre.pk, order.pk]))
        assert now(order).state == "offered"


class TestHandling:
    def test_two_big_buttons_come_first_then_the_telephone(self, handler, lights):
        order = dispatched(lights, contact_phone="13912345678")
        shown = page(handler, lights, order)
        assert [name for name, _step, _form in shown.context["first"]] == ["accept", "return"]
        text = shown.content.decode()
        assert text.index("接单") < text.index("tel:13912345678") < text.index("<h1>")
        take(handler, lights, order, "accept")
        first = page(handler, lights, order).context["first"]
        assert [name for name, _step, _form in first] == ["answer", "ask"]

    def test_a_return_must_name_another_department(self, handler, lights):
        order = dispatched(lights)
        for rightful in ("", str(lights.pk), "0"):
            answer = take(handler, lights, order, "return", text="不归我们", rightful=rightful)
            assert answer.status_code == 422
        assert now(order).state == "offered"

    def test_an_answer_with_a_promise_that_is_then_kept(self, handler, lights):
        order = handling(lights)
        day = timezone.localdate() + dt.timedelta(days=7)
        given = {"outcome": "promised", "text": "一周内修好。", "promise": "换灯", "due_on": day.isoformat()}
        assert take(handler, lights, order, "answer", **given).status_code == 302
        promise = order.promises.get()
        assert (promise.text, promise.due_on) == ("换灯", day)
        take(handler, lights, order, "keep", text="灯亮了")
        promise.refresh_from_db()
        assert promise.kept_note == "灯亮了"

    @pytest.mark.parametrize("days", [-1, 0, 800])
    def test_a_promise_needs_a_coming_day(self, handler, lights, days):
        order = handling(lights)
        day = timezone.localdate() + dt.timedelta(days=days)
        given = {"outcome": "promised", "text": "修。", "promise": "换灯", "due_on": day.isoformat()}
        assert take(handler, lights, order, "answer", **given).status_code == 422
        assert now(order).state == "handling"

    def test_notes_are_internal_unless_told_otherwise(self, handler, lights):
        order = handling(lights)
        take(handler, lights, order, "note", text="先看现场")
        take(handler, lights, order, "note", text="明天修", public="on")
        events = order.events.filter(name="note").order_by("pk")
        assert [(event.comment, event.public) for event in events] == [("先看现场", False), ("明天修", True)]

    def test_transferred_to_a_colleague_or_away(self, handler, lights):
        colleague = OfficerFactory(department=lights)
        order = handling(lights)
        take(handler, lights, order, "transfer", target=f"o{colleague.pk}", text="他熟悉")
        assert now(order).handler == colleague
        other = DepartmentFactory()
        order = handling(lights)
        answer = take(handler, lights, order, "transfer", target=f"d{other.pk}", text="归他们")
        assert now(order).department == other
        assert answer.url == reverse("desk_orders", args=[lights.pk])

    def test_a_colleague_elsewhere_is_no_choice(self, handler, lights):
        order, stranger = handling(lights), OfficerFactory()
        assert take(handler, lights, order, "transfer", target=f"o{stranger.pk}", text="x").status_code == 422

    def test_the_list_has_tabs_and_their_numbers(self, handler, lights):
        new, working = dispatched(lights), handling(lights)
        dispatched()
        answer = handler.get(reverse("desk_orders", args=[lights.pk]), {"tab": "new"})
        assert [row.order for row in answer.context["rows"]] == [new]
        counts = {tab["label"]: tab["count"] for tab in answer.context["tabs"]}
        assert (counts["新工单"], counts["办理中"]) == (1, 1)
        answer = handler.get(reverse("desk_orders", args=[lights.pk]), {"tab": "handling", "mine": "1"})
        assert answer.context["rows"] == []
        assert working.handler is None


class TestSecrets:
    def test_another_departments_order_is_404_to_read_and_to_do(self, handler, lights):
        order = dispatched()
        assert page(handler, lights, order).status_code == 404
        assert page(handler, order.department, order).status_code == 404
        assert take(handler, lights, order, "accept").status_code == 404
        assert take(handler, order.department, order, "accept").status_code == 404
        assert handler.get(reverse("desk_slip", args=[lights.pk, order.pk])).status_code == 404

    def test_a_handler_cannot_dispatch_nor_a_dispatcher_answer(self, handler, lights, desk, centre):
        order = dispatched(lights)
        assert take(handler, lights, order, "dispatch", target="d1").status_code == 404
        assert take(desk, centre, order, "accept").status_code == 404

    def test_a_complaint_about_us_is_hidden_even_as_co_order(self, handler, lights):
        order = handling(about=DepartmentFactory())
        add_co(order, Target(lights), by=None)
        co = order.appeal.orders.get(kind="co")
        assert page(handler, lights, co).status_code == 200
        Appeal.objects.filter(pk=order.appeal_id).update(about=lights)
        assert page(handler, lights, co).status_code == 404

    def test_an_anonymous_enterprise_is_named_to_the_desk_alone(self, handler, lights, desk, centre):
        firm = EnterpriseFactory(name="匿名轮毂有限公司")
        order = dispatched(lights, enterprise=firm, anonymous=True, contact_phone="13912345678")
        for address in ("desk_order", "desk_slip"):
            text = handler.get(reverse(address, args=[lights.pk, order.pk])).content.decode()
            assert "匿名轮毂" not in text
            assert "13912345678" not in text
        assert "匿名轮毂" not in handler.get(reverse("desk_orders", args=[lights.pk])).content.decode()
        assert "匿名轮毂" in page(desk, centre, order).content.decode()

    def test_internal_notes_of_other_orders_stay_with_the_desk(self, handler, lights, desk, centre):
        order = handling()
        add_co(order, Target(lights), by=None)
        order.events.create(name="note", source="handling", target="handling", comment="内部看法")
        co = order.appeal.orders.get(kind="co")
        assert "内部看法" not in page(handler, lights, co).content.decode()
        assert "内部看法" in page(desk, centre, order).content.decode()


class TestPhone:
    @pytest.fixture
    def firm(self):
        return EnterpriseFactory(name="宏达铸造有限公司")

    def given(self, firm, **more):
        words = filing()
        names = ("title", "text", "contact_name", "contact_phone")
        return {name: getattr(words, name) for name in names} | {
            "enterprise": firm.pk,
            "key": "k1",
            **more,
        }

    def url(self, centre):
        return reverse("desk_phone", args=[centre.pk])

    def test_found_by_a_part_of_the_name_or_by_the_code(self, desk, centre, firm):
        for words in ("宏达铸", firm.uscc):
            page = desk.get(reverse("desk_firms", args=[centre.pk]), {"firm": words})
            assert firm.name in page.content.decode()

    def test_without_script_find_keeps_what_is_written(self, desk, centre, firm):
        answer = desk.post(self.url(centre), {"find": "1", "firm": "宏达", "title": "想评三级"})
        assert firm.name in answer.content.decode()
        assert "想评三级" in answer.content.decode()
        assert not Appeal.objects.exists()

    def test_filed_and_dispatched_at_once(self, desk, centre, firm, lights, dispatcher):
        answer = desk.post(self.url(centre), self.given(firm, target=f"d{lights.pk}"))
        order = WorkOrder.objects.get()
        assert answer.url == reverse("desk_order", args=[centre.pk, order.pk])
        assert (order.appeal.source, order.appeal.submitted_by) == ("phone", dispatcher)
        assert (order.department, order.state) == (lights, "offered")

    def test_sent_twice_it_is_filed_once(self, desk, centre, firm, lights):
        for _time in range(2):
            desk.post(self.url(centre), self.given(firm, target=f"d{lights.pk}"))
        assert Appeal.objects.count() == 1

    def test_refused_by_the_place_nothing_is_filed(self, desk, centre, firm, lights):
        answer = desk.post(self.url(centre), self.given(firm, target=f"d{lights.pk}", about=lights.pk))
        assert answer.status_code == 422
        assert not Appeal.objects.exists()

    @pytest.mark.parametrize("missing", ["enterprise", "title", "text", "contact_name", "contact_phone"])
    def test_what_is_missing_is_said(self, desk, centre, firm, missing):
        answer = desk.post(self.url(centre), self.given(firm) | {missing: ""})
        assert answer.status_code == 422
        assert not Appeal.objects.exists()

    def test_only_a_dispatcher_enters(self, handler, lights):
        assert handler.get(self.url(lights)).status_code == 404


class TestSlip:
    def test_each_order_has_a_number_of_its_own(self, desk, centre, lights):
        order = handling()
        co = add_co(order, Target(lights), by=None)
        numbers = [
            desk.get(reverse("desk_slip", args=[centre.pk, one.pk])).context["number"] for one in (order, co)
        ]
        assert numbers == [f"{order.appeal.number}-01", f"{order.appeal.number}-02"]


class TestRoster:
    def url(self, name, centre, *more):
        return reverse(name, args=[centre.pk, *more])

    def test_a_week_on_duty_takes_its_working_days(self, desk, centre):
        officer = OfficerFactory(department=centre)
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-29"}
        desk.post(self.url("desk_roster_shift", centre), given)
        assert Shift.objects.filter(officer=officer).count() == 5

    def test_who_is_away_is_stood_in_for(self, desk, centre):
        officer, other = OfficerFactory(department=centre), OfficerFactory(department=centre)
        Shift.objects.create(day=timezone.localdate(), department=centre, officer=officer)
        away(officer, other)
        days = desk.get(self.url("desk_roster", centre)).context["days"]
        (today,) = [day for day in days if day.day == timezone.localdate()]
        assert (today.present, today.stands_in) == (other, True)

    def test_an_absence_of_the_same_days_is_refused_in_words(self, desk, centre):
        officer = OfficerFactory(department=centre)
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-25"}
        for status in (302, 422):
            answer = desk.post(self.url("desk_roster_absence", centre), given)
            assert answer.status_code == status
        assert "这些日期已登记外出" in answer.content.decode()

    def test_the_last_day_is_included(self, desk, centre):
        officer = OfficerFactory(department=centre)
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-23"}
        desk.post(self.url("desk_roster_absence", centre), given)
        assert Absence.objects.get().days.upper == dt.date(2026, 11, 24)

    @pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12"])
    def test_any_month_opens(self, desk, centre, month):
        assert desk.get(self.url("desk_roster", centre), {"month": month}).status_code == 200

    def test_handlers_read_it_and_do_not_write_it(self, handler, lights):
        officer = OfficerFactory(department=lights)
        assert handler.get(self.url("desk_roster", lights)).status_code == 200
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-23"}
        assert handler.post(self.url("desk_roster_shift", lights), given).status_code == 404

    def test_another_departments_lines_cannot_be_removed(self, desk, centre, lights):
        shift = Shift.objects.create(
            day=timezone.localdate(), department=lights, officer=OfficerFactory(department=lights)
        )
        assert desk.post(self.url("desk_roster_remove", centre, "shift", shift.pk)).status_code == 404
        assert desk.post(self.url("desk_roster_remove", centre, "else", shift.pk)).status_code == 404
