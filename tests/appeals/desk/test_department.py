"""A department's orders: work on them, and what it does not get to see."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.dispatching import add_co
from appeals.models import Appeal
from appeals.placing import Target
from tests.accounts.factories import DepartmentFactory
from tests.appeals.desk.pages import now, page, take
from tests.appeals.factories import (
    OfficerFactory,
    dispatched,
    handling,
)
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


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

    def test_an_empty_list_leads_to_the_new_ones_but_not_to_itself(self, handler, lights):
        pages = [
            handler.get(reverse("desk_orders", args=[lights.pk]), {"tab": tab}).content.decode()
            for tab in ("new", "handling")
        ]
        assert ["看新工单" in page for page in pages] == [False, True]


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
