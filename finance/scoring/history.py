"""How an enterprise was scored: by the runs over everybody, and by what it let banks read; newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from enterprises.consents.wording import whom
from finance.models import Score, ScoreRun, ScoreSheet
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
        return words_of(self.points, self.low, self.high)

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


@dataclass(frozen=True, slots=True)
class Seen:
    """A score that somebody had when they read under a consent."""

    score: Score

    @property
    def whom(self) -> str:
        """To whom the consent is given."""
        return whom(self.score.reading.consent)

    @property
    def words(self) -> str:
        """The score, with its range where something was missing or not let known."""
        return words_of(self.score.points, self.score.low, self.score.high)


def seen(enterprise: int) -> list[Seen]:
    """The last scores of the enterprise that were shown under its consents: one query."""
    rows = Score.objects.filter(enterprise=enterprise).select_related("reading__consent__grantee")
    return [Seen(score) for score in rows.order_by("-pk")[:SHOWN]]


def words_of(points: int, low: int, high: int) -> str:
    """A score, with the bounds it lies between unless nothing is missing."""
    alone = shown(points)
    return alone if low == high else f"{alone}（{shown(low)}–{shown(high)}）"
