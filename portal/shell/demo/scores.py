"""Scores of the demo county: the months' runs until today, so that there is something to watch."""

from __future__ import annotations

import datetime as dt
from typing import Final

from finance.models import ScoreRun
from finance.scoring import runs
from finance.scoring.cards import version_in_use

MONTHS: Final = 3


def score_months(today: dt.date) -> int:
    """Everybody scored on the first of these months, by what is known now; how many runs there were.

    Nothing where there are runs already.
    """
    if ScoreRun.objects.exists():
        return 0
    version = version_in_use()
    first = today.replace(day=1)
    days = [first]
    for _month in range(MONTHS - 1):
        days.append((days[-1] - dt.timedelta(days=1)).replace(day=1))
    for day in reversed(days):
        runs.work(runs.note_run(version, as_of=day))
    return len(days)
