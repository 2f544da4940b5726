"""The truth of one leaf before one enterprise: the semantics table, row by row."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Kind, Purpose
from enterprises.knowledge import CredentialRecord, Known
from matching.plain.situation import NEVER, Situation
from matching.plain.truth import Truth, every, some
from matching.tree import (
    Base,
    Compare,
    CredentialTest,
    FigureRef,
    How,
    Leaf,
    Op,
    Operand,
    Over,
    Period,
    RelativeYear,
    Review,
)

ORDER: dict[Op, Callable[[Any, Any], Any]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GE: operator.ge,
    Op.GT: operator.gt,
    Op.LE: operator.le,
    Op.LT: operator.lt,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value a leaf looked at; `year` None where the fact has no periods or none was found."""

    fact: str
    year: int | None
    known: Known | None


@dataclass(frozen=True, slots=True)
class LeafResult:
    """What came of one leaf. `wanted` False: it stands under an odd number of `not`."""

    leaf: Leaf
    wanted: bool
    truth: Truth
    readings: tuple[Reading, ...] = ()
    records: tuple[CredentialRecord, ...] = ()
    value: Fraction | None = field(default=None, compare=False)
    threshold: Fraction | None = field(default=None, compare=False)
    distance: Fraction | None = None
    """How far a failing numeric leaf is from holding, in base units (days for dates); ≥ 0."""
    below: bool = True
    """Whether the value falls short (else it exceeds)."""

    @property
    def path(self) -> str:
        return self.leaf.path

    @property
    def satisfied(self) -> Truth:
        """The truth as the rule wants it: turned round under `not`."""
        return self.truth if self.wanted else ~self.truth

    @property
    def known(self) -> Known | None:
        return self.readings[0].known if self.readings else None

    @property
    def near(self) -> bool:
        """Numeric, failing, and within a fifth of its threshold."""
        if self.distance is None or self.threshold is None:
            return False
        return self.distance * 5 <= abs(self.threshold)


def judge_leaf(leaf: Leaf, situation: Situation, wanted: bool, *, inside_amount: bool = False) -> LeafResult:
    """The result of one leaf; polarity matters to `review` and to the distance only."""
    if isinstance(leaf, Review):
        shown = situation.context.purpose is Purpose.SHOW and not inside_amount
        return LeafResult(leaf, wanted, Truth.of(wanted) if shown else Truth.UNKNOWN)
    if isinstance(leaf, CredentialTest):
        records = tuple(r for r in situation.knowledge.credentials() if r.kind in leaf.kinds)
        return LeafResult(leaf, wanted, _credentials(leaf, situation, records), records=records)
    if isinstance(leaf, Over):
        return _over(leaf, situation, wanted)
    known = situation.look_up(leaf.fact, leaf.period)
    truth = compare(situation, leaf.fact, known, leaf.op, leaf.value)
    reading = Reading(leaf.fact, _year_shown(leaf, known, situation), known)
    value = known.value if known else None
    return _with_distance(LeafResult(leaf, wanted, truth, (reading,)), value, situation)


def compare(situation: Situation, fact: str, known: Known | None, op: Op, operand: Operand) -> Truth:
    """A value in force against an operand."""
    if known is None:
        return Truth.UNKNOWN
    if op is Op.KNOWN:
        return Truth.TRUE
    if known.value is NOT_APPLICABLE:
        return Truth.FALSE
    spec = situation.knowledge.catalogue[fact]
    if spec.kind is Kind.CODE:
        return _code(situation, spec, known.value, op, operand)
    if spec.kind is Kind.CHOICES:
        return _choices(known.value, op, operand)
    return _single(situation, spec, known.value, op, operand)


def _single(situation: Situation, spec: FactSpec, value: Any, op: Op, operand: Operand) -> Truth:
    if op in (Op.IN, Op.NOT_IN):
        return Truth.of((value in operand) is (op is Op.IN))  # type: ignore[operator]
    if op is Op.BETWEEN:
        low, high = operand  # type: ignore[misc, str-unpack]
        return every(
            _single(situation, spec, value, side, bound) for side, bound in ((Op.GE, low), (Op.LE, high))
        )
    other = resolve(situation, operand)
    if other is None:
        return Truth.UNKNOWN
    if other == NEVER:
        return Truth.FALSE
    if isinstance(operand, RelativeYear) and isinstance(value, dt.date):
        value = value.year
    if spec.ordered and spec.kind is Kind.CHOICE:
        if value not in spec.choice_values:
            return Truth.UNKNOWN
        value, other = spec.rank(value), spec.rank(other)
    return Truth.of(ORDER[op](value, other))


def resolve(situation: Situation, operand: Any) -> Any:
    """The plain value of an operand: None where a figure or the event's year is unknown."""
    if isinstance(operand, RelativeYear):
        return situation.relative_year(operand)
    return situation.figure(operand) if isinstance(operand, FigureRef) else operand


def _choices(value: Any, op: Op, operand: Any) -> Truth:
    match op:
        case Op.HAS_ANY:
            return Truth.of(bool(value & operand))
        case Op.HAS_ALL:
            return Truth.of(operand <= value)
        case _:
            return Truth.of(not value & operand)


def _code(situation: Situation, spec: FactSpec, value: Any, op: Op, listed: Any) -> Truth:
    """A value that contains a listed code is known too coarsely to tell."""
    contains = situation.knowledge.catalogue.contains
    if any(contains(code, value, spec.key) for code in listed):
        inside = Truth.TRUE
    elif any(contains(value, code, spec.key) for code in listed):
        inside = Truth.UNKNOWN
    else:
        inside = Truth.FALSE
    return inside if op is Op.WITHIN else ~inside


def _credentials(leaf: CredentialTest, situation: Situation, records: tuple[CredentialRecord, ...]) -> Truth:
    year = situation.year(leaf.obtained) if leaf.obtained else None
    if leaf.obtained and not isinstance(year, int):
        return Truth.UNKNOWN if year is None else Truth.FALSE
    held = [_held(kind, leaf, year, situation, records) for kind in leaf.kinds]
    match leaf.op:
        case Op.HAS_ANY:
            return some(held)
        case Op.HAS_ALL:
            return every(held)
        case Op.HAS_NONE:
            return ~some(held)
        case _:
            return Truth.UNKNOWN if Truth.UNKNOWN in held else Truth.TRUE


def _held(
    kind: str,
    leaf: CredentialTest,
    year: Any,
    situation: Situation,
    records: tuple[CredentialRecord, ...],
) -> Truth:
    """One kind: an unrecorded one is FALSE where the list is complete, else UNKNOWN."""
    mine = [record for record in records if record.kind == kind]
    if not mine:
        complete = situation.knowledge.catalogue.credential_kinds[kind].complete
        return Truth.FALSE if complete else Truth.UNKNOWN
    return some(_record(record, leaf, year, situation.context.as_of) for record in mine)


def _record(record: CredentialRecord, leaf: CredentialTest, year: int | None, as_of: dt.date) -> Truth:
    if year is None:
        return Truth.of(record.held_on(as_of))
    if record.revoked:
        return Truth.FALSE
    day = record.first_obtained if leaf.first else record.obtained
    return Truth.UNKNOWN if day is None else Truth.of(day.year == year)


def years_of(situation: Situation, start: Period, end: Period) -> list[int] | None:
    """The closed range of years, or None when E is unknown or never was."""
    first, last = situation.year(start), situation.year(end)
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    return list(range(first, last + 1))


def _over(leaf: Over, situation: Situation, wanted: bool) -> LeafResult:
    years = years_of(situation, leaf.start, leaf.end)
    if years is None:
        never = NEVER in (situation.year(leaf.start), situation.year(leaf.end))
        return LeafResult(leaf, wanted, Truth.FALSE if never else Truth.UNKNOWN)
    readings = tuple(_reading(leaf, situation, year) for year in years)
    if leaf.how is How.EVERY:
        return _every(LeafResult(leaf, wanted, Truth.TRUE, readings), leaf, situation)
    if any(reading.known is None for reading in readings):
        return LeafResult(leaf, wanted, Truth.UNKNOWN, readings)
    total = sum((quantity_of(reading.known) for reading in readings), Fraction(0))
    value = total / len(years) if leaf.how is How.MEAN else total
    truth = _single(situation, situation.knowledge.catalogue[leaf.fact], value, leaf.op, leaf.value)
    return _with_distance(LeafResult(leaf, wanted, truth, readings), value, situation)


def _every(result: LeafResult, leaf: Over, situation: Situation) -> LeafResult:
    """All years must hold; the distance is that of the worst one."""
    truths = [compare(situation, leaf.fact, r.known, leaf.op, leaf.value) for r in result.readings]
    result = replace(result, truth=every(truths))
    if result.satisfied is not Truth.FALSE or not result.wanted:
        return result
    failing = [r for r, truth in zip(result.readings, truths, strict=True) if truth is Truth.FALSE]
    measured = [_with_distance(result, r.known.value, situation) for r in failing if r.known]
    return max(measured, key=lambda one: (one.distance is not None, one.distance or 0), default=result)


def _reading(leaf: Over, situation: Situation, year: int) -> Reading:
    return Reading(leaf.fact, year, situation.look_up(leaf.fact, absolute(year)))


def absolute(year: int) -> Period:
    """The period of a plain year."""
    return Period(Base.ABSOLUTE, year)


def quantity_of(known: Known | None) -> Fraction:
    """A known value as a quantity: not applicable counts as 0."""
    if known is None or known.value is NOT_APPLICABLE:
        return Fraction(0)
    return Fraction(known.value)  # type: ignore[arg-type]


def _year_shown(leaf: Compare, known: Known | None, situation: Situation) -> int | None:
    if known is not None and known.period is not None:
        return known.period
    year = situation.year(leaf.period) if leaf.period else None
    return year if isinstance(year, int) else None


def _with_distance(result: LeafResult, value: Any, situation: Situation) -> LeafResult:
    """The same result with how far it fails, where that is a number."""
    leaf = result.leaf
    assert isinstance(leaf, Compare | Over)
    spec = situation.knowledge.catalogue[leaf.fact]
    if value is None or value is NOT_APPLICABLE:
        return result
    if spec.numeric:
        result = replace(result, value=Fraction(value))
    measured = spec.numeric or spec.kind is Kind.DATE
    if not measured or result.satisfied is not Truth.FALSE or leaf.op in NO_WAY[result.wanted]:
        return result
    bounds = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    relative = any(isinstance(bound, RelativeYear) for bound in bounds)
    plain = [resolve(situation, bound) for bound in bounds]
    if any(bound is None or bound == NEVER for bound in plain) or (relative and not spec.numeric):
        return result
    nearest = min(plain, key=lambda bound: abs(value - bound))
    gap = abs(value - nearest)
    distance = Fraction(gap.days if isinstance(gap, dt.timedelta) else gap)
    threshold = Fraction(nearest) if spec.numeric and not relative else None
    below = value < nearest or (value == nearest and _must_rise(leaf.op, result.wanted))
    return replace(result, threshold=threshold, distance=distance, below=below)


NO_WAY = {
    True: frozenset({Op.KNOWN, Op.NE}),
    False: frozenset({Op.KNOWN, Op.EQ, Op.BETWEEN}),
}
"""Operators whose failing, by polarity, has no direction to go."""


def _must_rise(op: Op, wanted: bool) -> bool:
    """Which way a value that equals its threshold has to go."""
    return op is Op.GT if wanted else op is Op.LE
