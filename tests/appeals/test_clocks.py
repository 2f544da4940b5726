"""Deadlines of orders: real ends over holidays and make-up days, pauses, years nobody knows. Year 2026."""

import datetime as dt
from io import StringIO
from itertools import accumulate
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from appeals import deadlines, intake
from appeals.desk.rows import Row
from appeals.dispatching import Target, dispatch, return_order
from appeals.enums import Complexity
from appeals.handling import accept, ask, reply
from appeals.lights import first_clocks
from appeals.models import AppealEvent, ClockTarget, OrderClock, OrderEvent
from portal.accounts.roles import Role
from portal.kernel.clocks import Light
from portal.kernel.models import AnnouncedYear
from portal.kernel.spans import Pause, Span, Unit
from portal.kernel.tasks import reckon_announced_clocks
from portal.kernel.workdays import LAST_KNOWN_YEAR, Calendar
from tests.accounts.factories import DepartmentFactory, StaffFactory
from tests.appeals import factories as make
from tests.appeals.factories import OrderFactory
from tests.enterprises.factories import MembershipFactory
from tests.kernel.test_spans import due_by_days

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = dt.timedelta(hours=1)


def at(month, day, hour=10, minute=0, year=2026):
    return dt.datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def end_of(month, day):
    return at(month, day, 0) + dt.timedelta(days=1)


def clock(order, target):
    return OrderClock.objects.get(order=order, target=target, met_at=None)


class TestRealEnds:
    """The “135” of a filed and accepted appeal."""

    @pytest.mark.parametrize(
        ("start", "complexity", "due"),
        [
            (at(2, 13), Complexity.SIMPLE, end_of(2, 14)),  # a Saturday made up for the Spring Festival
            (at(2, 13), Complexity.SINGLE, end_of(2, 25)),
            (at(2, 13), Complexity.JOINT, end_of(2, 27)),
            (at(9, 18), Complexity.SIMPLE, end_of(9, 20)),  # a Sunday made up for the National Day
            (at(9, 30), Complexity.SINGLE, end_of(10, 10)),  # a Saturday made up for it
        ],
    )
    def test_over_holidays_and_make_up_days(self, start, complexity, due):
        with make.moment(start):
            order = make.lead(make.file())
            intake.accept_appeal(order.appeal, by=None, complexity=complexity)
        found = clock(order, complexity)
        assert (found.started_at, found.due_at, found.provisional) == (start, due, False)
        assert found.light(due - dt.timedelta(seconds=1)) == Light.YELLOW
        assert found.light(due) == Light.RED

    def test_the_receive_clock_over_the_spring_festival(self):
        with make.moment(at(2, 14)):
            order = make.lead(make.file())
        assert clock(order, "receive").due_at == end_of(2, 24)

    def test_the_mediator_has_half_a_working_day(self):
        """Returned for the second time on a Friday at four: two hours, and one and a half on Monday."""
        order, departments = make.dispatched(), [DepartmentFactory() for _ in range(2)]
        return_order(order, "不归我们管", departments[0], by=None)
        dispatch(order, Target(departments[0]), by=None)
        with make.moment(at(3, 6, 16)):
            return_order(order, "也不归我们管", departments[1], by=None)
        found = clock(order, "mediation")
        assert found.due_at == at(3, 9, 10, 30)
        assert found.warn_at == at(3, 9, 9, 30)

    @pytest.mark.parametrize(
        ("target", "start", "due"),
        [
            ("handover", at(3, 5), end_of(3, 9)),  # Thursday and two working days
            ("reply", at(3, 5), end_of(3, 19)),
            ("reply", at(2, 6), end_of(2, 24)),  # the 20th lies in the Spring Festival
        ],
    )
    def test_what_a_talk_brings_is_handed_over_and_answered_in_time(self, target, start, due):
        order = make.lead(make.file())
        deadlines.begin(order, target, at=start)
        deadlines.begin(order, target, at=start + dt.timedelta(days=1))
        assert clock(order, target).due_at == due, "one that runs goes on as it was"
        deadlines.meet(order, target, at=due - dt.timedelta(hours=1))
        assert OrderClock.objects.get(order=order, target=target).breached_at is None

    def test_every_target_is_seeded_with_a_span_that_can_be_reckoned(self):
        order = make.lead(make.file())
        for target in ClockTarget.objects.exclude(key="receive"):
            deadlines.begin(order, target.key, at=timezone.now())
        assert order.clocks.count() == ClockTarget.objects.count() == 13


NEXT = LAST_KNOWN_YEAR + 1
YEAR_END = dt.datetime(LAST_KNOWN_YEAR, 12, 30, 10, tzinfo=SHANGHAI)


def workdays_of(year, number):
    """The first days of the year that are working days as far as is known."""
    days = (dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(40))
    return [day for day in days if day.weekday() < 5][:number]


class TestYearsNobodyKnows:
    """An appeal accepted in the last days of December, before the next year's notice."""

    @pytest.fixture
    def order(self):
        with make.moment(YEAR_END):
            order = make.handling()
            ask(order, "请补充照片", by=None)
            reply(order, "已补充", by=None)
        return order

    def announce(self, client):
        """As an administrator does: the first two working days are holidays; then the year's own page."""
        client.force_login(StaffFactory(is_superuser=True))
        for day in workdays_of(NEXT, 2):
            fields = {"day": day.isoformat(), "is_workday": "", "reason": "国办发明电"}
            assert client.post("/admin/kernel/workdayoverride/add/", fields).status_code == 302
        fields = {"year": NEXT, "notice": "国办发明电"}
        assert client.post("/admin/kernel/announcedyear/add/", fields).status_code == 302

    def test_what_waited_is_reckoned_when_the_year_is_announced(
        self, order, client, django_capture_on_commit_callbacks
    ):
        found = clock(order, "single")
        assert found.provisional
        before = found.due_at
        with (
            patch("portal.kernel.reckoning.current_app.send_task") as rung,
            django_capture_on_commit_callbacks(execute=True),
        ):
            self.announce(client)
        assert [call.args[0] for call in rung.call_args_list] == [reckon_announced_clocks.name]
        assert reckon_announced_clocks() == 1
        found.refresh_from_db()
        assert not found.provisional
        assert found.due_at > before
        assert found.due_at == found.span.due(YEAR_END, Calendar.load())
        assert (reckon_announced_clocks(), call_command("reckon_clocks", stdout=StringIO())) == (0, None)

    def test_the_button_of_the_admin_rings_for_what_the_command_does(
        self, order, client, monkeypatch, django_capture_on_commit_callbacks
    ):
        rung = []
        monkeypatch.setattr("portal.kernel.admin.ring", lambda: rung.append(reckon_announced_clocks()))
        self.announce(client)
        words = {"action": "reckon", "_selected_action": [AnnouncedYear.objects.get().pk]}
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/admin/kernel/announcedyear/", words, follow=True)
        assert rung == [1]
        OrderClock.objects.update(provisional=True)
        said = StringIO()
        call_command("reckon_clocks", stdout=said)
        assert said.getvalue() == "1 provisional deadlines reckoned.\n"

    def test_what_was_late_or_met_before_stays(self, order, client):
        OrderClock.objects.update(breached_at=F("due_at"))
        self.announce(client)
        assert reckon_announced_clocks() == 0

    def test_all_pages_say_that_it_is_provisional(self, order, client):
        department, firm = order.department, order.appeal.enterprise
        manager = MembershipFactory(enterprise=firm).user
        handler = make.official(Role.HANDLER, department)
        pages = {
            manager: [
                f"/e/{firm.pk}/appeals/",
                f"/e/{firm.pk}/appeals/{order.appeal.number}/",
            ],
            handler: [
                f"/desk/{department.pk}/orders/?tab=handling",
                f"/desk/{department.pk}/orders/{order.pk}/",
                f"/desk/{department.pk}/orders/{order.pk}/slip/",
            ],
        }
        for provisional in (True, False):
            OrderClock.objects.update(provisional=provisional)
            for user, addresses in pages.items():
                client.force_login(user)
                for address in addresses:
                    answer = client.get(address)
                    assert answer.status_code == 200, address
                    assert ("暂定" in answer.content.decode()) is provisional, address
        found = clock(order, "single")
        found.provisional = True
        words = [Row(order, found, found.due_at + after).words for after in (-HOUR, 0 * HOUR)]
        assert ["暂定" in each for each in words] == [True, False], "what is late moves no more"


class TestPauses:
    def test_what_was_asked_back_and_then_accepted_as_it_is_runs(self):
        order = make.lead(make.file())
        intake.ask_back(order.appeal, "哪条路？", by=None)
        assert clock(order, "receive").light(timezone.now()) == Light.PAUSED
        intake.accept_appeal(order.appeal, by=None)
        dispatch(order, Target(DepartmentFactory()), by=None)
        accept(order, by=None)
        ask(order, "请补充照片", by=None)
        reply(order, "已补充", by=None)
        assert clock(order, "single").light(timezone.now()) != Light.PAUSED

    def test_asking_stops_the_clocks_and_an_answer_lets_them_go_on(self):
        order = make.handling()
        ask(order, "请补充照片", by=None)
        found = clock(order, "single")
        assert found.light(found.due_at) == Light.PAUSED
        assert not OrderClock.objects.hurrying().filter(order=order).exists()
        assert first_clocks([order])[order.pk].paused_at is not None
        reply(order, "已补充", by=None)
        assert clock(order, "single").paused_at is None
        assert first_clocks([order])[order.pk].paused_at is None


gaps = st.lists(st.integers(1, 90), max_size=8)
spans = st.sampled_from(
    [
        ("simple", 1, Unit.WORKDAYS),
        ("joint", 5, Unit.WORKDAYS),
        ("reply", 14, Unit.DAYS),
        ("handover", 2, Unit.WORKDAYS),
    ]
)


class TestPausesAgainstThePlainReference(TestCase):
    """Questions of the desk before it accepts, and of the handler afterwards, at any hours."""

    @settings(max_examples=40)
    @given(st.integers(0, 4_000), gaps, spans, st.booleans())
    def test_ends_move_as_if_days_passed_one_by_one(self, hour, hours, span, before_accepting):
        order = OrderFactory()
        start, (target, number, unit) = at(1, 1, 0) + dt.timedelta(hours=hour), span
        model, subject, stop, go = (
            (AppealEvent, order.appeal, "ask_back", "supplement")
            if before_accepting
            else (OrderEvent, order, "ask", "reply")
        )
        deadlines.begin(order, target, at=start)
        moments = list(accumulate(hours, lambda last, gap: last + dt.timedelta(hours=gap), initial=start))[1:]
        for place, moment in enumerate(moments):
            model.objects.create(subject=subject, name=stop if place % 2 == 0 else go, at=moment, target="")
            model.objects.create(subject=subject, name="note", at=moment, target="")
            deadlines.reckon(order)
        pauses = [Pause(*pair) for pair in zip(moments[::2], moments[1::2], strict=False)]
        found = clock(order, target)
        assert found.due_at == due_by_days(Span(number, unit), start, pauses)
        asked_last = len(moments) % 2 == 1 and moments[-1] < found.due_at
        assert found.paused_at == (moments[-1] if asked_last else None)
