"""Amounts as exact intervals of fen, block by block, so that the answer and its explanation are one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import NamedTuple

from matching.plain.leaves import Reading, quantity_of
from matching.plain.situation import NEVER, Situation
from matching.plain.truth import Truth
from matching.tree import (
    Amount,
    Bands,
    Best,
    Cap,
    Condition,
    FactQuantity,
    FigureQuantity,
    First,
    Fixed,
    Floor,
    Increase,
    Installments,
    Max,
    Min,
    Minus,
    Node,
    Number,
    Per,
    QMax,
    QMin,
    QMinus,
    QSum,
    Quantity,
    Range,
    Rate,
    Received,
    Round,
    Rounding,
    Scale,
    Share,
    Sum,
    Text,
    Times,
    When,
)

HALF = Fraction(1, 2)
ZERO = Fraction(0)


class Interval(NamedTuple):
    """[low, high] in fen; `high` None: no upper bound is known.

    `computable` False: a part is text. `upto`: the department fixes a part of the figure.
    """

    low: Fraction | int
    high: Fraction | int | None
    computable: bool = True
    upto: bool = False

    @property
    def exact(self) -> bool:
        """One certain figure that may be paid as it stands."""
        return self.computable and not self.upto and self.low == self.high

    def map(self, function: Callable[[Fraction], Fraction | int]) -> Interval:
        """A rising function of both bounds."""
        high = None if self.high is None else function(Fraction(self.high))
        return self._replace(low=function(Fraction(self.low)), high=high)


NOTHING = Interval(ZERO, ZERO)
ANYTHING = Interval(ZERO, None)


@dataclass(frozen=True, slots=True)
class Block:
    """One node of the amount with what it comes to.

    `taken`: truth of the condition a branch hangs on (None: it hangs on none). `year`: of an
    instalment. `readings`: the facts a quantity was made of, `quantity` its value in base units, both
    empty where there is none.
    """

    node: Node
    interval: Interval
    children: tuple[Block, ...] = ()
    taken: Truth | None = None
    year: int | None = None
    quantity: Fraction | None = None
    readings: tuple[Reading, ...] = ()


class AmountEvaluator:
    """Evaluates the amount of one rule before one enterprise; `truth_of` judges its conditions."""

    def __init__(self, situation: Situation, truth_of: Callable[[Condition], Truth]) -> None:
        self.situation = situation
        self.truth_of = truth_of

    def block(self, node: Amount) -> Block:
        """The block of a node, with its parts."""
        match node:
            case Fixed(value=value):
                block = Block(node, Interval(value, value))
            case Range(low=low, high=high):
                block = Block(node, Interval(low, high))
            case Text():
                block = Block(node, ANYTHING._replace(computable=False))
            case Rate(of=of) | Per(of=of) | Bands(of=of):
                block = self._of_quantity(node, of)
            case Increase():
                block = self._increase(node)
            case Received(what=what):
                value = Fraction(self.situation.context.received.get(what, 0))
                block = Block(node, Interval(value, value))
            case When() | First() | Installments():
                block = self._branches(node)
            case _:
                block = self._combined(node)
        if node.upto:
            return replace(block, interval=block.interval._replace(low=ZERO, upto=True))
        return block

    def _of_quantity(self, node: Rate | Per | Bands, of: Quantity) -> Block:
        readings: list[Reading] = []
        quantity = self.quantity(of, readings)
        interval = ANYTHING
        if quantity is not None:
            value = _worth(node, quantity)
            interval = Interval(value, value)
        return Block(node, interval, quantity=quantity, readings=tuple(readings))

    def _increase(self, node: Increase) -> Block:
        readings = tuple(self._reading(node.fact, period) for period in (node.start, node.end))
        if any(reading.known is None for reading in readings):
            return Block(node, ANYTHING, readings=readings)
        before, after = (quantity_of(reading.known) for reading in readings)
        grown = max(ZERO, after - before)
        value = grown * node.rate
        return Block(node, Interval(value, value), quantity=grown, readings=readings)

    def _branches(self, node: When | First | Installments) -> Block:
        if isinstance(node, When):
            taken = self.truth_of(node.when)
            child = replace(self.block(node.then), taken=taken)
            return Block(node, _possible([child]), (child,))
        if isinstance(node, First):
            return self._first(node)
        return self._installments(node)

    def _first(self, node: First) -> Block:
        """Branches up to the first certain one are possible; those behind it are shown as not taken."""
        children: list[Block] = []
        settled = False
        for branch in node.branches:
            truth = Truth.TRUE if branch.when is None else self.truth_of(branch.when)
            taken = Truth.FALSE if settled else truth
            then = self.block(branch.then)
            children.append(Block(branch, then.interval, (then,), taken))
            settled = settled or truth is Truth.TRUE
        return Block(node, _possible(children), tuple(children))

    def _installments(self, node: Installments) -> Block:
        event = self.situation.event_year(node.event)
        children: list[Block] = []
        for entry in node.entries:
            if isinstance(event, int):
                due = Truth.of(self.situation.reference_year - event == entry.year)
            else:
                due = Truth.FALSE if event == NEVER else Truth.UNKNOWN
            condition = Truth.TRUE if entry.when is None else self.truth_of(entry.when)
            then = self.block(entry.then)
            interval = _possible([replace(then, taken=condition)])
            children.append(Block(entry, interval, (then,), due, entry.year))
        return Block(node, _possible(children), tuple(children))

    def _combined(self, node: Amount) -> Block:
        match node:
            case Sum(children=parts) | Best(children=parts) | Max(children=parts) | Min(children=parts):
                children = tuple(self.block(part) for part in parts)
            case Minus(left=left, right=right):
                children = (self.block(left), self.block(right))
            case Cap(of=of) | Floor(of=of) | Scale(of=of) | Round(of=of) | Share(of=of):
                children = (self.block(of),)
            case _:
                raise TypeError(f"{type(node).__name__} is no amount")
        return Block(node, _combine(node, [child.interval for child in children]), children)

    def quantity(self, node: Quantity, readings: list[Reading]) -> Fraction | None:
        """The exact quantity in base units, None if any part is unknown; notes what it read."""
        match node:
            case Number(value=value):
                return value
            case FigureQuantity(figure=ref):
                return self.situation.figure(ref)
            case FactQuantity(fact=fact, period=period):
                reading = self._reading(fact, period)
                readings.append(reading)
                return None if reading.known is None else quantity_of(reading.known)
            case QMinus(left=left, right=right):
                parts = [self.quantity(part, readings) for part in (left, right)]
            case _:
                parts = [self.quantity(part, readings) for part in node.children]
        known = [part for part in parts if part is not None]
        return _fold(node, known) if len(known) == len(parts) else None

    def _reading(self, fact: str, period: object) -> Reading:
        known = self.situation.look_up(fact, period)  # type: ignore[arg-type]
        year = known.period if known else None
        if year is None and period is not None:
            asked = self.situation.year(period)  # type: ignore[arg-type]
            year = asked if isinstance(asked, int) else None
        return Reading(fact, year, known)


def _fold(node: Quantity, parts: list[Fraction]) -> Fraction:
    match node:
        case QSum():
            return sum(parts, ZERO)
        case QMin():
            return min(parts)
        case QMax():
            return max(parts)
        case QMinus():
            return max(ZERO, parts[0] - parts[1])
        case Times(factor=factor):
            for part in parts:
                factor *= part
            return factor
    raise TypeError(f"{type(node).__name__} is no quantity")


def _worth(node: Rate | Per | Bands, quantity: Fraction) -> Fraction:
    """Fen for a known quantity, never below 0."""
    if isinstance(node, Bands):
        return whole_band(node, quantity) if node.whole else marginal_bands(node, quantity)
    factor = node.rate if isinstance(node, Rate) else node.value
    return max(ZERO, factor * quantity)


def marginal_bands(node: Bands, quantity: Fraction) -> Fraction:
    """Each slice at its own rate; beyond the last `up_to` nothing."""
    worth, lower = ZERO, ZERO
    for band in node.bands:
        upper = quantity if band.up_to is None else min(quantity, band.up_to)
        worth += max(ZERO, upper - lower) * band.rate
        lower = lower if band.up_to is None else band.up_to
    return worth


def whole_band(node: Bands, quantity: Fraction) -> Fraction:
    """The whole quantity at the rate of the band it falls in; upper bounds are inclusive."""
    for band in node.bands:
        if band.up_to is None or quantity <= band.up_to:
            return max(ZERO, quantity * band.rate)
    return ZERO


def _possible(blocks: Iterable[Block]) -> Interval:
    """The hull of the branches that may be the one taken; 0 is possible too if none is certain."""
    possible = [block for block in blocks if block.taken is not Truth.FALSE]
    intervals = [block.interval for block in possible]
    if not any(block.taken is Truth.TRUE for block in possible):
        intervals.append(NOTHING)
    highs = [interval.high for interval in intervals]
    return Interval(
        min(interval.low for interval in intervals),
        None if None in highs else max(high for high in highs if high is not None),
        all(interval.computable for interval in intervals),
        any(interval.upto for interval in intervals),
    )


def _combine(node: Amount, parts: list[Interval]) -> Interval:
    """Bound by bound; the marks of the parts add up."""
    lows, highs = [part.low for part in parts], [part.high for part in parts]
    known = [high for high in highs if high is not None]
    unbounded = len(known) < len(highs)
    low: Fraction | int
    high: Fraction | int | None
    match node:
        case Sum():
            low, high = sum(lows), None if unbounded else sum(known)
        case Best() | Max():
            low, high = max(lows), None if unbounded else max(known)
        case Min():
            low, high = min(lows), min(known, default=None)
        case Minus():
            low = 0 if highs[1] is None else max(ZERO, lows[0] - highs[1])
            high = None if highs[0] is None else max(ZERO, highs[0] - lows[1])
        case Cap(limit=limit):
            low, high = min(lows[0], limit), min([*known, limit])
        case Floor(limit=limit):
            low, high = max(lows[0], limit), None if unbounded else max(known[0], limit)
        case Scale(factor=factor):
            scaled = parts[0].map(lambda value: value * factor)
            low, high = scaled.low, scaled.high
        case Round(step=step, mode=mode):
            rounded = parts[0].map(lambda value: round_to(value, step, mode))
            low, high = rounded.low, rounded.high
        case _:
            low, high = lows[0], highs[0]
    return Interval(low, high, all(part.computable for part in parts), any(part.upto for part in parts))


def round_to(value: Fraction, step: Fraction, mode: Rounding) -> Fraction:
    """To a multiple of `step`."""
    steps = value / step
    if mode is Rounding.HALF_UP:
        return floor(steps + HALF) * step
    return (floor(steps) if mode is Rounding.DOWN else -floor(-steps)) * step


def to_fen(value: Fraction | int) -> int:
    """Half up to the fen: the last step, at the root."""
    return floor(value + HALF)


def split(total: int, parts: tuple[tuple[str, Fraction], ...]) -> tuple[tuple[str, int], ...]:
    """Who bears how many fen of a total; what does not divide goes to the first."""
    shares = [(payer, floor(total * fraction)) for payer, fraction in parts]
    odd = total - sum(fen for _payer, fen in shares)
    first, *rest = shares
    return ((first[0], first[1] + odd), *rest)
