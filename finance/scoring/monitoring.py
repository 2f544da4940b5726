"""How the scores do: distribution, stability between two days, defaults by band. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from finance.scoring.sheets import BAND_WIDTH, BANDS, band_of

STABLE, SHIFTED = 0.1, 0.25
"""Usual lines of the index: below the first nothing to do, from the second on the table wants a review."""
LEAST_SHARE = 0.0001
"""Stands for the share of an empty band, of which no logarithm can be taken."""


def stability(before: Sequence[int], after: Sequence[int]) -> float | None:
    """Population stability index: Σ (a − b) · ln(a / b) over the shares of bands; None without either.

    Siddiqi, Credit Risk Scorecards (2006), ch. 9. A measure to look at: nothing is decided by it.
    """
    if not sum(before) or not sum(after):
        return None
    shares = [
        (max(old / sum(before), LEAST_SHARE), max(new / sum(after), LEAST_SHARE))
        for old, new in zip(before, after, strict=True)
    ]
    return round(sum((new - old) * log(new / old) for old, new in shares), 4)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A loan whose end is known, with the enterprise's score by the last run before it."""

    points: int
    defaulted: bool
    """Whether it fell overdue for good or was written off."""


@dataclass(frozen=True, slots=True)
class Band:
    """Ten points of the scale."""

    number: int
    count: int
    tenths: int | None
    """Share of all in tenths of a percent; None where there are none at all."""
    loans: int = 0
    defaults: int = 0

    @property
    def label(self) -> str:
        """From where to where, in points; the last one ends with 100."""
        low = self.number * BAND_WIDTH // 100
        return f"{low}–{100 if self.number == BANDS - 1 else low + 10}"

    @property
    def share(self) -> str:
        """Share of all in percent, one place; a few that make no tenth are told from none."""
        if self.tenths is None:
            return "—"
        return "<0.1%" if self.count and not self.tenths else f"{self.tenths // 10}.{self.tenths % 10}%"

    @property
    def default_rate(self) -> str:
        """Share of its loans that defaulted."""
        return percent(self.defaults, self.loans)


def percent(part: int, whole: int) -> str:
    """A share in percent with one place, rounded half up; — of nothing. Only none is 0 %, only all 100 %."""
    if not whole:
        return "—"
    tenths = (2_000 * part + whole) // (2 * whole)
    tenths = min(tenths, 999) if part < whole else tenths
    tenths = max(tenths, 1) if part else tenths
    return f"{tenths // 10}.{tenths % 10}%"


def bands(counts: Sequence[int], outcomes: Iterable[Outcome] = ()) -> list[Band]:
    """A distribution by tens of points, with what became of loans."""
    loans, defaults = [0] * BANDS, [0] * BANDS
    for outcome in outcomes:
        loans[band_of(outcome.points)] += 1
        defaults[band_of(outcome.points)] += outcome.defaulted
    return [Band(*row) for row in zip(range(BANDS), counts, _tenths(counts), loans, defaults, strict=True)]


def _tenths(counts: Sequence[int]) -> list[int] | list[None]:
    """Shares in tenths of a percent that add up to the whole: what is left goes to the largest remainders."""
    whole = sum(counts)
    if not whole:
        return [None] * len(counts)
    found = [1_000 * count // whole for count in counts]
    by_rest = sorted(range(len(counts)), key=lambda place: (-(1_000 * counts[place] % whole), place))
    for place in by_rest[: 1_000 - sum(found)]:
        found[place] += 1
    return found
