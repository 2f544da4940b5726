"""A hundred points shared among the indicators that can be measured of a bank. Pure.

An indicator that has nothing to measure (无数据) neither gives nor takes: its weight goes to the others, each
in proportion to its own. So an indicator that nobody can be measured by might as well not be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

WHOLE: Final = 10_000
"""A hundred points, in hundredths."""


@dataclass(frozen=True, slots=True)
class Share:
    """What an indicator weighs for a bank, and what it gives it; both hundredths of points."""

    weight: int
    points: int


def shared(weights: Sequence[int], parts: Sequence[Fraction | None]) -> list[Share]:
    """For each indicator with its weight and what the bank reached of it: 0 to 1, or None for no data.

    The weights make a hundred points exactly, and the points their sum rounded to a hundredth, of two banks
    in the order of their exact sums. Without anything to measure there are neither.
    """
    measured = [0 if part is None else weight for weight, part in zip(weights, parts, strict=True)]
    whole = sum(measured)
    if not whole:
        return [Share(0, 0)] * len(measured)
    weighed = [Fraction(weight * WHOLE, whole) for weight in measured]
    earned = [weight * (part or 0) for weight, part in zip(weighed, parts, strict=True)]
    return [Share(*both) for both in zip(_whole_numbers(weighed), _whole_numbers(earned), strict=True)]


def _whole_numbers(exact: Sequence[Fraction]) -> list[int]:
    """Whole numbers that make the sum, rounded half up: what is left goes to the largest remainders."""
    found = [int(one) for one in exact]
    left = int(sum(exact) + Fraction(1, 2)) - sum(found)
    by_rest = sorted(range(len(exact)), key=lambda place: (found[place] - exact[place], place))
    for place in by_rest[:left]:
        found[place] += 1
    return found
