"""Exact whole-number arithmetic on arrays: ``int64`` while it provably fits, Python ints beyond.

Every function bounds its result before computing it; where 64 bits could overflow, the arrays go
on as object dtype. Numbers with a fraction are :class:`Ratios`: an array over a denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]

LIMIT = 2**63 - 1


def magnitude(array: Ints | int) -> int:
    """The greatest absolute value, as a Python int."""
    if isinstance(array, int):
        return abs(array)
    if not array.size:
        return 0
    return max(int(array.max()), -int(array.min()))


class _Bound:
    """Stands in for a number and follows how large sums and products could become."""

    def __init__(self, size: int, peak: list[int]) -> None:
        self.size = size
        peak[0] = max(peak[0], size)
        self.peak = peak

    def _with(self, other: Any, combine: Callable[[int, int], int]) -> _Bound:
        size = other.size if isinstance(other, _Bound) else abs(other)
        return _Bound(combine(self.size, size), self.peak)

    def __add__(self, other: Any) -> _Bound:
        return self._with(other, int.__add__)

    def __mul__(self, other: Any) -> _Bound:
        return self._with(other, int.__mul__)

    __radd__ = __sub__ = __rsub__ = __add__
    __rmul__ = __mul__


def safely(formula: Callable[..., Any], *arrays: Ints | int) -> Any:
    """The formula (of ``+ - *`` alone) on arrays, in ``int64`` if no step of it can overflow."""
    peak = [0]
    formula(*(_Bound(magnitude(array), peak) for array in arrays))
    if peak[0] <= LIMIT:
        return formula(*arrays)
    return formula(*(array.astype(object) if isinstance(array, np.ndarray) else array for array in arrays))


def _times(left: Any, right: Any) -> Any:
    return safely(lambda a, b: a * b, left, right)


@dataclass(frozen=True)
class Ratios:
    """Exact numbers ``above / below``, one a row; ``below`` is positive: one for all, or an array."""

    above: Ints
    below: Ints | int = 1

    @classmethod
    def of(cls, value: Fraction | int, count: int) -> Ratios:
        """The same number in each row."""
        exact = Fraction(value)
        dtype = np.int64 if abs(exact.numerator) <= LIMIT else object
        return cls(np.full(count, exact.numerator, dtype), exact.denominator)

    def __add__(self, other: Ratios) -> Ratios:
        mine, theirs, below = _alike(self, other)
        return Ratios(safely(lambda a, b: a + b, mine, theirs), below)

    def __sub__(self, other: Ratios) -> Ratios:
        mine, theirs, below = _alike(self, other)
        return Ratios(safely(lambda a, b: a - b, mine, theirs), below)

    def __mul__(self, other: Ratios) -> Ratios:
        return Ratios(_times(self.above, other.above), _times(self.below, other.below))

    def times(self, factor: Fraction) -> Ratios:
        """Each number times the same factor."""
        return Ratios(_times(self.above, factor.numerator), _times(self.below, factor.denominator))

    def least(self, other: Ratios) -> Ratios:
        """The smaller of the two, row by row."""
        mine, theirs, below = _alike(self, other)
        return Ratios(np.minimum(mine, theirs), below)

    def greatest(self, other: Ratios) -> Ratios:
        """The larger of the two, row by row."""
        mine, theirs, below = _alike(self, other)
        return Ratios(np.maximum(mine, theirs), below)

    def not_below_zero(self) -> Ratios:
        """0 where negative."""
        return Ratios(np.maximum(self.above, 0), self.below)

    def at_most(self, other: Ratios) -> NDArray[np.bool_]:
        """Where this is ≤ the other."""
        mine, theirs, _below = _alike(self, other)
        return (mine <= theirs).astype(bool)

    def where(self, mask: NDArray[np.bool_], other: Ratios) -> Ratios:
        """This where the mask is set, else the other."""
        mine, theirs, below = _alike(self, other)
        return Ratios(np.where(mask, mine, theirs), below)

    def rounded_down(self, add: Fraction = Fraction(0)) -> Ints:
        """Greatest whole number ≤ value + ``add``, row by row."""
        shifted = self + Ratios.of(add, len(self.above))
        return shifted.above // shifted.below

    def rounded_up(self) -> Ints:
        """Least whole number ≥ value, row by row."""
        return -((-self.above) // self.below)


def _alike(left: Ratios, right: Ratios) -> tuple[Ints, Ints, Ints | int]:
    """Both numerators over one denominator."""
    if isinstance(left.below, int) and isinstance(right.below, int):
        below = lcm(left.below, right.below)
        return _times(left.above, below // left.below), _times(right.above, below // right.below), below
    return _times(left.above, right.below), _times(right.above, left.below), _times(left.below, right.below)


def gathered(values: Sequence[Fraction], place: NDArray[np.int64]) -> Ratios:
    """``values[place]`` for few distinct values."""
    below = lcm(*(value.denominator for value in values))
    above = [value.numerator * (below // value.denominator) for value in values]
    dtype = np.int64 if max(map(abs, above)) <= LIMIT else object
    return Ratios(np.array(above, dtype)[place], below)
