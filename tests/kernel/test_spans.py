"""Spans: counted as the Civil Code counts, longer by their pauses, warned of in time. Notice for 2026."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.spans import BY_DAY, Pause, Span, Unit, end_of_day, pauses_in
from portal.kernel.workdays import LAST_KNOWN_YEAR, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar()


def at(month, day, hour=9, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def last_day(moment):
    """The day with whose end something ends."""
    return timezone.localdate(moment - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("start", "number", "last"),
    [
        (at(2, 13), 1, date(2026, 2, 14)),  # a Saturday made up for the Spring Festival
        (at(2, 13), 3, date(2026, 2, 25)),
        (at(2, 13), 5, date(2026, 2, 27)),
        (at(9, 18), 1, date(2026, 9, 20)),  # a Sunday made up for the National Day
        (at(9, 30), 3, date(2026, 10, 10)),  # a Saturday made up for it
        (at(3, 2), 3, date(2026, 3, 5)),
        (at(3, 6, 23), 1, date(2026, 3, 9)),  # Friday night → Monday
        (datetime(2026, 3, 2, 17, tzinfo=UTC), 1, date(2026, 3, 4)),  # already Tuesday in Beijing
    ],
)
def test_working_days_leave_out_the_first_day_and_count_the_make_up_days(start, number, last):
    assert Span(number, Unit.WORKDAYS).due(start, CALENDAR) == end_of_day(last)


def test_days_that_end_on_a_holiday_move_to_the_next_working_day():
    assert last_day(Span(5, Unit.DAYS).due(at(3, 2), CALENDAR)) == date(2026, 3, 9)
    assert last_day(Span(1, Unit.DAYS).due(at(2, 14), CALENDAR)) == date(2026, 2, 24)
    assert Span(4, Unit.HOURS).due(at(3, 7), CALENDAR) == at(3, 7, 13)


@pytest.mark.parametrize(
    ("unit", "number", "warning", "start", "warned"),
    [
        (Unit.WORKDAYS, 3, 1, at(3, 2), at(3, 4, 0)),  # due on Thursday, warned on Wednesday
        (Unit.WORKDAYS, 3, 0, at(3, 2), at(3, 5, 0)),
        (Unit.WORKDAYS, 3, 1, at(3, 4), at(3, 6, 0)),  # due on Monday, warned on Friday
        (Unit.WORKDAYS, 5, 2, at(2, 12), at(2, 24, 0)),  # due on the 26th, over the Spring Festival
        (Unit.DAYS, 7, 1, at(3, 2), at(3, 6, 0)),  # due on Monday: Sunday → Friday, not Monday itself
        (Unit.DAYS, 6, 1, at(3, 2), at(3, 6, 0)),  # Sunday → due on Monday; the warning likewise
        (Unit.DAYS, 12, 1, at(2, 12), at(2, 14, 0)),  # the whole festival lies between
        (Unit.HOURS, 4, 1, at(3, 7), at(3, 7, 12)),
    ],
)
def test_the_warning_comes_on_a_working_day_before_the_last(unit, number, warning, start, warned):
    span = Span(number, unit, warning)
    assert span.warn(span.due(start, CALENDAR), CALENDAR) == warned


@pytest.mark.parametrize(
    ("unit", "pause", "last"),
    [
        (Unit.WORKDAYS, (at(3, 3), at(3, 9)), date(2026, 3, 11)),  # lost: Wed, Thu, Fri, Mon
        (Unit.WORKDAYS, (at(3, 3), at(3, 3, 17)), date(2026, 3, 5)),  # within a day
        (Unit.WORKDAYS, (at(3, 1), at(3, 4)), date(2026, 3, 9)),  # began before: lost Tue, Wed
        (Unit.WORKDAYS, (at(2, 1), at(3, 1)), date(2026, 3, 5)),  # was over before
        (Unit.WORKDAYS, (at(3, 5, 23), at(3, 10)), date(2026, 3, 10)),  # in the last hour: Fri, Mon, Tue
        (Unit.WORKDAYS, (at(3, 6, 0), at(3, 20)), date(2026, 3, 5)),  # too late
        (Unit.WORKDAYS, (at(3, 3), None), date(2026, 3, 5)),  # still lasting: not known yet
        (Unit.DAYS, (at(3, 3), at(3, 5)), date(2026, 3, 9)),  # 5 March + 2 is a Saturday
        (Unit.WORKDAYS, (at(3, 5), at(3, 7)), date(2026, 3, 9)),  # on the last day until a Saturday: Monday
    ],
)
def test_a_pause_moves_the_end_by_what_was_lost(unit, pause, last):
    assert last_day(Span(3, unit).due(at(3, 2), CALENDAR, [Pause(*pause)])) == last


def test_days_lost_before_a_holiday_are_not_rolled_twice():
    """6 days end on Sunday, hence Monday; with one day lost they end on that Monday all the same."""
    pause = Pause(at(3, 3), at(3, 4))
    assert last_day(Span(6, Unit.DAYS).due(at(3, 2), CALENDAR, [pause])) == date(2026, 3, 9)


def test_hours_move_by_the_exact_time():
    pauses = [Pause(at(3, 2, 10), at(3, 2, 12, 30)), Pause(at(3, 2, 15), at(3, 2, 16)), Pause(at(3, 2, 17))]
    assert Span(4, Unit.HOURS).due(at(3, 2), CALENDAR, pauses) == at(3, 2, 16, 30)


def test_pauses_are_read_from_events_whatever_their_order():
    def event(name, moment):
        return SimpleNamespace(name=name, at=moment)

    events = [
        event("ask", at(3, 9)),
        event("told", at(3, 2)),
        event("ask", at(3, 3)),
        event("ask", at(3, 4)),
        event("note", at(3, 5)),
        event("told", at(3, 6)),
        event("told", at(3, 7)),
    ]
    assert pauses_in(events, stop={"ask"}, go={"told"}) == [Pause(at(3, 3), at(3, 6)), Pause(at(3, 9))]
    assert pauses_in([], stop={"ask"}, go={"told"}) == []


def test_an_end_is_provisional_while_a_year_it_counts_is_not_announced():
    year = LAST_KNOWN_YEAR + 1
    start = datetime(LAST_KNOWN_YEAR, 12, 28, 9, tzinfo=SHANGHAI)
    span, announced = Span(10, Unit.WORKDAYS), Calendar(announced=frozenset({year}))
    due = span.due(start, CALENDAR)
    assert span.is_provisional(start, due, CALENDAR)
    assert not span.is_provisional(start, due, announced)
    assert not Span(500, Unit.HOURS).is_provisional(start, due, CALENDAR)
    assert not span.is_provisional(start, end_of_day(date(LAST_KNOWN_YEAR, 12, 31)), CALENDAR)
    assert not span.is_provisional(datetime(1999, 3, 1, tzinfo=SHANGHAI), at(3, 2), CALENDAR)


@pytest.mark.parametrize(("number", "warning"), [(0, 0), (3, 4), (3, -1)])
def test_a_span_makes_sense(number, warning):
    with pytest.raises(ValueError, match="span"):
        Span(number, Unit.DAYS, warning)


moments = st.integers(0, 50_000).map(lambda hours: at(1, 1) + timedelta(hours=hours))
units = st.sampled_from(Unit)


@given(st.integers(1, 60), units, moments, st.data())
def test_every_span_ends_after_its_start_and_is_warned_of_before(number, unit, start, data):
    span = Span(number, unit, data.draw(st.integers(0, number)))
    due = span.due(start, CALENDAR)
    warned = span.warn(due, CALENDAR)
    assert start < due
    assert warned <= due
    if unit != Unit.HOURS:
        assert CALENDAR.is_workday(last_day(due))
        assert CALENDAR.is_workday(timezone.localdate(warned))
    if unit in BY_DAY:
        assert timezone.localdate(warned) < last_day(due) or span.warning == 0


@given(st.integers(1, 30), units, moments, st.lists(st.integers(1, 300), max_size=6))
def test_pauses_never_shorten_and_never_give_more_than_they_lasted(number, unit, start, hours):
    edges = [start]
    for gap in hours:
        edges.append(edges[-1] + timedelta(hours=gap))
    pauses = [Pause(*pair) for pair in zip(edges[1::2], edges[2::2], strict=False)]
    span = Span(number, unit)
    plain, paused = span.due(start, CALENDAR), span.due(start, CALENDAR, pauses)
    assert plain <= paused
    lasted = sum((pause.end - pause.start for pause in pauses), timedelta())
    if unit == Unit.HOURS:
        assert paused - plain <= lasted
    if unit == Unit.WORKDAYS:
        lost = CALENDAR.workdays_between(last_day(plain), last_day(paused))
        assert lost <= lasted.days + len(pauses)


def due_by_days(span, start, pauses):
    """Day after day passes: it counts unless it is no day of the unit, or lost; the end is not in a pause."""
    day, left = timezone.localdate(start), span.number
    while True:
        day += timedelta(days=1)
        lost = any(timezone.localdate(each.start) < day <= timezone.localdate(each.end) for each in pauses)
        left -= not lost and (span.unit == Unit.DAYS or CALENDAR.is_workday(day))
        still = any(each.start < end_of_day(day) <= each.end for each in pauses)
        if left <= 0 and not still and CALENDAR.is_workday(day):
            return end_of_day(day)


@given(st.integers(1, 15), st.sampled_from(BY_DAY), moments, st.lists(st.integers(1, 150), max_size=8))
def test_days_pass_as_if_one_by_one(number, unit, start, hours):
    edges = [start]
    for gap in hours:
        edges.append(edges[-1] + timedelta(hours=gap))
    pauses = [Pause(*pair) for pair in zip(edges[1::2], edges[2::2], strict=False)]
    span = Span(number, unit)
    assert span.due(start, CALENDAR, pauses) == due_by_days(span, start, pauses)
