"""Working time in minutes: the hours in which offices are open, as the kernel counts them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from portal.kernel.hours import add_worktime, worktime_before, worktime_between
from portal.kernel.workdays import Calendar

A_DAY: Final = 420
"""Working minutes of a usual day."""
MINUTE: Final = dt.timedelta(minutes=1)


class Hours:
    """Moments by working minutes."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def after(self, at: dt.datetime, minutes: float) -> dt.datetime:
        """So many working minutes later."""
        return add_worktime(at, minutes * MINUTE, self.calendar)

    def before(self, at: dt.datetime, minutes: float) -> dt.datetime:
        """So many working minutes earlier."""
        return worktime_before(at, minutes * MINUTE, self.calendar)

    def between(self, first: dt.datetime, last: dt.datetime) -> float:
        """Working minutes from one moment to another."""
        return worktime_between(first, last, self.calendar) / MINUTE

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """A moment of a day."""
        return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))
