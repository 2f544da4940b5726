"""Amounts of many rules before one enterprise: compiled to functions, no trace kept for explaining.

The same numbers as :class:`matching.plain.amounts.AmountEvaluator`, which stays the reference; the tests hold
this to it. Conditions inside amounts are answered by number, as the rules' own conditions are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from operator import mul

from matching import tree
from matching.compiled.recall import Recall
from matching.plain.amounts import Interval, marginal_bands, round_to, to_fen, whole_band
from matching.plain.context import Context
from matching.plain.leaves import quantity_of
from matching.plain.situation import NEVER
from matching.tree import Amount, Condition, Period, Quantity, RuleTree

Exact = int | Fraction
ZERO = 0


NOTHING = Interval(ZERO, ZERO)
ANYTHING = Interval(ZERO, None)
UNTOLD = Interval(ZERO, None, computable=False)


@dataclass
class Sitting:
    """One enterprise before all rules: truths of numbered conditions, and facts looked up so far."""

    recall: Recall
    context: Context
    sure: Sequence[bool]
    possible: Sequence[bool]
    facts: dict[_FactMeasure, Exact | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _FactMeasure:
    """Measures a fact of a period, from the Y and event of a rule; each object is remembered by itself."""

    fact: str
    period: Period | None
    stub: RuleTree

    def __call__(self, at: Sitting) -> Exact | None:
        if self not in at.facts:
            known = at.recall.situation(self.stub, at.context).look_up(self.fact, self.period)
            at.facts[self] = None if known is None else _plain(quantity_of(known))
        return at.facts[self]


Reckon = Callable[[Sitting], Interval]
Measure = Callable[[Sitting], Exact | None]


@dataclass(frozen=True)
class AmountCompiler:
    """Compiles the amount of one rule; ``number_of`` says under which number a condition is answered."""

    rule: RuleTree
    year: int
    number_of: Callable[[Condition], int]
    measures: dict[tuple[str, Period | None, int, str | None], Measure] = field(default_factory=dict)
    """Of facts, shared by the rules compiled together: each is looked up once an enterprise."""

    @property
    def stub(self) -> RuleTree:
        """A rule with this Y and event, for looking things up."""
        return RuleTree(tree.All(()), None, self.year, self.rule.event_fact)

    def amount(self, node: Amount) -> Reckon:
        """The function that reckons a node."""
        reckon = self._amount(node)
        return partial(_upto, reckon) if node.upto else reckon

    def _amount(self, node: Amount) -> Reckon:
        match node:
            case tree.Fixed(value=value):
                return _always(Interval(_plain(value), _plain(value)))
            case tree.Range(low=low, high=high):
                return _always(Interval(_plain(low), _plain(high)))
            case tree.Text():
                return _always(UNTOLD)
            case tree.Rate(rate=factor, of=of) | tree.Per(value=factor, of=of):
                return partial(_scaled, self.quantity(of), _plain(factor))
            case tree.Bands(of=of):
                return partial(_banded, self.quantity(of), node)
            case tree.Increase(fact=fact, start=start, end=end, rate=rate):
                return partial(_increase, self._fact(fact, start), self._fact(fact, end), _plain(rate))
            case tree.Received(what=what):
                return partial(_received, what)
            case tree.When(when=when, then=then):
                return partial(_branches, [(self.number_of(when), self.amount(then))])
            case tree.First():
                branches = [(self._number(branch.when), self.amount(branch.then)) for branch in node.branches]
                return partial(_first, branches)
            case tree.Installments():
                return self._installments(node)
        return self._combined(node)

    def _number(self, when: Condition | None) -> int | None:
        return None if when is None else self.number_of(when)

    def _installments(self, node: tree.Installments) -> Reckon:
        entries: list[tuple[int, Reckon]] = [
            (entry.year, partial(_branches, [(self._number(entry.when), self.amount(entry.then))]))
            for entry in node.entries
        ]
        return partial(_installments, entries, node.event, self.year, self.stub)

    def _combined(self, node: Amount) -> Reckon:
        match node:
            case tree.Sum(children=parts) | tree.Best(children=parts) | tree.Max(children=parts):
                combine = sum if isinstance(node, tree.Sum) else max
                return partial(_together, combine, [self.amount(part) for part in parts])
            case tree.Min(children=parts):
                return partial(_least, [self.amount(part) for part in parts])
            case tree.Cap(limit=limit, of=of):
                return partial(_cap, self.amount(of), _plain(limit))
            case tree.Floor(limit=limit, of=of):
                return partial(_mapped, self.amount(of), partial(max, _plain(limit)))
            case tree.Scale(factor=factor, of=of):
                return partial(_mapped, self.amount(of), partial(mul, _plain(factor)))
            case tree.Round(step=step, mode=mode, of=of):
                return partial(_mapped, self.amount(of), lambda value: round_to(Fraction(value), step, mode))
            case tree.Minus(left=left, right=right):
                return partial(_minus, self.amount(left), self.amount(right))
            case tree.Share(of=of):
                return self.amount(of)
        raise TypeError(f"{type(node).__name__} is no amount")

    def quantity(self, node: Quantity) -> Measure:
        """The function that measures a quantity; None where any part of it is unknown."""
        match node:
            case tree.Number(value=value):
                plain = _plain(value)
                return lambda _sitting: plain
            case tree.FactQuantity(fact=fact, period=period):
                return self._fact(fact, period)
            case tree.FigureQuantity(figure=figure):
                return lambda at: at.recall.situation(self.stub, at.context).figure(figure)
            case tree.QMinus(left=left, right=right):
                return partial(
                    _measured, lambda parts: max(ZERO, parts[0] - parts[1]), self._parts(left, right)
                )
            case tree.QSum(children=parts):
                return partial(_measured, sum, self._parts(*parts))
            case tree.QMin(children=parts):
                return partial(_measured, min, self._parts(*parts))
            case tree.QMax(children=parts):
                return partial(_measured, max, self._parts(*parts))
            case tree.Times(children=parts, factor=factor):
                return partial(_measured, partial(_product, factor), self._parts(*parts))
        raise TypeError(f"{type(node).__name__} is no quantity")

    def _parts(self, *nodes: Quantity) -> list[Measure]:
        return [self.quantity(node) for node in nodes]

    def _fact(self, fact: str, period: Period | None) -> Measure:
        return self.measures.setdefault(
            (fact, period, self.year, self.rule.event_fact), _FactMeasure(fact, period, self.stub)
        )


def in_fen(amount: Interval) -> Interval:
    """Half up to the fen, as the root of an amount is."""
    low, high = amount.low, amount.high
    if isinstance(low, int) and (high is None or isinstance(high, int)):
        return amount
    return amount._replace(low=to_fen(low), high=None if high is None else to_fen(high))


def _plain(value: Fraction) -> Exact:
    """Whole numbers as int, which is quicker."""
    return value.numerator if value.denominator == 1 else value


def _always(bounds: Interval) -> Reckon:
    return lambda _sitting: bounds


def _upto(reckon: Reckon, at: Sitting) -> Interval:
    return reckon(at)._replace(low=ZERO, upto=True)


def _scaled(measure: Measure, factor: Exact, at: Sitting) -> Interval:
    quantity = measure(at)
    if quantity is None:
        return ANYTHING
    worth = max(ZERO, _times(quantity, factor))
    return Interval(worth, worth)


def _times(quantity: Exact, factor: Exact) -> Exact:
    """Their product; a share of whole fen is mostly whole again."""
    if isinstance(quantity, int) and not isinstance(factor, int):
        whole, rest = divmod(quantity * factor.numerator, factor.denominator)
        return quantity * factor if rest else whole
    return quantity * factor


def _banded(measure: Measure, node: tree.Bands, at: Sitting) -> Interval:
    quantity = measure(at)
    if quantity is None:
        return ANYTHING
    worth = (whole_band if node.whole else marginal_bands)(node, Fraction(quantity))
    return Interval(worth, worth)


def _increase(before: Measure, after: Measure, rate: Exact, at: Sitting) -> Interval:
    old, new = before(at), after(at)
    if old is None or new is None:
        return ANYTHING
    worth = max(ZERO, new - old) * rate
    return Interval(worth, worth)


def _received(what: str, at: Sitting) -> Interval:
    paid = at.context.received.get(what, 0)
    return Interval(paid, paid)


def _branches(branches: list[tuple[int | None, Reckon]], at: Sitting) -> Interval:
    """Branches that do not exclude each other: the hull of the possible ones."""
    possible = [
        (number is None or at.sure[number], reckon(at))
        for number, reckon in branches
        if number is None or at.possible[number]
    ]
    return _hull(possible)


def _first(branches: list[tuple[int | None, Reckon]], at: Sitting) -> Interval:
    """Branches up to the first certain one are possible."""
    possible: list[tuple[bool, Interval]] = []
    for number, reckon in branches:
        if number is None or at.possible[number]:
            certain = number is None or at.sure[number]
            possible.append((certain, reckon(at)))
            if certain:
                break
    return _hull(possible)


def _installments(
    entries: list[tuple[int, Reckon]], event_fact: str, year: int, stub: RuleTree, at: Sitting
) -> Interval:
    event = at.recall.situation(stub, at.context).event_year(event_fact)
    if isinstance(event, int):
        return _hull([(True, reckon(at)) for due, reckon in entries if year - event == due])
    return NOTHING if event == NEVER else _hull([(False, reckon(at)) for _due, reckon in entries])


def _hull(possible: list[tuple[bool, Interval]]) -> Interval:
    """From the least to the greatest that is possible; 0 is possible too if nothing is certain."""
    bounds = [bound for _certain, bound in possible]
    if not any(certain for certain, _bound in possible):
        bounds.append(NOTHING)
    if len(bounds) == 1:
        return bounds[0]
    highs = [bound.high for bound in bounds]
    return Interval(
        min(bound.low for bound in bounds),
        None if None in highs else max(high for high in highs if high is not None),
        all(bound.computable for bound in bounds),
        any(bound.upto for bound in bounds),
    )


def _marked(parts: list[Interval], low: Exact, high: Exact | None) -> Interval:
    return Interval(low, high, all(part.computable for part in parts), any(part.upto for part in parts))


def _together(combine: Callable[..., Exact], reckons: list[Reckon], at: Sitting) -> Interval:
    parts = [reckon(at) for reckon in reckons]
    highs = [part.high for part in parts]
    return _marked(parts, combine(part.low for part in parts), None if None in highs else combine(highs))


def _least(reckons: list[Reckon], at: Sitting) -> Interval:
    parts = [reckon(at) for reckon in reckons]
    highs = [part.high for part in parts if part.high is not None]
    return _marked(parts, min(part.low for part in parts), min(highs, default=None))


def _cap(reckon: Reckon, limit: Exact, at: Sitting) -> Interval:
    part = reckon(at)
    high = limit if part.high is None else min(part.high, limit)
    return Interval(min(part.low, limit), high, part.computable, part.upto)


def _mapped(reckon: Reckon, change: Callable[[Exact], Exact], at: Sitting) -> Interval:
    part = reckon(at)
    high = None if part.high is None else change(part.high)
    return Interval(change(part.low), high, part.computable, part.upto)


def _minus(left: Reckon, right: Reckon, at: Sitting) -> Interval:
    whole, taken = left(at), right(at)
    low = ZERO if taken.high is None else max(ZERO, whole.low - taken.high)
    high = None if whole.high is None else max(ZERO, whole.high - taken.low)
    return _marked([whole, taken], low, high)


def _measured(combine: Callable[[list[Exact]], Exact], measures: list[Measure], at: Sitting) -> Exact | None:
    parts = [measure(at) for measure in measures]
    known = [part for part in parts if part is not None]
    return combine(known) if len(known) == len(parts) else None


def _product(factor: Fraction, parts: list[Exact]) -> Exact:
    whole: Exact = factor
    for part in parts:
        whole = whole * part
    return whole
