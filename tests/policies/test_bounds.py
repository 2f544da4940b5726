"""The most an amount can come to, read off the tree."""

from fractions import Fraction

import pytest

from matching import tree as t
from policies.bounds import greatest_fen

WAN = Fraction(1_000_000)
FACT = t.FactQuantity("rd_expense")
YES = t.Review("看")


@pytest.mark.parametrize(
    ("amount", "greatest"),
    [
        (None, None),
        (t.Fixed(10 * WAN), 10_000_000),
        (t.Range(5 * WAN, 10 * WAN), 10_000_000),
        (t.Text("按规定"), None),
        (t.Rate(Fraction(1, 20), FACT), None),
        (t.Cap(60 * WAN, t.Rate(Fraction(1, 20), FACT)), 60_000_000),
        (t.Cap(60 * WAN, t.Fixed(10 * WAN)), 10_000_000),
        (t.Floor(60 * WAN, t.Fixed(10 * WAN)), 60_000_000),
        (t.Floor(60 * WAN, t.Text("按规定")), None),
        (t.Scale(Fraction(11, 10), t.Cap(60 * WAN, t.Rate(Fraction(1, 20), FACT))), 66_000_000),
        (t.Scale(Fraction(11, 10), t.Rate(Fraction(1, 20), FACT)), None),
        (t.Per(Fraction(100_000), t.QMin((FACT, t.Number(Fraction(30))))), 3_000_000),
        (t.Sum((t.Fixed(WAN), t.When(YES, t.Fixed(2 * WAN)))), 3_000_000),
        (t.Sum((t.Fixed(WAN), t.Text("按规定"))), None),
        (t.Min((t.Fixed(WAN), t.Text("按规定"))), 1_000_000),
        (t.Best((t.Fixed(WAN), t.Fixed(3 * WAN))), 3_000_000),
        (t.First((t.Branch(YES, t.Fixed(7 * WAN)), t.Branch(None, t.Fixed(5 * WAN)))), 7_000_000),
        (t.Minus(t.Fixed(7 * WAN), t.Fixed(5 * WAN)), 7_000_000),
        (t.Fixed(Fraction(1, 2)), 1),
        (t.Fixed(Fraction(10**28)), None),
    ],
)
def test_the_bound_of_each_block(amount, greatest):
    assert greatest_fen(amount) == greatest


def test_marginal_bands_with_an_end_are_bounded():
    bands = (t.Band(100 * WAN, Fraction(1, 20)), t.Band(200 * WAN, Fraction(3, 100)))
    assert greatest_fen(t.Bands(bands, FACT)) == 5_000_000 + 3_000_000
    assert greatest_fen(t.Bands((*bands, t.Band(None, Fraction(1, 100))), FACT)) is None


def test_whole_bands_take_the_best_end():
    bands = (t.Band(100 * WAN, Fraction(1, 10)), t.Band(200 * WAN, Fraction(1, 100)))
    assert greatest_fen(t.Bands(bands, FACT, whole=True)) == 10_000_000
