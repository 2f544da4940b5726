"""Rankings of the demo's banks: the months that are over, from the loans the demo told."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from finance.measures import first_of_month
from finance.rankings.snapshot import take

MONTHS: Final = 4
"""The loans of the demo reach back half a year; of its first month there is little to rank."""


def rank_months(now: dt.datetime) -> int:
    """The rankings of the last months, the oldest first; how many there are. Those that are there stay."""
    today = timezone.localdate(now)
    return len([take(first_of_month(today, back), at=now) for back in range(MONTHS, 0, -1)])
