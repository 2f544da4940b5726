"""Working time: nine to twelve and two to half past five on working days, Beijing time."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from portal.kernel.workdays import Calendar

BLOCKS: Final = ((dt.time(9), dt.time(12)), (dt.time(14), dt.time(17, 30)))
A_DAY: Final = 390
"""Working minutes of a day."""
ONE_DAY: Final = dt.timedelta(days=1)
Span = tuple[dt.datetime, dt.datetime]


class Hours:
    """Moments by working minutes."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def after(self, at: dt.datetime, minutes: float) -> dt.datetime:
        """So many working minutes later."""
        left, day = dt.timedelta(minutes=minutes), timezone.localdate(at)
        while True:
            for begin, end in self._blocks(day):
                begin = max(begin, at)
                if begin < end and begin + left <= end:
                    return begin + left
                left -= max(end - begin, dt.timedelta())
            day += ONE_DAY

    def before(self, at: dt.datetime, minutes: float) -> dt.datetime:
        """So many working minutes earlier."""
        left, day = dt.timedelta(minutes=minutes), timezone.localdate(at)
        while True:
            for begin, end in reversed(self._blocks(day)):
                end = min(end, at)
                if begin < end and end - left >= begin:
                    return end - left
                left -= max(end - begin, dt.timedelta())
            day -= ONE_DAY

    def between(self, first: dt.datetime, last: dt.datetime) -> float:
        """Working minutes from one moment to another."""
        total, day = dt.timedelta(), timezone.localdate(first)
        while day <= timezone.localdate(last):
            for begin, end in self._blocks(day):
                total += max(min(end, last) - max(begin, first), dt.timedelta())
            day += ONE_DAY
        return total / dt.timedelta(minutes=1)

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """A moment of a day."""
        return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))

    def _blocks(self, day: dt.date) -> list[Span]:
        if not self.calendar.is_workday(day):
            return []
        return [
            (
                timezone.make_aware(dt.datetime.combine(day, begin)),
                timezone.make_aware(dt.datetime.combine(day, end)),
            )
            for begin, end in BLOCKS
        ]
