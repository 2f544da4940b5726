"""Spans of time as the law counts them: working days, pauses, and when to warn. Values in, values out.

Hours, natural ones or those in which offices are open, run from the moment itself; half a working day is
half of the hours in which offices are open on one. Of days, the day on which a span starts does not count,
and an end that falls on a holiday moves to the next working day (Civil Code, articles 201 and 203); it comes
with the end of the last day, Beijing time. What stands still for a while ends later by what was lost, counted
in the same way: the day of the stop is not lost, the day of going on is.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from portal.kernel.hours import add_worktime, working_day, worktime_before, worktime_between
from portal.kernel.workdays import Calendar


class Unit(models.TextChoices):
    """In what a span is counted."""

    WORKDAYS = "workdays", gettext_lazy("个工作日")
    DAYS = "days", gettext_lazy("个自然日")
    HALF_DAYS = "halfdays", gettext_lazy("个半天")
    WORK_HOURS = "workhours", gettext_lazy("个工作小时")
    HOURS = "hours", gettext_lazy("小时")


BY_DAY = (Unit.WORKDAYS, Unit.DAYS)
"""Units of which a span ends with a day."""


@dataclass(frozen=True, slots=True)
class Pause:
    """From when until when something stands still; without an end it still does."""

    start: datetime
    end: datetime | None = None


class Happening(Protocol):
    """What pauses are read from: an `EventModel`, for one."""

    name: str
    at: datetime


def pauses_in(events: Iterable[Happening], *, stop: Collection[str], go: Collection[str]) -> list[Pause]:
    """The pauses between an event named in `stop` and the next one named in `go`, oldest first."""
    pauses: list[Pause] = []
    since: datetime | None = None
    for event in sorted(events, key=lambda event: event.at):
        if since is None and event.name in stop:
            since = event.at
        elif since is not None and event.name in go:
            pauses.append(Pause(since, event.at))
            since = None
    return pauses if since is None else [*pauses, Pause(since)]


@dataclass(frozen=True, slots=True)
class Span:
    """`number` units of time; people are warned from the day (hour) `warning` units before the last one.

    For half days the warning is in working hours.
    """

    number: int
    unit: Unit
    warning: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.warning <= self.number or self.number < 1:
            raise ValueError(f"A span is at least 1 and its warning lies within it: {self}")

    def due(self, start: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> datetime:
        """The moment at which the span has passed. Pauses that began later, or still last, move nothing."""
        ended = [(max(each.start, start), each.end) for each in pauses if each.end and each.end > start]
        if self.unit not in BY_DAY:
            end = self._after(start, self._length(calendar), calendar)
            for stopped, went_on in ended:
                if stopped < end:
                    end = self._after(end, self._passed(stopped, went_on, calendar), calendar)
            return end
        last = self._later(timezone.localdate(start), self.number, calendar)
        for stopped, went_on in ended:
            if stopped < end_of_day(calendar.workday_from(last)):
                later = self._later(last, self._lost(stopped, went_on, calendar), calendar)
                last = max(later, timezone.localdate(went_on))  # what goes on is not over yet
        return end_of_day(calendar.workday_from(last))

    def warn(self, due: datetime, calendar: Calendar) -> datetime:
        """When to warn of an end: as a working day begins, the last one when the day itself is none."""
        if self.unit not in BY_DAY:
            before = timedelta(hours=self.warning)
            return due - before if self.unit == Unit.HOURS else worktime_before(due, before, calendar)
        last = timezone.localdate(due - timedelta(microseconds=1))
        if self.unit == Unit.WORKDAYS:
            return start_of_day(calendar.add_workdays(last, -self.warning))
        return start_of_day(calendar.workday_until(last - timedelta(days=self.warning)))

    def is_provisional(self, start: datetime, due: datetime, calendar: Calendar) -> bool:
        """Whether the end may still move, since the holidays of a year it counts are not announced yet."""
        last = timezone.localdate(due - timedelta(microseconds=1))
        years = range(timezone.localdate(start).year, last.year + 1)
        return self.unit != Unit.HOURS and any(map(calendar.is_provisional, years))

    def _length(self, calendar: Calendar) -> timedelta:
        if self.unit == Unit.HALF_DAYS:
            return working_day(calendar) * self.number / 2
        return timedelta(hours=self.number)

    def _after(self, at: datetime, time: timedelta, calendar: Calendar) -> datetime:
        return at + time if self.unit == Unit.HOURS else add_worktime(at, time, calendar)

    def _passed(self, start: datetime, end: datetime, calendar: Calendar) -> timedelta:
        return end - start if self.unit == Unit.HOURS else worktime_between(start, end, calendar)

    def _later(self, day: date, count: int, calendar: Calendar) -> date:
        if self.unit == Unit.WORKDAYS:
            return calendar.add_workdays(day, count)
        return day + timedelta(days=count)

    def _lost(self, start: datetime, end: datetime, calendar: Calendar) -> int:
        first, last = timezone.localdate(start), timezone.localdate(end)
        return calendar.workdays_between(first, last) if self.unit == Unit.WORKDAYS else (last - first).days


def start_of_day(day: date) -> datetime:
    """The first moment of the day, local time."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of_day(day: date) -> datetime:
    """The first moment after the day, local time."""
    return start_of_day(day + timedelta(days=1))
