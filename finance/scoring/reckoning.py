"""The score of one enterprise with its reasons. Pure; ``batch`` reckons the same of all at once.

What is missing counts neither way: the score says so, and between which bounds it would come to lie.
What does not apply to an enterprise counts neither way for good.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from enterprises.catalogue import NOT_APPLICABLE, Kind, Tier, Value
from enterprises.knowledge import Knowledge, Known
from finance.scoring.card import CREDENTIALS, Bin, Card, Characteristic
from finance.scoring.enums import Dimension

Allowed = Callable[[Characteristic], bool]


class Standing(enum.StrEnum):
    """What is known of a characteristic."""

    KNOWN = "known"
    MISSING = "missing"
    INAPPLICABLE = "inapplicable"
    WITHHELD = "withheld"
    """Known or not: the enterprise has not allowed it to be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one characteristic adds to the score, and why. Points are hundredths of a point."""

    characteristic: Characteristic
    standing: Standing
    points: int = 0
    low: int = 0
    high: int = 0
    place: int | None = None
    value: Value | None = None
    period: int | None = None
    tier: Tier | None = None
    source: str = ""
    as_of: dt.date | None = None

    @property
    def bin(self) -> Bin | None:
        """The bin that the value falls in."""
        return None if self.place is None else self.characteristic.bins[self.place]

    @property
    def reason(self) -> str:
        """Why points were added or taken away; empty where none were."""
        return self.bin.reason if self.bin is not None else ""


@dataclass(frozen=True)
class Reckoned:
    """A score, the bounds it lies between whatever the missing turns out to be, and what it is made of."""

    card: Card
    points: int
    low: int
    high: int
    parts: tuple[Part, ...]

    @property
    def settled(self) -> bool:
        """Whether no missing fact can change it."""
        return self.low == self.high

    @cached_property
    def missing(self) -> tuple[Part, ...]:
        """What could be supplied."""
        return tuple(part for part in self.parts if part.standing is Standing.MISSING)

    def of_dimension(self, dimension: Dimension) -> list[Part]:
        """The parts of one dimension."""
        return [part for part in self.parts if part.characteristic.dimension == dimension]


def score(card: Card, knowledge: Knowledge, allowed: Allowed | None = None) -> Reckoned:
    """What the card makes of what is known. What is not ``allowed`` is not looked at: it is missing."""
    parts = tuple(
        _part(one, knowledge) if allowed is None or allowed(one) else _open(one, Standing.WITHHELD)
        for one in card.characteristics
    )
    return Reckoned(
        card,
        card.base + sum(part.points for part in parts),
        card.base + sum(part.low for part in parts),
        card.base + sum(part.high for part in parts),
        parts,
    )


def _part(one: Characteristic, knowledge: Knowledge) -> Part:
    if one.fact == CREDENTIALS:
        return _certificates(one, knowledge)
    known = newest(one, knowledge)
    if known is None:
        spec = knowledge.catalogue[one.fact]
        if spec.kind is Kind.CHOICES and spec.complete:  # no record of a complete list: on none of it
            known = Known(frozenset(), None, Tier.OFFICIAL, spec.department, knowledge.as_of)
        else:
            return _open(one, Standing.MISSING)
    if known.value is NOT_APPLICABLE:
        return _told(one, Standing.INAPPLICABLE, known, None)
    place = one.place(known.value)
    if place is None:
        return _open(one, Standing.MISSING)
    return _told(one, Standing.KNOWN, known, place)


def newest(one: Characteristic, knowledge: Knowledge) -> Known | None:
    """The value that counts: of a fact by year the newest, at most ``years`` years back."""
    if not knowledge.catalogue[one.fact].periodic:
        return knowledge.value(one.fact)
    this = knowledge.as_of.year
    years = range(this, this - one.years - 1, -1)
    return next((known for year in years if (known := knowledge.value(one.fact, year))), None)


def _certificates(one: Characteristic, knowledge: Knowledge) -> Part:
    """Which certificates are held on the day; all kinds that count are complete, so none is missing."""
    held = [
        record
        for record in knowledge.credentials()
        if record.kind in one.kinds and record.held_on(knowledge.as_of)
    ]
    kinds = frozenset(record.kind for record in held)
    place = one.place(kinds)
    if place is None:
        return _open(one, Standing.MISSING)
    wanted = one.bins[place].values or frozenset()
    deciding = [record for record in held if record.kind in wanted]
    if deciding:
        first = deciding[0]
        return _told(
            one,
            Standing.KNOWN,
            Known(kinds, None, first.tier, first.source, first.as_of or knowledge.as_of),
            place,
        )
    known = Known(kinds, None, Tier.OFFICIAL, "", knowledge.as_of)
    return _told(one, Standing.KNOWN, known, place)


def _told(one: Characteristic, standing: Standing, known: Known, place: int | None) -> Part:
    points = 0 if place is None else one.bins[place].points
    return Part(
        one,
        standing,
        points,
        points,
        points,
        place,
        known.value,
        known.period,
        known.tier,
        known.source,
        known.as_of,
    )


def _open(one: Characteristic, standing: Standing) -> Part:
    return Part(one, standing, 0, one.least, one.most)
