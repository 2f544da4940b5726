"""Deadlines of orders: real ends over holidays and make-up days, pauses, years nobody knows. Year 2026."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from appeals import deadlines, intake
from appeals.dispatching import Target, dispatch, return_order
from appeals.enums import Complexity
from appeals.models import ClockTarget, OrderClock
from portal.kernel.clocks import Light
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


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
