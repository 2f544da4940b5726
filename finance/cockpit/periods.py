"""Times that the finance office looks at: all, the last twelve months, this year, or one month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.measures import MONTHS, Span, first_of_month

ALL, RECENT, YEAR = "", "recent", "year"


def key_of(month: dt.date) -> str:
    """How a month is named in an address: `2026-11`."""
    return f"{month:%Y-%m}"


def choices() -> list[tuple[str, str]]:
    """Keys with words, without the empty one that is all."""
    months = [(key_of(day), key_of(day)) for day in _months()]
    return [(RECENT, _("近 12 个月")), (YEAR, _("今年")), *months]


def span_of(key: str) -> Span:
    """Days of a period, none of them to come; all of them for a key that is not among the choices."""
    today = timezone.localdate()
    tomorrow = today + dt.timedelta(days=1)
    if key == RECENT:
        return Span(first_of_month(today, MONTHS - 1), tomorrow)
    if key == YEAR:
        return Span(today.replace(month=1, day=1), tomorrow)
    month = next((day for day in _months() if key_of(day) == key), None)
    return Span(month, tomorrow if month is None else min(first_of_month(month, -1), tomorrow))


def is_over(key: str) -> bool:
    """Whether a period ended before today: what was owed then is not what is owed now."""
    return span_of(key).before <= timezone.localdate()


def _months() -> Iterator[dt.date]:
    """The first days of the last twelve months, the latest first."""
    today = timezone.localdate()
    return (first_of_month(today, back) for back in range(MONTHS))
