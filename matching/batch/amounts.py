"""Amounts before many enterprises: :mod:`matching.plain.amounts`, vectorised, exact, bound by bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from matching import tree
from matching.batch.columns import UNKNOWN
from matching.batch.exact import Ratios, gathered
from matching.batch.leaves import amount_of
from matching.batch.scenes import Scene, dependence, over_groups
from matching.plain.amounts import HALF
from matching.tree import Amount, Condition, Period, Quantity, Rounding

Flags = NDArray[np.bool_]
Truths = tuple[Flags, Flags]


@dataclass(frozen=True)
class Intervals:
    """[low, high] in fen, a row an enterprise. Where not ``bounded``, ``high`` says nothing."""

    low: Ratios
    high: Ratios
    bounded: Flags
    computable: Flags
    upto: Flags

    def map(self, function: Callable[[Ratios], Ratios]) -> Intervals:
        """A rising function of both bounds."""
        return replace(self, low=function(self.low), high=function(self.high))


@dataclass(frozen=True)
class Quantities:
    """Exact numbers in base units, where ``known``."""

    value: Ratios
    known: Flags


class BatchAmounts:
    """Evaluates the amount of one rule over a scene; ``truths`` judges its conditions."""

    def __init__(self, scene: Scene, truths: Callable[[Condition], Truths]) -> None:
        self.scene = scene
        self.truths = truths
        self.count = len(scene)

    def intervals(self, node: Amount) -> Intervals:
        """The interval of a node, row by row."""
        made = self._plain(node)
        if node.upto:
            return replace(made, low=self._all(0), upto=np.ones(self.count, bool))
        return made

    def _plain(self, node: Amount) -> Intervals:
        match node:
            case tree.Fixed(value=value):
                return self._between(value, value)
            case tree.Range(low=low, high=high):
                return self._between(low, high)
            case tree.Text():
                return replace(self._anything(), computable=np.zeros(self.count, bool))
            case tree.Rate(of=of) | tree.Per(of=of) | tree.Bands(of=of):
                return self._known(worth(node, self.quantity(of)))
            case tree.Increase():
                return self._increase(node)
            case tree.Received(what=what):
                paid = Fraction(self.scene.context.received.get(what, 0))
                return self._between(paid, paid)
            case tree.When(when=when, then=then):
                return self._possible([(self.truths(when), self.intervals(then))])
            case tree.First():
                return self._first(node)
            case tree.Installments():
                return self._installments(node)
        return self._combined(node)

    # --- quantities -----------------------------------------------------------------------------------

    def quantity(self, node: Quantity) -> Quantities:
        """The exact quantity; unknown where any part of it is."""
        match node:
            case tree.Number(value=value):
                return Quantities(self._all(value), np.ones(self.count, bool))
            case tree.FigureQuantity(figure=figure):
                return self._figure(figure)
            case tree.FactQuantity(fact=fact, period=period):
                return self._fact(fact, period)
            case tree.QMinus(left=left, right=right):
                parts = [self.quantity(left), self.quantity(right)]
                rest = (parts[0].value - parts[1].value).not_below_zero()
                return Quantities(rest, parts[0].known & parts[1].known)
        parts = [self.quantity(child) for child in node.children]
        values = [part.value for part in parts]
        known = np.logical_and.reduce([part.known for part in parts])
        match node:
            case tree.QSum():
                return Quantities(reduce(Ratios.__add__, values), known)
            case tree.QMin():
                return Quantities(reduce(Ratios.least, values), known)
            case tree.QMax():
                return Quantities(reduce(Ratios.greatest, values), known)
        return Quantities(reduce(Ratios.__mul__, values).times(node.factor), known)

    def _fact(self, fact: str, period: Period | None) -> Quantities:
        column = over_groups(self.scene, period, lambda at: self.scene.column(fact, period, at))
        return Quantities(amount_of(column), column.state != UNKNOWN)

    def _figure(self, figure: tree.FigureRef) -> Quantities:
        values: list[Fraction] = [Fraction(0)]
        place = np.zeros(self.count, np.int64)
        for mask, situation in self.scene.groups(*dependence(figure)):
            value = situation.figure(figure)
            if value is not None:
                place[slice(None) if mask is None else mask] = len(values)
                values.append(value)
        return Quantities(gathered(values, place), place > 0)

    # --- nodes ----------------------------------------------------------------------------------------

    def _increase(self, node: tree.Increase) -> Intervals:
        before, after = (self._fact(node.fact, period) for period in (node.start, node.end))
        grown = (after.value - before.value).not_below_zero().times(node.rate)
        return self._known(Quantities(grown, before.known & after.known))

    def _first(self, node: tree.First) -> Intervals:
        """Branches up to the first certain one are possible."""
        branches: list[tuple[Truths, Intervals]] = []
        unsettled = np.ones(self.count, bool)
        for branch in node.branches:
            sure = possible = np.ones(self.count, bool)
            if branch.when is not None:
                sure, possible = self.truths(branch.when)
            branches.append(((sure & unsettled, possible & unsettled), self.intervals(branch.then)))
            unsettled = unsettled & ~sure
        return self._possible(branches)

    def _installments(self, node: tree.Installments) -> Intervals:
        event = self.scene.event_years(node.event)
        branches: list[tuple[Truths, Intervals]] = []
        for entry in node.entries:
            due = event.present & (self.scene.reference_year - event.values == entry.year)
            then = self.intervals(entry.then)
            if entry.when is not None:
                then = self._possible([(self.truths(entry.when), then)])
            branches.append(((due, due | (event.state == UNKNOWN)), then))
        return self._possible(branches)

    def _possible(self, branches: Sequence[tuple[Truths, Intervals]]) -> Intervals:
        """The hull of the branches that may be taken; 0 is possible too where none is certain."""
        nothing = self._between(0, 0)
        certain = np.logical_or.reduce([sure for (sure, _possible), _interval in branches])
        hull, begun = nothing, ~certain
        for (_sure, possible), interval in branches:
            fresh, both = possible & ~begun, possible & begun
            hull = Intervals(
                interval.low.where(fresh, hull.low.least(interval.low).where(both, hull.low)),
                interval.high.where(fresh, hull.high.greatest(interval.high).where(both, hull.high)),
                np.where(fresh, interval.bounded, hull.bounded & (interval.bounded | ~both)),
                np.where(fresh, interval.computable, hull.computable & (interval.computable | ~both)),
                np.where(fresh, interval.upto, hull.upto | (interval.upto & both)),
            )
            begun = begun | possible
        return hull

    def _combined(self, node: Amount) -> Intervals:
        match node:
            case tree.Sum(children=parts) | tree.Best(children=parts) | tree.Max(children=parts):
                combine = Ratios.__add__ if isinstance(node, tree.Sum) else Ratios.greatest
                return self._together([self.intervals(part) for part in parts], combine)
            case tree.Min(children=parts):
                return self._least([self.intervals(part) for part in parts])
            case tree.Minus(left=left, right=right):
                return self._minus(self.intervals(left), self.intervals(right))
            case tree.Cap(limit=limit, of=of):
                return self._least([self.intervals(of), self._between(limit, limit)])
            case tree.Floor(limit=limit, of=of):
                least = self._all(limit)
                return self.intervals(of).map(lambda bound: bound.greatest(least))
            case tree.Scale(factor=factor, of=of):
                return self.intervals(of).map(lambda bound: bound.times(factor))
            case tree.Round(step=step, mode=mode, of=of):
                return self.intervals(of).map(lambda bound: rounded(bound, step, mode))
            case tree.Share(of=of):
                return self.intervals(of)
        raise TypeError(f"{type(node).__name__} is no amount")

    def _together(self, parts: list[Intervals], combine: Callable[[Ratios, Ratios], Ratios]) -> Intervals:
        return self._marked(
            parts,
            reduce(combine, [part.low for part in parts]),
            reduce(combine, [part.high for part in parts]),
            np.logical_and.reduce([part.bounded for part in parts]),
        )

    def _least(self, parts: list[Intervals]) -> Intervals:
        low = reduce(Ratios.least, [part.low for part in parts])
        high, bounded = parts[0].high, parts[0].bounded
        for part in parts[1:]:
            both = bounded & part.bounded
            high = high.least(part.high).where(both, high.where(bounded, part.high))
            bounded = bounded | part.bounded
        return self._marked(parts, low, high, bounded)

    def _minus(self, left: Intervals, right: Intervals) -> Intervals:
        low = (left.low - right.high).not_below_zero().where(right.bounded, self._all(0))
        high = (left.high - right.low).not_below_zero()
        return self._marked([left, right], low, high, left.bounded)

    def _marked(self, parts: list[Intervals], low: Ratios, high: Ratios, bounded: Flags) -> Intervals:
        computable = np.logical_and.reduce([part.computable for part in parts])
        return Intervals(low, high, bounded, computable, np.logical_or.reduce([part.upto for part in parts]))

    # --- constants ------------------------------------------------------------------------------------

    def _all(self, value: Fraction | int) -> Ratios:
        return Ratios.of(value, self.count)

    def _between(self, low: Fraction | int, high: Fraction | int) -> Intervals:
        yes, no = np.ones(self.count, bool), np.zeros(self.count, bool)
        return Intervals(self._all(low), self._all(high), yes, yes, no)

    def _anything(self) -> Intervals:
        return replace(self._between(0, 0), bounded=np.zeros(self.count, bool))

    def _known(self, quantity: Quantities) -> Intervals:
        """Exactly the quantity where it is known, else anything from 0."""
        value = quantity.value.where(quantity.known, self._all(0))
        return replace(self._anything(), low=value, high=value, bounded=quantity.known)


def worth(node: tree.Rate | tree.Per | tree.Bands, quantity: Quantities) -> Quantities:
    """Fen for quantities, never below 0."""
    value = quantity.value
    if isinstance(node, tree.Bands):
        made = _whole_band(node, value) if node.whole else _marginal_bands(node, value)
    else:
        made = value.times(node.rate if isinstance(node, tree.Rate) else node.value).not_below_zero()
    return Quantities(made, quantity.known)


def _marginal_bands(node: tree.Bands, value: Ratios) -> Ratios:
    count = len(value.above)
    total, lower = Ratios.of(0, count), Fraction(0)
    for band in node.bands:
        upper = value if band.up_to is None else value.least(Ratios.of(band.up_to, count))
        total = total + (upper - Ratios.of(lower, count)).not_below_zero().times(band.rate)
        lower = lower if band.up_to is None else band.up_to
    return total


def _whole_band(node: tree.Bands, value: Ratios) -> Ratios:
    count = len(value.above)
    total, waiting = Ratios.of(0, count), np.ones(count, bool)
    for band in node.bands:
        inside = waiting
        if band.up_to is not None:
            inside = waiting & value.at_most(Ratios.of(band.up_to, count))
        total = value.times(band.rate).not_below_zero().where(inside, total)
        waiting = waiting & ~inside
    return total


def rounded(value: Ratios, step: Fraction, mode: Rounding) -> Ratios:
    """To a multiple of ``step`` fen."""
    steps = value.times(1 / step)
    match mode:
        case Rounding.HALF_UP:
            whole = steps.rounded_down(HALF)
        case Rounding.DOWN:
            whole = steps.rounded_down()
        case _:
            whole = steps.rounded_up()
    return Ratios(whole).times(step)
