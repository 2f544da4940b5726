"""Packed bits, exact arithmetic on arrays, and results as bytes."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.batch.bitmaps import POSSIBLE, at_least, certain, pack, positions, unpack, words_for
from matching.batch.exact import LIMIT, Ratios, gathered, safely
from matching.batch.results import AMOUNT_FLAG, BOUNDED_FLAG, ELIGIBLE_FLAG, OPEN_FLAG, Match, Matches


@given(st.lists(st.booleans(), max_size=300))
def test_packing_and_unpacking_give_the_same_flags(flags: list[bool]) -> None:
    array = np.array([flags, flags, flags], bool)
    bits = pack(array)
    assert bits.shape == (3, words_for(len(flags)))
    assert unpack(bits, len(flags)).tolist() == array.tolist()
    assert positions(bits[POSSIBLE], len(flags)).tolist() == np.flatnonzero(flags).tolist()


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65])
def test_bits_beyond_the_last_enterprise_are_not_found(count: int) -> None:
    everyone = certain(count, True)
    assert positions(everyone[0], count).tolist() == list(range(count))


@pytest.mark.parametrize("children", range(1, 5))
def test_at_least_counts_bit_by_bit(children: int) -> None:
    cases = np.array(list(product([False, True], repeat=children)), bool).T
    bits = [pack(row) for row in cases]
    for needed in range(-1, children + 2):
        found = unpack(at_least(needed, bits), cases.shape[1])
        assert found.tolist() == (cases.sum(axis=0) >= needed).tolist()


NUMBERS = st.fractions(max_denominator=50) | st.sampled_from(
    [Fraction(LIMIT), Fraction(-LIMIT, 3), Fraction(2**62), Fraction(10**30), Fraction(1, 10**9)]
)


def ratios(values: list[Fraction]) -> Ratios:
    """One ratio a row, each with its own denominator where they differ."""
    above = np.array([value.numerator for value in values], object)
    below = np.array([value.denominator for value in values], object)
    fits = all(abs(part) <= LIMIT for part in (*above, *below))
    return Ratios(above.astype(np.int64), below.astype(np.int64)) if fits else Ratios(above, below)


def exactly(made: Ratios) -> list[Fraction]:
    below = made.below if isinstance(made.below, np.ndarray) else [made.below] * len(made.above)
    return [Fraction(int(a), int(b)) for a, b in zip(made.above, below, strict=True)]


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5), NUMBERS)
def test_ratios_reckon_exactly_however_large(
    pairs: list[tuple[Fraction, Fraction]], factor: Fraction
) -> None:
    lefts, rights = (list(column) for column in zip(*pairs, strict=True))
    left, right = ratios(lefts), ratios(rights)
    assert exactly(left + right) == [a + b for a, b in pairs]
    assert exactly(left - right) == [a - b for a, b in pairs]
    assert exactly(left * right) == [a * b for a, b in pairs]
    assert exactly(left.least(right)) == [min(pair) for pair in pairs]
    assert exactly(left.greatest(right)) == [max(pair) for pair in pairs]
    assert exactly(left.times(factor)) == [a * factor for a in lefts]
    assert left.at_most(right).tolist() == [a <= b for a, b in pairs]
    assert left.rounded_down().tolist() == [a.__floor__() for a in lefts]
    assert left.rounded_up().tolist() == [a.__ceil__() for a in lefts]
    place = np.arange(len(lefts))
    assert exactly(gathered(lefts, place)) == lefts
    assert exactly(Ratios.of(factor, 2)) == [factor, factor]


def test_what_could_overflow_goes_on_as_python_ints() -> None:
    most = np.array([2**62, -1], np.int64)
    assert safely(lambda a: a + 1, most).dtype == np.int64
    twice = safely(lambda a: a + a, most)
    assert twice.dtype == object
    assert twice.tolist() == [2**63, -2]
    assert safely(lambda a, b: (a - b) * 100, most, most).tolist() == [0, 0]


def test_results_survive_as_bytes() -> None:
    matches = Matches(
        np.array([3, 70_000, 70_001], np.int64),
        np.array([ELIGIBLE_FLAG | AMOUNT_FLAG | BOUNDED_FLAG, OPEN_FLAG | AMOUNT_FLAG, 0], np.uint8),
        np.array([5, 0, 0], np.int64),
        np.array([7, 0, 0], np.int64),
        population=100_000,
    )
    again = Matches.from_bytes(matches.to_bytes())
    assert list(again) == list(matches)
    assert again.population == 100_000
    assert list(again)[:2] == [
        Match(3, True, False, 5, 7, False, False),
        Match(70_000, False, True, 0, None, False, False),
    ]
    assert (again.eligible.tolist(), again.opened.tolist(), again.needs_info.tolist()) == (
        [3],
        [70_000],
        [70_000, 70_001],
    )
    assert again.total() == (5, None)


def test_a_known_worthless_match_is_not_pushed() -> None:
    flags = [ELIGIBLE_FLAG | AMOUNT_FLAG | BOUNDED_FLAG, ELIGIBLE_FLAG | AMOUNT_FLAG, ELIGIBLE_FLAG, 0]
    nothing = np.zeros(4, np.int64)
    matches = Matches(np.arange(4), np.array(flags, np.uint8), nothing, nothing)
    assert matches.pushable.ids.tolist() == [1, 2]


def test_an_amount_beyond_64_bits_is_kept_as_the_largest() -> None:
    huge = np.array([10**30], object)
    matches = Matches(
        np.array([1]), np.array([ELIGIBLE_FLAG | AMOUNT_FLAG | BOUNDED_FLAG], np.uint8), huge, huge
    )
    assert matches.total() == (10**30, 10**30)
    assert next(iter(Matches.from_bytes(matches.to_bytes()))).low == LIMIT
