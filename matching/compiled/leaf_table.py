"""The distinct leaves of many rules, sorted by how they are answered for one enterprise at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, FactSpec, Kind, Scope, Value
from matching.batch.columns import INAPPLICABLE, LABELLED, PRESENT, UNKNOWN
from matching.batch.leaves import first_day, review_truth
from matching.compiled.recall import Recall
from matching.plain.context import Context
from matching.plain.evaluate import changeable
from matching.plain.leaves import NO_WAY, compare
from matching.plain.truth import Truth
from matching.tree import (
    All,
    Base,
    Compare,
    CredentialTest,
    FigureRef,
    Leaf,
    Op,
    Over,
    Period,
    RelativeYear,
    Review,
    RuleTree,
)

_FAR = 2**60
"""Whole numbers stay within this, so that sums and differences of two fit 64 bits."""

_OUTSIDE, _INSIDE = Review("outside an amount"), Review("inside an amount")
"""Stand for all reviews."""

FAR = 1000
"""So many leaves would have to change: it cannot be put right one leaf at a time."""

NEVER, ALWAYS, IF_NEAR, PERHAPS = range(4)
"""Whether a failing leaf makes a near miss: certainly not, certainly, if the value is near, or ask."""


@dataclass(frozen=True)
class LeafTruths:
    """What one enterprise makes of each slot: the three Kleene rows, and how many leaves must change."""

    rows: NDArray[np.int16]
    failing: NDArray[np.int16]
    """0: none; 1: this one, and it is near or can be changed; else so many that one does not help."""


@dataclass(frozen=True)
class _Interval:
    """A comparison as ``low ≤ value ≤ high`` (or not), in units of the reference's ``1 / scale``."""

    leaf: int
    reference: int
    op: Op
    bounds: tuple[Fraction, ...]
    near: bool


@dataclass(frozen=True)
class _Reference:
    """One value to look up: a fact, a period, and the Y and event the period counts from."""

    fact: str
    period: Period | None
    year: int
    event: str | None

    def stub(self) -> RuleTree:
        """A rule with this Y and event, for the plain evaluator to look things up in."""
        return RuleTree(All(()), None, self.year, self.event)


class LeafTable:
    """Numbers leaves while rules are compiled; :meth:`seal` lays them out, :meth:`truths` answers them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._leaves: dict[tuple[Leaf, int, str | None], int] = {}
        self._slots: dict[tuple[int, bool], int] = {}
        self._hopes: list[bool] = []
        self._modes: list[int] = []
        self._references: dict[_Reference, int] = {}
        self._intervals: list[_Interval] = []
        self._known: list[tuple[int, int]] = []
        self._labelled: dict[_Reference, list[tuple[int, Compare]]] = {}
        self._asked: list[tuple[int, Leaf, _Reference]] = []
        self._remembered: dict[tuple[_Reference, Value], NDArray[np.int8]] = {}

    @property
    def slots(self) -> int:
        """How many slots (leaves with their polarity) there are."""
        return len(self._slots)

    def slot(
        self, leaf: Leaf, year: int, event: str | None, wanted: bool, *, inside_amount: bool = False
    ) -> int:
        """The slot of a leaf as :class:`matching.compiled.levels.Levels` takes it: a negative number."""
        review = isinstance(leaf, Review)
        if review:  # every review is taken alike, in either polarity
            leaf, wanted = _INSIDE if inside_amount else _OUTSIDE, True
        key = (leaf, 0, None) if review else (leaf, year, event)
        if key not in self._leaves:
            self._leaves[key] = len(self._leaves)
            if not review:
                self._sort(self._leaves[key], leaf, year, event)
        slot = (self._leaves[key], wanted)
        if slot not in self._slots:
            self._slots[slot] = len(self._slots)
            self._hopes.append(review or self._of_claim(leaf))
            self._modes.append(self._mode(leaf, wanted))
        return -1 - self._slots[slot]

    def _of_claim(self, leaf: Leaf) -> bool:
        return isinstance(leaf, Compare | Over) and self.catalogue[leaf.fact].scope is Scope.CLAIM

    def _mode(self, leaf: Leaf, wanted: bool) -> int:
        if isinstance(leaf, Review):
            return NEVER
        if isinstance(leaf, CredentialTest):
            attainable = wanted and leaf.obtained is None and leaf.op in (Op.HAS_ANY, Op.HAS_ALL)
            return ALWAYS if attainable else NEVER
        if isinstance(leaf, Over):
            return PERHAPS
        spec = self.catalogue[leaf.fact]
        if spec.scope is Scope.CLAIM and spec.kind is not Kind.DATE:
            return ALWAYS
        return IF_NEAR if spec.numeric and leaf.op not in NO_WAY[wanted] else NEVER

    def _sort(self, number: int, leaf: Leaf, year: int, event: str | None) -> None:
        """Put a leaf where it is answered fastest."""
        reference = _Reference("", None, year, event)
        if isinstance(leaf, Compare):
            reference = _Reference(leaf.fact, leaf.period, year, event)
            spec = self.catalogue[leaf.fact]
            bounds = _bounds(spec, leaf, year)
            if leaf.op is Op.KNOWN:
                self._known.append((number, self._reference(reference)))
                return
            if spec.kind in LABELLED:
                self._labelled.setdefault(reference, []).append((number, leaf))
                return
            if bounds is not None:
                near = spec.numeric and not _relative(leaf)
                place = self._reference(reference)
                self._intervals.append(_Interval(number, place, _op(spec, leaf), bounds, near))
                return
        self._asked.append((number, leaf, reference))

    def _reference(self, reference: _Reference) -> int:
        return self._references.setdefault(reference, len(self._references))

    def seal(self) -> None:
        """Turn what was collected into arrays."""
        self._slot_leaves = np.array([leaf for leaf, _wanted in self._slots], np.int64)
        self._slot_wanted = np.array([wanted for _leaf, wanted in self._slots], bool)
        self._slot_hopes = np.array(self._hopes, bool)
        self._scales = self._scale()
        self._layout(self._intervals)
        leaves = list(self._leaves)
        self._slot_keys = [(leaves[leaf], wanted) for leaf, wanted in self._slots]
        modes = np.array(self._modes, np.int8)
        measured = np.isin(self._slot_leaves, self._leaf)
        self._slot_modes = np.where((modes == IF_NEAR) & ~measured, PERHAPS, modes)
        self._known_leaves, self._known_references = (
            np.array(column, np.int64) for column in zip(*self._known or [(0, 0)], strict=True)
        )

    def _scale(self) -> list[int]:
        """One scale a reference that makes all its bounds whole; bounds out of reach are asked plainly."""
        scales = [1] * len(self._references)
        for interval in self._intervals:
            scales[interval.reference] = lcm(
                scales[interval.reference], *(bound.denominator for bound in interval.bounds)
            )
        references = list(self._references)
        leaves = {number: leaf for (leaf, _year, _event), number in self._leaves.items()}
        kept: list[_Interval] = []
        for interval in self._intervals:
            scale = scales[interval.reference]
            if all(abs(bound) * scale * 4 < _FAR for bound in interval.bounds):
                kept.append(interval)
            else:
                self._asked.append((interval.leaf, leaves[interval.leaf], references[interval.reference]))
        self._intervals = kept
        return scales

    def _layout(self, intervals: Sequence[_Interval]) -> None:
        rows = [_doubled_interval(one, self._scales[one.reference]) for one in intervals]
        table = np.array(rows or np.zeros((0, 7)), np.int64).T
        self._leaf, self._at, self._low, self._high, negated, self._from, self._to = table
        self._negated = negated.astype(bool)
        self._near = np.array([one.near for one in intervals], bool)

    # --- answering ------------------------------------------------------------------------------------

    def truths(self, recall: Recall, context: Context) -> LeafTruths:
        """Every slot's truth for one enterprise."""
        truth = np.zeros(len(self._leaves), np.int8)
        values, states = self._look_up(recall, context)
        near = self._compare(truth, values, states)
        if self._known:
            told = np.where(states[self._known_references] == UNKNOWN, Truth.UNKNOWN, Truth.TRUE)
            truth[self._known_leaves] = told
        for reference, leaves in self._labelled.items():
            truth[[number for number, _leaf in leaves]] = self._judged(reference, leaves, recall, context)
        for number, leaf, reference in self._asked:
            truth[number] = recall.truth(leaf, recall.situation(reference.stub(), context))
        for review in (_OUTSIDE, _INSIDE):
            if (review, 0, None) in self._leaves:
                truth[self._leaves[review, 0, None]] = review_truth(
                    context.purpose, inside_amount=review is _INSIDE
                )
        return self._by_slot(truth, near, recall, context)

    def _look_up(self, recall: Recall, context: Context) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        values = np.zeros(len(self._references), np.int64)
        states = np.full(len(self._references), UNKNOWN, np.uint8)
        for number, reference in enumerate(self._references):
            known = recall.situation(reference.stub(), context).look_up(reference.fact, reference.period)
            if known is None:
                continue
            if known.value is NOT_APPLICABLE:
                states[number] = INAPPLICABLE
                continue
            states[number] = PRESENT
            if not isinstance(known.value, str | frozenset):
                values[number] = _doubled(known.value, self._scales[number])
        return values, states

    def _compare(
        self, truth: NDArray[np.int8], values: NDArray[np.int64], states: NDArray[np.uint8]
    ) -> NDArray[np.int8]:
        """Answer the intervals; returns of each leaf whether its value is near: NEVER, ALWAYS or PERHAPS."""
        value, state = values[self._at], states[self._at]
        inside = ((value >= self._low) & (value <= self._high)) ^ self._negated
        told = np.where(state == UNKNOWN, Truth.UNKNOWN, Truth.FALSE)
        truth[self._leaf] = np.where(state == PRESENT, inside * np.int8(Truth.TRUE), told)
        below, above = np.abs(value - self._from), np.abs(value - self._to)
        distance, bound = np.minimum(below, above), np.where(below <= above, self._from, self._to)
        fifth = np.abs(bound) // 5
        rest = value & 1  # set where doubling rounded down: then the distance is only known to within 1
        near = np.where(distance + rest <= fifth, ALWAYS, np.where(distance - rest <= fifth, PERHAPS, NEVER))
        nearness = np.full(len(truth), NEVER, np.int8)
        nearness[self._leaf] = np.where(self._near & (state == PRESENT), near, NEVER)
        return nearness

    def _judged(
        self, reference: _Reference, leaves: list[tuple[int, Compare]], recall: Recall, context: Context
    ) -> NDArray[np.int8]:
        """Truths of all comparisons with one choice, set or code; remembered by its value."""
        situation = recall.situation(reference.stub(), context)
        known = situation.look_up(reference.fact, reference.period)
        if known is None:
            return np.full(len(leaves), Truth.UNKNOWN, np.int8)
        key = (reference, known.value)
        truths = self._remembered.get(key)
        if truths is None:  # another thread may forget everything at any moment
            if len(self._remembered) >= 50_000:
                self._remembered.clear()
            told = [compare(situation, leaf.fact, known, leaf.op, leaf.value) for _number, leaf in leaves]
            truths = self._remembered[key] = np.array(told, np.int8)
        return truths

    def _by_slot(
        self, truth: NDArray[np.int8], near: NDArray[np.int8], recall: Recall, context: Context
    ) -> LeafTruths:
        told = truth[self._slot_leaves]
        told = np.where(self._slot_wanted, told, 2 - told)
        sure, possible = told == Truth.TRUE, told != Truth.FALSE
        opened = np.where(self._slot_hopes, possible, sure)
        modes = np.where(self._slot_modes == IF_NEAR, near[self._slot_leaves], self._slot_modes)
        for slot in np.flatnonzero((modes == PERHAPS) & ~possible).tolist():
            modes[slot] = self._asked_whether_near(slot, recall, context)
        failing = np.where(possible, 0, np.where(modes == ALWAYS, 1, FAR)).astype(np.int16)
        return LeafTruths(np.stack((sure, possible, opened)).astype(np.int16), failing)

    def _asked_whether_near(self, slot: int, recall: Recall, context: Context) -> int:
        """ALWAYS or NEVER, of a failing slot, as the plain evaluator has it."""
        (leaf, year, event), wanted = self._slot_keys[slot]
        situation = recall.situation(_Reference("", None, year, event).stub(), context)
        result = recall.result(leaf, situation, wanted)
        return ALWAYS if result.near or changeable(result, situation) else NEVER


def _relative(leaf: Compare) -> bool:
    bounds = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return any(isinstance(bound, RelativeYear) for bound in bounds)


def _op(spec: FactSpec, leaf: Compare) -> Op:
    """A day compared by its year is compared with the first and last day of that year."""
    if spec.kind is Kind.DATE and _relative(leaf) and leaf.op in (Op.EQ, Op.NE):
        return Op.BETWEEN if leaf.op is Op.EQ else Op.NOT_IN
    return leaf.op


def _bounds(spec: FactSpec, leaf: Compare, year: int) -> tuple[Fraction, ...] | None:
    """The bounds of a comparison as plain numbers; None where the enterprise decides them."""
    given = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    if leaf.op in (Op.IN, Op.NOT_IN, Op.KNOWN) or spec.kind in LABELLED:
        return None
    if any(
        isinstance(one, FigureRef) or (isinstance(one, RelativeYear) and one.base is Base.E) for one in given
    ):
        return None
    if spec.kind is Kind.DATE and _relative(leaf):
        return _year_bounds(leaf.op, given, year)
    return tuple(_number(one, year) for one in given)


def _year_bounds(op: Op, given: Sequence[Any], year: int) -> tuple[Fraction, ...] | None:
    if not all(isinstance(one, RelativeYear) for one in given):
        return None
    years = [one.offset if one.base is Base.ABSOLUTE else year + one.offset for one in given]
    first, last = Fraction(first_day(years[0])), Fraction(first_day(years[-1] + 1) - 1)
    if op in (Op.EQ, Op.NE, Op.BETWEEN):
        return first, last
    return (first,) if op in (Op.GE, Op.LT) else (last,)


def _number(bound: Any, year: int) -> Fraction:
    if isinstance(bound, RelativeYear):
        return Fraction(bound.offset if bound.base is Base.ABSOLUTE else year + bound.offset)
    return Fraction(bound.toordinal() if isinstance(bound, dt.date) else bound)


def _doubled(value: Any, scale: int) -> int:
    """Twice the value × scale, rounded down, odd where it was no whole number: exact for comparing."""
    exact = Fraction(value.toordinal() if isinstance(value, dt.date) else value) * scale
    whole, rest = divmod(exact.numerator, exact.denominator)
    return max(-_FAR, min(_FAR, 2 * whole + (rest != 0)))


def _doubled_interval(one: _Interval, scale: int) -> tuple[int, int, int, int, bool, int, int]:
    bounds = [2 * int(bound * scale) for bound in one.bounds]
    low, high = bounds[0], bounds[-1]
    match one.op:
        case Op.GE:
            interval = (low, 2 * _FAR)
        case Op.GT:
            interval = (low + 1, 2 * _FAR)
        case Op.LE:
            interval = (-2 * _FAR, high)
        case Op.LT:
            interval = (-2 * _FAR, high - 1)
        case _:
            interval = (low, high)
    return (one.leaf, one.reference, *interval, one.op in (Op.NE, Op.NOT_IN), low, high)
