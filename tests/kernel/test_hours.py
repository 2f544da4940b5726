"""Hours in which offices are open, against a plain reference: each quarter of an hour. Year 2026."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.hours import (
    add_worktime,
    is_working,
    next_working_moment,
    working_day,
    worktime_before,
    worktime_between,
)
from portal.kernel.models import WorkingPeriod
from portal.kernel.spans import Pause, Span, Unit
from portal.kernel.workdays import USUAL_HOURS, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(hours=((time(9), time(12)), (time(14), time(17, 30))))
STEP = timedelta(minutes=15)


def at(month, day, hour=9, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "next_one"),
    [
        (at(3, 2, 9), at(3, 2, 9)),
        (at(3, 2, 8, 59), at(3, 2, 9)),
        (at(3, 2, 11, 59), at(3, 2, 11, 59)),
        (at(3, 2, 12), at(3, 2, 14)),  # a period does not hold its last moment
        (at(3, 2, 17, 29), at(3, 2, 17, 29)),
        (at(3, 2, 17, 30), at(3, 3, 9)),
        (at(3, 6, 18), at(3, 9, 9)),  # Friday evening → Monday
        (at(2, 13, 18), at(2, 14, 9)),  # → a Saturday made up for the Spring Festival
        (at(2, 14, 18), at(2, 24, 9)),  # the whole festival
        (at(9, 18, 18), at(9, 20, 9)),  # → a Sunday made up for the National Day
    ],
)
def test_the_next_working_moment(moment, next_one):
    assert next_working_moment(moment, CALENDAR) == next_one
    assert is_working(moment, CALENDAR) is (moment == next_one)
    assert next_working_moment(moment.astimezone(ZoneInfo("America/Lima")), CALENDAR) == next_one


@pytest.mark.parametrize(
    ("unit", "number", "start", "due"),
    [
        (Unit.HALF_DAYS, 1, at(3, 2, 9), at(3, 2, 14, 15)),  # 6.5 hours a day, 3.25 of them
        (Unit.HALF_DAYS, 1, at(3, 6, 16), at(3, 9, 10, 45)),  # Friday afternoon → Monday
        (Unit.HALF_DAYS, 1, at(3, 7, 16), at(3, 9, 14, 15)),  # a Saturday
        (Unit.HALF_DAYS, 2, at(3, 2, 9), at(3, 2, 17, 30)),
        (Unit.WORK_HOURS, 3, at(3, 2, 9), at(3, 2, 12)),
        (Unit.WORK_HOURS, 4, at(3, 2, 9), at(3, 2, 15)),
        (Unit.WORK_HOURS, 1, at(2, 14, 17), at(2, 24, 9, 30)),
    ],
)
def test_spans_in_working_time(unit, number, start, due):
    assert Span(number, unit).due(start, CALENDAR) == due


def test_a_span_in_working_time_is_warned_of_in_working_time():
    half_day = Span(1, Unit.HALF_DAYS, 1)  # one working hour before
    assert half_day.warn(at(3, 9, 9, 30), CALENDAR) == at(3, 6, 17)
    assert Span(4, Unit.WORK_HOURS, 2).warn(at(3, 2, 15), CALENDAR) == at(3, 2, 11)
    assert Span(1, Unit.HALF_DAYS, 0).warn(at(3, 9, 9, 30), CALENDAR) == at(3, 9, 9, 30)


def test_a_pause_gives_back_the_working_time_it_took():
    start = at(3, 2, 9)
    span = Span(4, Unit.WORK_HOURS)
    assert span.due(start, CALENDAR, [Pause(at(3, 2, 10), at(3, 2, 14, 30))]) == at(3, 2, 17, 30)
    assert span.due(start, CALENDAR, [Pause(at(3, 2, 12), at(3, 2, 14))]) == at(3, 2, 15), "the midday rest"
    assert span.due(start, CALENDAR, [Pause(at(3, 2, 15), at(3, 9))]) == at(3, 2, 15), "it was over"
    assert span.due(start, CALENDAR, [Pause(at(3, 2, 10), at(3, 9, 9))]) == at(3, 9, 12)


quarters = st.integers(0, 10_000).map(lambda count: at(1, 30, 0) + count * STEP)
half_hours = st.integers(0, 47)


@st.composite
def calendars(draw):
    """Any hours of any number of periods, apart or side by side; and some days that are otherwise."""
    edges = draw(st.lists(half_hours, min_size=2, max_size=6, unique=True).map(sorted))
    times = [time(edge // 2, edge % 2 * 30) for edge in edges]
    days = st.dates(date(2026, 1, 30), date(2026, 6, 1))
    hours = tuple(zip(times[::2], times[1::2], strict=False))
    return Calendar(draw(st.dictionaries(days, st.booleans(), max_size=5)), hours=hours)


def open_at(moment, calendar):
    local = moment.astimezone(SHANGHAI)
    return calendar.is_workday(local.date()) and any(a <= local.time() < b for a, b in calendar.hours)


def due_by_steps(start, left, calendar, pauses=()):
    """Time passes a quarter of an hour at a time while offices are open and nothing stands still."""
    moment = start
    while left:
        still = any(pause.start <= moment and (moment < pause.end) for pause in pauses)
        left -= STEP if open_at(moment, calendar) and not still else timedelta()
        moment += STEP
    return moment


@given(quarters, st.integers(1, 60), calendars())
def test_working_time_passes_as_if_looked_at_step_by_step(start, count, calendar):
    time_open = count * STEP
    end = add_worktime(start, time_open, calendar)
    assert end == due_by_steps(start, time_open, calendar)
    assert worktime_between(start, end, calendar) == time_open
    assert worktime_between(end, start, calendar) == timedelta()
    back = worktime_before(end, time_open, calendar)
    assert back >= start
    assert worktime_between(back, end, calendar) == time_open
    assert worktime_between(back + STEP, end, calendar) == time_open - STEP, "the last such moment"


@given(quarters, calendars())
def test_the_next_working_moment_is_the_first_one(at, calendar):
    found = next_working_moment(at, calendar)
    while at < found:
        assert not open_at(at, calendar)
        at += STEP
    assert open_at(found, calendar)
    assert add_worktime(at, timedelta(), calendar) == at


@given(quarters, st.integers(1, 12), calendars(), st.lists(st.integers(1, 200), max_size=6))
def test_pauses_stop_working_time_and_nothing_else(start, hours, calendar, gaps):
    edges = [start]
    for gap in gaps:
        edges.append(edges[-1] + gap * STEP)
    pauses = [Pause(*pair) for pair in zip(edges[1::2], edges[2::2], strict=False)]
    due = Span(hours, Unit.WORK_HOURS).due(start, calendar, pauses)
    assert due == due_by_steps(start, timedelta(hours=hours), calendar, pauses)


@given(calendars(), quarters)
def test_two_half_days_are_a_day(calendar, start):
    one, two = Span(1, Unit.HALF_DAYS), Span(2, Unit.HALF_DAYS)
    assert two.due(start, calendar) == one.due(one.due(start, calendar), calendar)
    assert worktime_between(start, two.due(start, calendar), calendar) == working_day(calendar)


@pytest.mark.django_db
class TestTable:
    def test_the_usual_hours_are_there_from_the_start_and_may_be_changed(self):
        assert Calendar.load().hours == USUAL_HOURS
        WorkingPeriod.objects.filter(starts=time(14)).update(starts=time(13, 30), ends=time(17))
        assert Calendar.load().hours == ((time(9), time(12)), (time(13, 30), time(17)))

    def test_there_is_always_a_next_working_moment(self):
        WorkingPeriod.objects.all().delete()
        assert Calendar.load().hours == USUAL_HOURS

    def test_all_is_read_in_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            Calendar.load()

    @pytest.mark.parametrize(
        ("starts", "ends", "constraint"),
        [
            (time(20), time(19), "in_order"),
            (time(20), time(20), "in_order"),
            (time(11), time(13), "no_overlap"),
            (time(8), time(20), "no_overlap"),
        ],
    )
    def test_periods_are_apart(self, starts, ends, constraint):
        period = WorkingPeriod(starts=starts, ends=ends)
        with pytest.raises(ValidationError, match="结束须晚于开始" if constraint == "in_order" else "重叠"):
            period.full_clean()
        with pytest.raises(IntegrityError, match=f"kernel_workingperiod_{constraint}"), transaction.atomic():
            period.save()

    def test_periods_may_touch(self):
        WorkingPeriod(starts=time(12), ends=time(14)).full_clean()
