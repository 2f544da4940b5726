"""Quarters of a year, by which visits are planned and counted."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

_FORM: Final = re.compile(r"(20\d{2})Q([1-4])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a year; `number` from 1."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> Quarter:
        """The one in which the day lies."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def named(cls, text: str, today: dt.date) -> Quarter:
        """The one that `2026Q4` names; today's for whatever names none."""
        found = _FORM.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else cls.of(today)

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> dt.date:
        month = self.number * 3
        return dt.date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return f"{self.year}Q{self.number}"

    @property
    def before(self) -> Quarter:
        return Quarter.of(self.first - dt.timedelta(days=1))

    @property
    def after(self) -> Quarter:
        return Quarter.of(self.last + dt.timedelta(days=1))

    def __str__(self) -> str:
        return _("%(year)d 年第 %(number)d 季度") % {"year": self.year, "number": self.number}
