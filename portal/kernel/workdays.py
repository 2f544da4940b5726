"""Working days of mainland China: the State Council's notices through chinesecalendar, and a table over it.

The table (`WorkdayOverride`) holds what the package does not know yet, and the days that the county sets
otherwise. A year is provisional, Monday to Friday taken as working days, until the package knows it or
somebody who has typed in its notice marks it as announced (`AnnouncedYear`): one day alone says nothing.
The hours of a working day (`WorkingPeriod`) come along; `portal.kernel.hours` counts in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from django.db.models import BooleanField, DateField, F, Func, TimeField, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.models import AnnouncedYear, WorkdayOverride, WorkingPeriod

LAST_KNOWN_YEAR: Final = max(holidays).year
FIRST_KNOWN_YEAR: Final = min(holidays).year
MOST_DAYS: Final = 5_000
ONE_DAY: Final = timedelta(days=1)
Period = tuple[time, time]
USUAL_HOURS: Final[tuple[Period, ...]] = ((time(9), time(12)), (time(14), time(18)))
"""When offices are open as long as nobody says otherwise."""
_WALKED: Final = 100
"""Days up to which a span is walked day by day, which is then quicker than looking at all exceptions."""
_EXCEPTIONS: Final = dict.fromkeys(holidays, False) | dict.fromkeys(workdays, True)
"""Days on which the notices depart from Monday to Friday, or say the same of them."""


@dataclass(frozen=True)
class Calendar:
    """The working days as they are known now; `load` reads the table once, then nothing queries."""

    overrides: Mapping[date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()
    """Years after `LAST_KNOWN_YEAR` whose notice is in the overrides."""
    hours: tuple[Period, ...] = USUAL_HOURS
    """From when until when offices are open on a working day, in order."""

    @classmethod
    def load(cls) -> "Calendar":
        """With every override, announced year and period of the day in force: one query."""
        no_time, no_day = Value(None, TimeField(null=True)), Value(None, DateField(null=True))
        nothing = Value(None, BooleanField(null=True))
        first_days = Func(F("year"), 1, 1, function="make_date", output_field=DateField())
        periods = WorkingPeriod.objects.order_by().values_list(no_day, nothing, "starts", "ends")
        years = AnnouncedYear.objects.order_by().values_list(first_days, nothing, no_time, no_time)
        days = WorkdayOverride.objects.order_by().values_list("day", "is_workday", no_time, no_time)
        rows = list(periods.union(days, years, all=True))  # the periods first: they give the times their type
        hours = sorted((starts, ends) for _day, _works, starts, ends in rows if starts is not None)
        return cls(
            {day: works for day, works, _starts, _ends in rows if works is not None},
            frozenset(day.year for day, works, _starts, _ends in rows if day is not None and works is None),
            tuple(hours) or USUAL_HOURS,
        )

    def is_provisional(self, year: int) -> bool:
        """Whether the holidays of the year are not announced yet: dates that count on it may still move."""
        return year > LAST_KNOWN_YEAR and year not in self.announced

    @property
    def known_until(self) -> datetime:
        """The first moment, local time, of the first provisional year."""
        year = LAST_KNOWN_YEAR + 1
        while not self.is_provisional(year):
            year += 1
        return timezone.make_aware(datetime.combine(date(year, 1, 1), time.min))

    def is_workday(self, day: date) -> bool:
        """Whether offices work on the day, make-up days included."""
        if day in self.overrides:
            return self.overrides[day]
        return _is_usual_workday(day)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it, when negative); `day` itself for 0.

        The day itself does not count (Civil Code, article 201). Raises DomainError beyond `MOST_DAYS`.
        """
        if abs(count) > MOST_DAYS:
            raise DomainError(
                _("工作日数过大：最多 %(most)d 个。") % {"most": MOST_DAYS}, code="too_many_workdays"
            )
        step = ONE_DAY if count > 0 else -ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first."""
        if end < start:
            return -self.workdays_between(end, start)
        days = (end - start).days
        if days <= _WALKED:
            return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, days + 1))
        exceptions = _EXCEPTIONS | dict(self.overrides)
        within = ((day, works) for day, works in exceptions.items() if start < day <= end)
        return _weekdays(start, end) + sum(works - (day.weekday() < 5) for day, works in within)

    def workday_from(self, day: date) -> date:
        """The day itself when it is a working day, else the next one (Civil Code, article 203)."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def workday_until(self, day: date) -> date:
        """The day itself when it is a working day, else the one before: for what must not come too late."""
        while not self.is_workday(day):
            day -= ONE_DAY
        return day


@lru_cache(maxsize=10_000)  # days; a page of deadlines asks for hundreds, over and over the same
def _is_usual_workday(day: date) -> bool:
    """By the notices that the package knows, else by the week."""
    if FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def _weekdays(start: date, end: date) -> int:
    """Mondays to Fridays after `start` up to and including `end`."""
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start.weekday() + day) % 7 < 5 for day in range(1, rest + 1))


def is_workday(day: date) -> bool:
    """See `Calendar.is_workday`; one query."""
    return Calendar.load().is_workday(day)


def add_workdays(day: date, count: int) -> date:
    """See `Calendar.add_workdays`; one query."""
    return Calendar.load().add_workdays(day, count)


def workdays_between(start: date, end: date) -> int:
    """See `Calendar.workdays_between`; one query."""
    return Calendar.load().workdays_between(start, end)


def is_provisional(year: int) -> bool:
    """See `Calendar.is_provisional`; one query."""
    return Calendar.load().is_provisional(year)
