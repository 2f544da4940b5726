"""How an enterprise was scored by the runs over everybody, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from finance.models import ScoreRun, ScoreSheet
from finance.scoring.figures import shown
from finance.scoring.sheets import Points
from portal.kernel.models import Progress

SHOWN: Final = 12
"""How many runs back a page looks."""


@dataclass(frozen=True, slots=True)
class Past:
    """The score by one run; points are hundredths."""

    run: ScoreRun
    points: int
    low: int
    high: int

    @property
    def as_of(self) -> dt.date:
        """The day judged."""
        return self.run.as_of

    @property
    def words(self) -> str:
        """The score, with its range where something was missing."""
        alone = shown(self.points)
        return alone if self.low == self.high else f"{alone}（{shown(self.low)}–{shown(self.high)}）"

    @property
    def bar(self) -> int:
        """Out of a hundred."""
        return self.points // 100


def history(enterprise: int) -> list[Past]:
    """One query; of several runs of a day the last one counts."""
    sheets = ScoreSheet.objects.filter(
        first__lte=enterprise, last__gte=enterprise, run__state=Progress.DONE
    ).select_related("run__version__model")
    found: dict[dt.date, Past] = {}
    for sheet in sheets.order_by("-run__as_of", "-run")[:SHOWN]:
        score = Points.from_bytes(bytes(sheet.payload)).of(enterprise)
        if score is not None and sheet.run.as_of not in found:
            found[sheet.run.as_of] = Past(sheet.run, *score)
    return list(found.values())
