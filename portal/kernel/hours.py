"""The hours in which offices are open: the next such moment, and time counted in them alone.

They are rows (`WorkingPeriod`), the same on every working day, and come with the calendar; a period holds its
first moment and not its last. Moments are local ones of the county's time zone.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone

from portal.kernel.workdays import ONE_DAY, Calendar


def is_working(at: datetime, calendar: Calendar) -> bool:
    """Whether offices are open at that moment."""
    return next_working_moment(at, calendar) == at


def next_working_moment(at: datetime, calendar: Calendar) -> datetime:
    """The moment itself while offices are open, else the one at which they open next."""
    return next(max(at, opens) for opens, closes in _periods_from(at, calendar) if at < closes)


def add_worktime(at: datetime, time: timedelta, calendar: Calendar) -> datetime:
    """The moment at which offices have been open for `time` since `at`; `at` itself for none."""
    left = time
    if not left:
        return at
    for opens, closes in _periods_from(at, calendar):
        opens = max(opens, at)
        if closes - opens >= left:
            return opens + left
        left -= max(closes - opens, timedelta())
    raise AssertionError("a calendar has no end")


def worktime_before(at: datetime, time: timedelta, calendar: Calendar) -> datetime:
    """The last moment from which offices have been open for `time` until `at`; `at` itself for none."""
    left = time
    if not left:
        return at
    for opens, closes in _periods_until(at, calendar):
        closes = min(closes, at)
        if closes - opens >= left:
            return closes - left
        left -= max(closes - opens, timedelta())
    raise AssertionError("a calendar has no beginning")


def worktime_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """For how long offices are open from `start` until `end`; nothing when `end` comes first."""
    total = timedelta()
    for opens, closes in _periods_from(start, calendar):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta())
    return total


def working_day(calendar: Calendar) -> timedelta:
    """For how long offices are open on a working day."""
    day = date.min
    return sum((datetime.combine(day, b) - datetime.combine(day, a) for a, b in calendar.hours), timedelta())


def _periods_from(at: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """From when until when offices are open, from the moment's day on."""
    day = timezone.localdate(at)
    while True:
        yield from _periods_of(day, calendar)
        day += ONE_DAY


def _periods_until(at: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The same from the moment's day back, the latest first."""
    day = timezone.localdate(at)
    while True:
        yield from reversed(_periods_of(day, calendar))
        day -= ONE_DAY


def _periods_of(day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    if not calendar.is_workday(day):
        return []
    aware = timezone.make_aware
    return [
        (aware(datetime.combine(day, opens)), aware(datetime.combine(day, closes)))
        for opens, closes in calendar.hours
    ]
