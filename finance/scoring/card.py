"""A points table as plain values: characteristics with their bins. Pure.

Points are whole hundredths of a point, bounds are exact; no float touches either, so that one enterprise
and all at once (``batch``) come to the same last digit.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from enterprises.catalogue import Kind, Plain
from enterprises.derived import sources_of
from finance.scoring.enums import Dimension

CREDENTIALS = "credentials"
"""Stands for a fact where the certificates held count."""
SCORED_KINDS = frozenset(
    {Kind.MONEY, Kind.NUMBER, Kind.PERCENT, Kind.INTEGER, Kind.BOOL, Kind.CHOICE, Kind.CHOICES}
)
"""Kinds of facts that may count. Where an enterprise is and what it trades in may not."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Values that count alike: ``lower`` ≤ figure < ``upper`` (canonical: money in fen), or ``values``.

    Of ``values``, None says that this is a bin of figures, the empty set that it takes everything else.
    """

    label: str
    points: int
    lower: Fraction | None = None
    upper: Fraction | None = None
    values: frozenset[str] | None = None
    reason: str = ""
    tip: str = ""
    """How an enterprise comes into this bin; empty where that is not in its hands."""


@dataclass(frozen=True)
class Characteristic:
    """One thing that counts. Bins of figures rise and cover every figure; others stand in order."""

    key: str
    label: str
    dimension: Dimension
    fact: str
    """Key of a fact, or ``CREDENTIALS``."""
    bins: tuple[Bin, ...]
    monotone: str = ""
    years: int = 2

    @cached_property
    def bounds(self) -> tuple[Fraction, ...]:
        """Where one bin of figures ends and the next begins."""
        return tuple(one.lower for one in self.bins[1:] if one.lower is not None)

    @cached_property
    def takes_figures(self) -> bool:
        """Whether the bins are of figures."""
        return self.bins[0].values is None

    @cached_property
    def least(self) -> int:
        """Points of the worst bin."""
        return min(one.points for one in self.bins)

    @cached_property
    def most(self) -> int:
        """Points of the best bin."""
        return max(one.points for one in self.bins)

    @cached_property
    def asked(self) -> frozenset[str]:
        """Stored facts that the value is made from."""
        return frozenset() if self.fact == CREDENTIALS else frozenset(sources_of({self.fact}))

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of certificates that count, where certificates do."""
        named = (one.values or frozenset() for one in self.bins) if self.fact == CREDENTIALS else ()
        return frozenset().union(*named)

    def place(self, value: Plain) -> int | None:
        """Which bin a value falls in; None where no bin takes it (a choice added after publication)."""
        if self.takes_figures:
            return bisect_right(self.bounds, value)
        if isinstance(value, bool):
            value = "true" if value else "false"
        held = value if isinstance(value, frozenset) else frozenset({str(value)})
        for number, one in enumerate(self.bins):
            if one.values and one.values & held:
                return number
        return next((number for number, one in enumerate(self.bins) if not one.values), None)


@dataclass(frozen=True)
class Card:
    """A version of a points table, ready to reckon with."""

    base: int
    weights: Mapping[Dimension, int]
    characteristics: tuple[Characteristic, ...]
    version: int = 0
    """Id of the version in the database; 0 for a table from nowhere."""

    @cached_property
    def facts(self) -> set[str]:
        """Keys of facts to be known, derived ones included."""
        return {one.fact for one in self.characteristics if one.fact != CREDENTIALS}

    @cached_property
    def least(self) -> int:
        """The lowest score there can be."""
        return self.base + sum(one.least for one in self.characteristics)

    @cached_property
    def most(self) -> int:
        """The highest score there can be."""
        return self.base + sum(one.most for one in self.characteristics)

    def of_dimension(self, dimension: Dimension) -> list[Characteristic]:
        """What a dimension looks at."""
        return [one for one in self.characteristics if one.dimension == dimension]

    @cached_property
    def digest(self) -> str:
        """Tells this table from one with any other bound, point or word."""
        told = [self.base, {str(key): weight for key, weight in self.weights.items()}]
        told += [_told(one) for one in self.characteristics]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _told(one: Characteristic) -> list[Any]:
    bins = [
        [each.label, each.points, str(each.lower), str(each.upper), each.reason, each.tip]
        + [None if each.values is None else sorted(each.values)]
        for each in one.bins
    ]
    return [one.key, one.label, str(one.dimension), one.fact, one.monotone, one.years, bins]
