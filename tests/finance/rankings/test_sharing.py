"""A hundred points are shared among what can be measured, to the hundredth, whatever is missing."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from finance.rankings.sharing import WHOLE, Share, shared

weights = st.lists(st.integers(0, 100), min_size=1, max_size=30)
part = st.fractions(0, 1, max_denominator=10_000)


@st.composite
def banks(draw):
    """Weights, which indicators nobody can be measured by, and what two banks reached of the others."""
    given = draw(weights)
    missing = draw(st.lists(st.booleans(), min_size=len(given), max_size=len(given)))
    parts = [[None if gone else draw(part) for gone in missing] for _bank in range(2)]
    return given, missing, parts


def total(shares):
    return sum(one.points for one in shares)


def test_what_is_missing_goes_to_the_others_in_proportion():
    shares = shared([50, 30, 20], [Fraction(1), None, Fraction(1, 2)])
    assert shares == [Share(7143, 7143), Share(0, 0), Share(2857, 1428)]
    assert total(shares) == 8571


def test_without_anything_to_measure_there_are_no_points():
    assert shared([60, 40], [None, None]) == [Share(0, 0)] * 2
    assert shared([0, 100], [Fraction(1), None]) == [Share(0, 0)] * 2


@given(weights, st.data())
def test_weights_make_a_hundred_and_points_their_sum(given, data):
    parts = data.draw(st.lists(st.none() | part, min_size=len(given), max_size=len(given)))
    shares = shared(given, parts)
    measured = sum(weight for weight, one in zip(given, parts, strict=True) if one is not None)
    assert sum(one.weight for one in shares) == (WHOLE if measured else 0)
    assert all(one == Share(0, 0) for one, reached in zip(shares, parts, strict=True) if reached is None)
    exact = sum(weight * (one or 0) for weight, one in zip(given, parts, strict=True))
    assert not measured or abs(total(shares) - exact * WHOLE / measured) <= Fraction(1, 2)


@given(banks())
def test_what_nobody_can_be_measured_by_might_as_well_not_be_there(drawn):
    given, missing, parts = drawn
    kept = [weight for weight, gone in zip(given, missing, strict=True) if not gone]
    for bank in parts:
        assert total(shared(given, bank)) == total(shared(kept, [one for one in bank if one is not None]))


@given(banks())
def test_the_order_of_banks_is_that_of_their_own_sums(drawn):
    """As if nothing had been shared: who had more before has no less now."""
    given, _missing, parts = drawn
    first, second = (sum(w * (one or 0) for w, one in zip(given, bank, strict=True)) for bank in parts)
    before, after = total(shared(given, parts[0])), total(shared(given, parts[1]))
    assert (first - second) * (before - after) >= 0
