"""The scores of many enterprises at once: what ``reckoning`` says of one, on columns. Pure.

Of each characteristic one column says which bin each row falls in; points are looked up and added as
whole numbers, so that the sums are those of the single score to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Kind
from finance.scoring.card import CREDENTIALS, Card, Characteristic
from finance.scoring.sheets import Points
from matching.batch.columns import INAPPLICABLE, PRESENT, UNKNOWN, Column
from matching.batch.frame import Frame
from matching.batch.leaves import against
from matching.tree import Op

Places = NDArray[np.uint8]
"""Of each row the number of its bin, or ``MISSING`` or ``INAPPLICABLE_HERE``."""
MISSING, INAPPLICABLE_HERE = 254, 255
_BOOLEANS = ("false", "true")


@dataclass(frozen=True)
class Batch:
    """Scores of all rows of a frame, and of each characteristic the bins that the rows fall in."""

    card: Card
    scores: Points
    places: tuple[Places, ...]


def score_all(card: Card, frame: Frame) -> Batch:
    """What the card makes of each row; the frame is told first which facts that takes."""
    frame.need(card.facts)
    points, low, high = (np.full(len(frame), card.base, np.int32) for _number in range(3))
    found = []
    for one in card.characteristics:
        places = _places(one, frame)
        added = [each.points for each in one.bins]
        points += _table(added, 0)[places]
        low += _table(added, one.least)[places]
        high += _table(added, one.most)[places]
        found.append(places)
    return Batch(card, Points(frame.ids, points, low, high), tuple(found))


def _table(points: list[int], missing: int) -> NDArray[np.int32]:
    table = np.zeros(256, np.int32)
    table[: len(points)] = points
    table[MISSING] = missing
    return table


def _places(one: Characteristic, frame: Frame) -> Places:
    if one.fact == CREDENTIALS:
        return _certificates(one, frame)
    column = _newest(one, frame)
    spec = frame.catalogue[one.fact]
    unknown = MISSING
    if spec.kind is Kind.CHOICES and spec.complete:
        unknown = _number(one, frozenset())
    places = _figures(one, column) if one.takes_figures else _labelled(one, column)
    places[column.state == UNKNOWN] = unknown
    places[column.state == INAPPLICABLE] = INAPPLICABLE_HERE
    return places


def _newest(one: Characteristic, frame: Frame) -> Column:
    """Of each row the newest known year that counts."""
    if not frame.catalogue[one.fact].periodic:
        return frame.value(one.fact)
    this = frame.as_of.year
    told = [frame.value(one.fact, year) for year in range(this, this - one.years - 1, -1)]
    found = told[0]
    for older in told[1:]:
        if (found.state == UNKNOWN).any():
            found = found.over(older)
    return found


def _figures(one: Characteristic, column: Column) -> Places:
    """How many bounds a figure has reached is the number of its bin."""
    places = np.zeros(len(column.state), np.uint8)
    for bound in one.bounds:
        places += against(column, Op.GE, bound)
    return places


def _labelled(one: Characteristic, column: Column) -> Places:
    """Each distinct value is looked up once."""
    labels = _BOOLEANS if column.labels is None else column.labels
    table = np.array([_number(one, label) for label in labels] or [MISSING], np.uint8)
    return table[np.where(column.state == PRESENT, column.values, 0)]


def _number(one: Characteristic, value: object) -> int:
    place = one.place(value)  # type: ignore[arg-type]
    return MISSING if place is None else place


def _certificates(one: Characteristic, frame: Frame) -> Places:
    """The first bin in order of which a certificate is held; the later ones are written first."""
    certificates = frame.credentials
    held = certificates.held_on(frame.as_of.toordinal())
    places = np.full(len(frame), _number(one, frozenset()), np.uint8)
    for number in reversed(range(len(one.bins))):
        wanted = [name in (one.bins[number].values or ()) for name in certificates.names]
        if any(wanted):
            places[certificates.rows[held & np.array(wanted)[certificates.kinds]]] = number
    return places
