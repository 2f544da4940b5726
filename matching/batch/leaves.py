"""The truth of one leaf before many enterprises: the same table as :mod:`matching.plain.leaves`, vectorised.

A truth is a pair of flag rows, *sure* (TRUE) and *possible* (not FALSE).
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import FactSpec, Kind, Purpose, Tier
from enterprises.knowledge import Known
from matching.batch.columns import LABELLED, PRESENT, UNKNOWN, Column
from matching.batch.exact import LIMIT, Ratios
from matching.batch.scenes import Scene, dependence
from matching.plain.leaves import ORDER, compare, resolve, years_of
from matching.plain.situation import NEVER, Situation
from matching.plain.truth import Truth
from matching.tree import Base, Compare, CredentialTest, How, Leaf, Op, Over, Period, RelativeYear, Review

Flags = NDArray[np.bool_]
Pair = tuple[Flags, Flags]


def leaf_pair(leaf: Leaf, scene: Scene) -> Pair:
    """Sure and possible flags of a leaf that is no review."""
    whole: Pair | None = None
    for mask, situation in scene.groups(*dependence(leaf)):
        pair = _pair(leaf, scene, situation)
        if mask is not None and whole is not None:
            pair = tuple(np.where(mask, new, old) for new, old in zip(pair, whole, strict=True))  # type: ignore[assignment]
        whole = pair
    return _constant(scene, Truth.UNKNOWN) if whole is None else whole


def review_truth(purpose: Purpose, *, inside_amount: bool) -> Truth:
    """What a review is taken for, whatever its polarity."""
    return Truth.TRUE if purpose is Purpose.SHOW and not inside_amount else Truth.UNKNOWN


def _pair(leaf: Leaf, scene: Scene, situation: Situation) -> Pair:
    match leaf:
        case Compare():
            return _compare(scene, leaf.fact, leaf.period, leaf.op, leaf.value, situation)
        case Over():
            return _over(leaf, scene, situation)
        case CredentialTest():
            return _credentials(leaf, scene, situation)
        case Review():
            raise TypeError("a review has no column; ask review_truth")
    raise TypeError(f"{type(leaf).__name__} is no leaf")


def _constant(scene: Scene, truth: Truth) -> Pair:
    return np.full(len(scene), truth is Truth.TRUE), np.full(len(scene), truth is not Truth.FALSE)


def _compare(
    scene: Scene, fact: str, period: Period | None, op: Op, operand: Any, situation: Situation
) -> Pair:
    column = scene.column(fact, period, situation)
    spec = scene.frame.catalogue[fact]
    unknown = column.state == UNKNOWN
    if op is Op.KNOWN:
        return ~unknown, np.ones(len(scene), bool)
    if spec.kind in LABELLED:
        sure, possible = _labelled(column, spec, op, operand, situation)
    else:
        sure, possible = _single(column, spec, op, operand, situation)
    return sure & column.present, (possible & column.present) | unknown


def _labelled(column: Column, spec: FactSpec, op: Op, operand: Any, situation: Situation) -> Pair:
    """Each distinct value is judged once by the plain evaluator, then handed to its rows."""
    day = situation.context.as_of
    truths = [
        compare(situation, spec.key, Known(label, None, Tier.OFFICIAL, "", day), op, operand)
        for label in column.labels or ()
    ] or [Truth.UNKNOWN]
    found = np.array(truths, np.int8)[column.values]
    return found == Truth.TRUE, found != Truth.FALSE


def _single(column: Column, spec: FactSpec, op: Op, operand: Any, situation: Situation) -> Pair:
    """A number, date or truth value against one or two bounds, as if it were present in every row."""
    if op is Op.BETWEEN:
        low = _single(column, spec, Op.GE, operand[0], situation)
        high = _single(column, spec, Op.LE, operand[1], situation)
        return low[0] & high[0], low[1] & high[1]
    if op in (Op.IN, Op.NOT_IN):
        inside = np.zeros(len(column.state), bool)
        for one in operand:
            inside |= _single(column, spec, Op.EQ, one, situation)[0]
        held = inside if op is Op.IN else ~inside
        return held, held
    bound = resolve(situation, operand)
    if bound is None or bound == NEVER:
        nobody = np.zeros(len(column.state), bool)
        return nobody, nobody if bound == NEVER else ~nobody
    if isinstance(operand, RelativeYear) and spec.kind is Kind.DATE:
        held = _by_year(column, op, bound)
    else:
        held = against(column, op, _number(bound))
    return held, held


def _number(bound: Any) -> Fraction:
    return Fraction(bound.toordinal() if isinstance(bound, dt.date) else bound)


def against(column: Column, op: Op, bound: Fraction) -> Flags:
    """Where the column's number compares so with an exact bound."""
    if column.below is not None:
        number = Ratios(column.values, column.below)
        scaled = bound * column.factor
        difference = number - Ratios.of(scaled, len(column.values))
        return np.asarray(ORDER[op](difference.above, 0), bool)
    return _whole(column.values, op, bound * column.factor)


def _whole(values: NDArray[Any], op: Op, bound: Fraction) -> Flags:
    """Whole numbers against a fraction: against the nearest whole number that decides the same."""
    if op in (Op.EQ, Op.NE):
        if bound.denominator != 1:
            return np.full(len(values), op is Op.NE)
        limit = bound.numerator
    else:
        limit = ceil(bound) if op in (Op.GE, Op.LT) else floor(bound)
    if abs(limit) > LIMIT and values.dtype != object:
        return np.full(len(values), bool(ORDER[op](0, limit)))
    return np.asarray(ORDER[op](values, limit), bool)


def _by_year(column: Column, op: Op, year: int) -> Flags:
    """Days compared by their calendar year."""
    first, after = first_day(year), first_day(year + 1)
    match op:
        case Op.GE:
            return column.values >= first
        case Op.GT:
            return column.values >= after
        case Op.LE:
            return column.values < after
        case Op.LT:
            return column.values < first
    inside = (column.values >= first) & (column.values < after)
    return inside if op is Op.EQ else ~inside


def first_day(year: int) -> int:
    """Ordinal of 1 January; years outside the calendar lie beyond every day."""
    if year < dt.MINYEAR:
        return 0
    return dt.date(year, 1, 1).toordinal() if year <= dt.MAXYEAR else dt.date.max.toordinal() + 1


def _over(leaf: Over, scene: Scene, situation: Situation) -> Pair:
    years = years_of(situation, leaf.start, leaf.end)
    if years is None:
        never = NEVER in (situation.year(leaf.start), situation.year(leaf.end))
        return _constant(scene, Truth.FALSE if never else Truth.UNKNOWN)
    if leaf.how is How.EVERY:
        sure, possible = _constant(scene, Truth.TRUE)
        for year in years:
            pair = _compare(scene, leaf.fact, Period(Base.ABSOLUTE, year), leaf.op, leaf.value, situation)
            sure, possible = sure & pair[0], possible & pair[1]
        return sure, possible
    columns = [scene.column(leaf.fact, Period(Base.ABSOLUTE, year), situation) for year in years]
    total = Ratios.of(0, len(scene))
    unknown = np.zeros(len(scene), bool)
    for column in columns:
        unknown |= column.state == UNKNOWN
        total = total + amount_of(column)
    if leaf.how is How.MEAN:
        total = total.times(Fraction(1, len(years)))
    below = total.below if isinstance(total.below, np.ndarray) else np.full(len(scene), total.below)
    summed = Column(total.above, np.full(len(scene), PRESENT, np.uint8), below=below)
    sure, possible = _single(summed, scene.frame.catalogue[leaf.fact], leaf.op, leaf.value, situation)
    return sure & ~unknown, possible | unknown


def amount_of(column: Column) -> Ratios:
    """A column as exact numbers: 0 where nothing is present."""
    values = np.where(column.present, column.values, 0)
    if column.below is None:
        return Ratios(values, column.factor)
    return Ratios(values, column.below).times(Fraction(1, column.factor))


def _credentials(leaf: CredentialTest, scene: Scene, situation: Situation) -> Pair:
    year: Any = None
    if leaf.obtained:
        year = situation.year(leaf.obtained)
        if not isinstance(year, int):
            return _constant(scene, Truth.UNKNOWN if year is None else Truth.FALSE)
    held = [_held(kind, leaf, year, scene) for kind in leaf.kinds]
    sure, possible = (np.array(rows) for rows in zip(*held, strict=True))
    match leaf.op:
        case Op.HAS_ANY:
            return np.logical_or.reduce(sure), np.logical_or.reduce(possible)
        case Op.HAS_ALL:
            return np.logical_and.reduce(sure), np.logical_and.reduce(possible)
        case Op.HAS_NONE:
            return ~np.logical_or.reduce(possible), ~np.logical_or.reduce(sure)
    settled = ~np.logical_or.reduce(possible & ~sure)
    return settled, np.ones(len(scene), bool)


def _held(kind: str, leaf: CredentialTest, year: int | None, scene: Scene) -> Pair:
    """One kind: an unrecorded one is FALSE where the list is complete, else UNKNOWN."""
    frame = scene.frame
    records = frame.credentials.of_kind(kind)
    if year is None:
        sure = possible = records.held_on(scene.context.as_of.toordinal())
    else:
        day = records.first if leaf.first else np.where(records.begins, records.begins, records.first)
        inside = (day >= first_day(year)) & (day < first_day(year + 1)) & (day != 0)
        sure = inside & ~records.revoked
        possible = (inside | (day == 0)) & ~records.revoked
    recorded = np.zeros(len(scene), bool)
    recorded[records.rows] = True
    complete = frame.catalogue.credential_kinds[kind].complete
    truths = np.zeros((2, len(scene)), bool)
    truths[0, records.rows[sure]] = True
    truths[1, records.rows[possible]] = True
    return truths[0], truths[1] if complete else truths[1] | ~recorded
