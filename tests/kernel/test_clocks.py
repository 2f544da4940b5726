"""Deadlines: counted as the Civil Code counts, moved by pauses, shown by lights. Year 2026."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.clocks import Light, Span, Unit
from portal.kernel.errors import DomainError
from portal.kernel.models import WorkdayOverride
from portal.kernel.workdays import Calendar
from tests.kernel.papers.models import Deadline

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(month, day, hour=9):
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def begin(number=3, unit=Unit.WORKDAYS, start=None, warning=1):
    clock = Deadline.begin("answer", Span(number, unit, warning), at=start or at(3, 2))
    clock.save()
    return clock


@pytest.mark.parametrize(
    ("number", "unit", "start", "due"),
    [
        (3, Unit.WORKDAYS, at(3, 2), at(3, 6, 0)),  # Monday → end of Thursday
        (1, Unit.WORKDAYS, at(3, 6, 23), at(3, 10, 0)),  # Friday night → end of Monday
        (1, Unit.WORKDAYS, at(2, 13), at(2, 15, 0)),  # → Saturday made up for the Spring Festival
        (2, Unit.WORKDAYS, at(2, 13), at(2, 25, 0)),  # over the Spring Festival
        (5, Unit.DAYS, at(3, 2), at(3, 10, 0)),  # would end on Saturday → Monday
        (4, Unit.HOURS, at(3, 2), at(3, 2, 13)),
        (1, Unit.WORKDAYS, datetime(2026, 3, 2, 17, tzinfo=UTC), at(3, 5, 0)),  # already Tuesday in Beijing
    ],
)
def test_the_day_of_the_start_does_not_count_and_holidays_move_the_end(number, unit, start, due):
    assert begin(number, unit, start).due_at == due


def test_lights_go_from_green_to_yellow_to_red():
    clock = begin(3)
    assert clock.light(at(3, 4, 23)) == Light.GREEN
    assert clock.light(at(3, 5, 0)) == Light.YELLOW
    assert clock.light(at(3, 5, 23)) == Light.YELLOW
    assert clock.light(at(3, 6, 0)) == Light.RED


def test_a_met_clock_keeps_its_light():
    clock = begin(3)
    clock.meet(at(3, 3))
    assert clock.light(at(6, 1)) == Light.GREEN
    with pytest.raises(DomainError):
        clock.meet(at(3, 4))
    late = begin(3)
    late.meet(at(3, 7))
    assert late.light(at(3, 7)) == Light.RED


def test_a_pause_moves_the_end_by_the_working_days_it_lasted():
    clock = begin(3)
    clock.pause(at(3, 3))
    assert clock.light(at(9, 1)) == Light.PAUSED
    clock.resume(at(3, 9))  # lost: Wed, Thu, Fri, Mon
    assert clock.due_at == at(3, 12, 0)
    assert clock.warn_at == at(3, 11, 0)
    assert Deadline.objects.get().due_at == clock.due_at


def test_a_pause_within_a_day_or_a_weekend_moves_nothing():
    clock = begin(3)
    due = clock.due_at
    clock.pause(at(3, 3, 9))
    clock.resume(at(3, 3, 17))
    assert clock.due_at == due
    friday = begin(3, start=at(3, 5))
    due = friday.due_at
    friday.pause(at(3, 6))
    friday.resume(at(3, 8))
    assert friday.due_at == due


def test_hours_move_by_the_exact_time():
    clock = begin(4, Unit.HOURS)
    clock.pause(at(3, 2, 10))
    clock.resume(at(3, 2, 12) + timedelta(minutes=30))
    assert clock.due_at == at(3, 2, 15) + timedelta(minutes=30)


def test_what_was_late_stays_late_through_a_pause():
    clock = begin(1)
    due = clock.due_at
    clock.pause(at(3, 20))
    assert clock.light(at(3, 21)) == Light.RED
    clock.resume(at(3, 25))
    assert clock.due_at == due


def test_meeting_a_paused_clock_ends_the_pause():
    clock = begin(3)
    clock.pause(at(3, 3))
    clock.meet(at(3, 30))
    assert clock.paused_at is None
    assert clock.light(at(4, 1)) == Light.GREEN


def test_pressing_twice_is_refused():
    clock = begin()
    clock.pause(at(3, 3))
    with pytest.raises(DomainError):
        Deadline.objects.get().pause(at(3, 3))
    stale = Deadline.objects.get()
    clock.resume(at(3, 4))
    with pytest.raises(DomainError):
        stale.resume(at(3, 9))
    with pytest.raises(DomainError):
        clock.resume(at(3, 9))


def test_lateness_is_recorded_once_and_not_while_it_stands_still():
    late, paused = begin(1), begin(1)
    paused.pause(at(3, 2, 10))
    begin(5)
    assert Deadline.objects.mark_breached(at(3, 4)) == 1
    assert Deadline.objects.mark_breached(at(3, 5)) == 0
    late.refresh_from_db()
    assert late.breached_at == late.due_at


def test_a_changed_calendar_moves_no_running_deadline():
    clock = begin(3)
    WorkdayOverride.objects.create(day=at(3, 4).date(), is_workday=False, reason="县里放假")
    assert Deadline.objects.get().due_at == clock.due_at
    assert begin(3).due_at == at(3, 7, 0)


@pytest.mark.parametrize(("number", "warning"), [(0, 0), (3, 4), (3, -1)])
def test_a_span_makes_sense(number, warning):
    with pytest.raises(ValueError, match="span"):
        Span(number, Unit.DAYS, warning)


def test_the_database_refuses_nonsense():
    clock = begin()
    for changes, constraint in [
        ({"due_at": at(1, 1)}, "papers_deadline_in_order"),
        ({"met_at": at(3, 3), "paused_at": at(3, 3)}, "papers_deadline_met_not_paused"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Deadline.objects.filter(pk=clock.pk).update(**changes)


@given(st.integers(1, 60), st.sampled_from(Unit), st.integers(0, 50_000))
def test_every_span_ends_after_it_starts_and_warns_before_it_ends(number, unit, start):
    start = at(1, 1) + timedelta(hours=start)
    span, calendar = Span(number, unit), Calendar()
    assert start < span.end(start, calendar)
    assert span.end(start, calendar, number=number - 1) <= span.end(start, calendar)
