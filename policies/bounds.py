"""The most that an amount can come to for anybody, read off its tree: what lists are ordered by.

Pure. None means that the tree sets no bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from matching import tree
from matching.plain.amounts import to_fen

Bound = Fraction | None

_FAR = 2**63 - 1
"""Fen that a bigint no longer holds; no county pays that much."""


def greatest_fen(amount: tree.Amount | None) -> int | None:
    """The upper bound in fen, half up; None without amount, bound or figure, or where no bigint holds it."""
    if amount is None:
        return None
    bound = _amount(amount)
    return None if bound is None or bound >= _FAR else to_fen(bound)


def _amount(node: tree.Amount) -> Bound:
    match node:
        case tree.Fixed(value=value):
            return value
        case tree.Range(high=high):
            return high
        case tree.Rate(rate=rate, of=of):
            return _scaled(_quantity(of), rate)
        case tree.Per(value=value, of=of):
            return _scaled(_quantity(of), value)
        case tree.Bands():
            return _bands(node)
        case tree.First(branches=branches):
            return _all_known(max, (_amount(branch.then) for branch in branches))
        case tree.Installments(entries=entries):
            return _all_known(max, (_amount(entry.then) for entry in entries))
        case tree.Best(children=children) | tree.Max(children=children):
            return _all_known(max, map(_amount, children))
        case tree.Sum(children=children):
            return _all_known(sum, map(_amount, children))
        case tree.Min(children=children):
            return _least(map(_amount, children))
        case tree.Cap(limit=limit, of=of):
            return _least((limit, _amount(of)))
        case tree.Floor(limit=limit, of=of):
            return _all_known(max, (limit, _amount(of)))
        case tree.Scale(factor=factor, of=of):
            return _scaled(_amount(of), factor)
        case tree.When(then=of) | tree.Round(of=of) | tree.Share(of=of) | tree.Minus(left=of):
            return _amount(of)
    return None  # text, increase, received: no figure to be had from the tree


def _quantity(node: tree.Quantity) -> Bound:
    match node:
        case tree.Number(value=value):
            return value
        case tree.QMin(children=children):
            return _least(map(_quantity, children))
        case tree.QMax(children=children):
            return _all_known(max, map(_quantity, children))
        case tree.QSum(children=children):
            return _all_known(sum, map(_quantity, children))
        case tree.QMinus(left=left):
            return _quantity(left)
    return None  # facts and figures, and products that hold one


def _bands(node: tree.Bands) -> Bound:
    most = _quantity(node.of)
    last = node.bands[-1].up_to
    most = _least((most, last))
    if most is None:
        return None
    if node.whole:
        ends = [band.up_to if band.up_to is not None else most for band in node.bands]
        return max(min(end, most) * band.rate for end, band in zip(ends, node.bands, strict=True))
    total, below = Fraction(0), Fraction(0)
    for band in node.bands:
        end = most if band.up_to is None else min(band.up_to, most)
        total += max(Fraction(0), end - below) * band.rate
        below = max(below, end)
    return total


def _scaled(quantity: Bound, factor: Fraction) -> Bound:
    return None if quantity is None else max(Fraction(0), quantity * factor)


def _all_known(combine: Callable[[Iterable[Fraction]], Fraction | int], bounds: Iterable[Bound]) -> Bound:
    known = list(bounds)
    return None if None in known else Fraction(combine(bound for bound in known if bound is not None))


def _least(bounds: Iterable[Bound]) -> Bound:
    return min((bound for bound in bounds if bound is not None), default=None)
