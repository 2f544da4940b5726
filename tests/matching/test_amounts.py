"""Amounts, block by block, as docs/rule-language.md describes them: exact, bound by bound."""

from fractions import Fraction
from typing import Any

import pytest

from enterprises.catalogue import NOT_APPLICABLE
from matching.plain.amounts import split
from tests.matching.judging import FIVE, NO, PASS, WAN, amount, bounds


@pytest.mark.parametrize(
    ("node", "values", "expected"),
    [
        ({"fixed": "1.5", "unit": "万元"}, {}, (1_500_000, 1_500_000)),
        ({"range": ["5", "10"], "unit": "万元"}, {}, (5 * WAN, 10 * WAN)),
        ({"rate": "5%", "of": {"fact": "invest"}}, {"invest": 30}, (2, 2)),
        ({"rate": "5%", "of": {"fact": "invest"}}, {"invest": 29}, (1, 1)),
        ({"rate": "5%", "of": {"fact": "invest"}}, {"invest": -500}, (0, 0)),
        ({"rate": "5%", "of": {"fact": "invest"}}, {"invest": NOT_APPLICABLE}, (0, 0)),
        ({"rate": "5%", "of": {"fact": "invest"}}, {}, (0, None)),
        ({"per": "1000", "unit": "元", "of": {"fact": "hires"}}, {"hires": 3}, (300_000, 300_000)),
        (
            {"per": "1000", "unit": "元", "of": {"min": [{"fact": "hires"}, {"number": "2"}]}},
            {"hires": 3},
            (200_000, 200_000),
        ),
        (
            {"increase": {"fact": "revenue"}, "from": "Y-2", "to": "Y-1", "rate": "1%"},
            {"revenue": {2024: 100, 2025: 1100}},
            (10, 10),
        ),
        (
            {"increase": {"fact": "revenue"}, "from": "Y-2", "to": "Y-1", "rate": "1%"},
            {"revenue": {2024: 1100, 2025: 100}},
            (0, 0),
        ),
        (
            {"increase": {"fact": "revenue"}, "from": "Y-2", "to": "Y-1", "rate": "1%"},
            {"revenue": {2025: 100}},
            (0, None),
        ),
    ],
)
def test_amounts_of_quantities(node: Any, values: dict[str, Any], expected: Any) -> None:
    assert bounds(node, values) == expected


@pytest.mark.parametrize(
    ("whole", "fen", "expected"),
    [
        (False, 100 * WAN, 5 * WAN),
        (False, 150 * WAN, 5 * WAN + 1_500_000),
        (False, 900 * WAN, 8 * WAN),
        (True, 100 * WAN, 5 * WAN),
        (True, 100 * WAN + 100, 3 * WAN + 3),
        (True, 200 * WAN, 6 * WAN),
        (True, 200 * WAN + 1, 0),
    ],
)
def test_bands(whole: bool, fen: int, expected: int) -> None:
    bands = [{"up_to": "100", "rate": "5%"}, {"up_to": "200", "rate": "3%"}]
    node = {"bands": bands, "unit": "万元", "whole": whole, "of": {"fact": "invest"}}
    assert bounds(node, {"invest": fen}) == (expected, expected)


ONE_TO_TEN = {"range": ["1", "10"], "unit": "万元"}
UNKNOWN = {"fact": "score", "op": ">", "value": "0"}
YES = PASS


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"when": YES, "then": FIVE}, (5, 5)),
        ({"when": NO, "then": FIVE}, (0, 0)),
        ({"when": UNKNOWN, "then": ONE_TO_TEN}, (0, 10)),
        ({"first": [{"when": NO, "then": ONE_TO_TEN}, {"when": YES, "then": FIVE}]}, (5, 5)),
        ({"first": [{"when": UNKNOWN, "then": ONE_TO_TEN}, {"when": YES, "then": FIVE}]}, (1, 10)),
        ({"first": [{"when": UNKNOWN, "then": FIVE}, {"else": ONE_TO_TEN}]}, (1, 10)),
        ({"first": [{"when": UNKNOWN, "then": FIVE}]}, (0, 5)),
        ({"first": [{"when": NO, "then": FIVE}]}, (0, 0)),
        ({"sum": [FIVE, ONE_TO_TEN]}, (6, 15)),
        ({"best": [FIVE, ONE_TO_TEN]}, (5, 10)),
        ({"max": [FIVE, ONE_TO_TEN]}, (5, 10)),
        ({"min": [FIVE, ONE_TO_TEN]}, (1, 5)),
        ({"minus": [FIVE, ONE_TO_TEN]}, (0, 4)),
        ({"minus": [ONE_TO_TEN, FIVE]}, (0, 5)),
        ({"cap": {"value": "7", "unit": "万元"}, "of": ONE_TO_TEN}, (1, 7)),
        ({"floor": {"value": "3", "unit": "万元"}, "of": ONE_TO_TEN}, (3, 10)),
        ({"floor": {"value": "3", "unit": "万元"}, "of": {"when": NO, "then": FIVE}}, (3, 3)),
        ({"scale": "50%", "of": {"range": ["2", "10"], "unit": "万元"}}, (1, 5)),
        (
            {"scale": "120%", "of": {"cap": {"value": "5", "unit": "万元"}, "of": {"sum": [FIVE, FIVE]}}},
            (6, 6),
        ),
        ({"cap": {"value": "5", "unit": "万元"}, "of": {"scale": "120%", "of": FIVE}}, (5, 5)),
        ({"scale": "0%", "of": ONE_TO_TEN}, (0, 0)),
        ({"share": {"市": "60%", "县": "40%"}, "of": ONE_TO_TEN}, (1, 10)),
        ({"range": ["1", "10"], "unit": "万元", "upto": True}, (0, 10)),
    ],
)
def test_composed_amounts(node: Any, expected: tuple[int, int]) -> None:
    assert bounds(node, {}) == (expected[0] * WAN, expected[1] * WAN)


@pytest.mark.parametrize(
    ("mode", "fen", "expected"),
    [("half_up", 149, 100), ("half_up", 150, 200), ("down", 199, 100), ("up", 101, 200), ("up", 100, 100)],
)
def test_round(mode: str, fen: int, expected: int) -> None:
    node = {"round": {"to": "元", "mode": mode}, "of": {"rate": "100%", "of": {"fact": "invest"}}}
    assert bounds(node, {"invest": fen}) == (expected, expected)


def test_text_and_upto_are_marked_and_capped() -> None:
    text = amount({"text": "优先推荐"}, {})
    assert (text.low, text.high, text.computable) == (0, None, False)
    capped = amount({"cap": {"value": "2", "unit": "万元"}, "of": {"sum": [FIVE, {"text": "x"}]}}, {})
    assert (capped.low, capped.high, capped.computable, capped.exact) == (2 * WAN, 2 * WAN, False, False)
    upto = amount({"sum": [FIVE, FIVE | {"upto": True}]}, {})
    assert (upto.low, upto.high, upto.upto, upto.exact) == (5 * WAN, 10 * WAN, True, False)
    off = amount({"sum": [FIVE, {"when": NO, "then": {"text": "x"}}]}, {})
    assert off.exact


def test_a_scaled_amount_stays_exact_and_as_open_as_it_was() -> None:
    third = {"scale": "1/3", "of": {"fixed": "1", "unit": "元"}}
    assert bounds({"sum": [third, third, third]}, {}) == (100, 100)
    assert bounds({"scale": "110%", "of": {"rate": "5%", "of": {"fact": "invest"}}}, {}) == (0, None)
    upto = amount({"scale": "110%", "of": FIVE | {"upto": True}}, {})
    assert (upto.low, upto.high, upto.upto) == (0, 55 * WAN // 10, True)


def test_received_is_given_by_the_caller() -> None:
    node = {"minus": [FIVE, {"received": "group"}]}
    assert bounds(node, {}) == (5 * WAN, 5 * WAN)
    assert bounds(node, {}, received={"group": 2 * WAN, "item": 9 * WAN}) == (3 * WAN, 3 * WAN)
    assert bounds(node, {}, received={"group": 9 * WAN}) == (0, 0)


def test_odd_fen_goes_to_the_first() -> None:
    thirds = (("市", Fraction(1, 3)), ("区", Fraction(1, 3)), ("县", Fraction(1, 3)))
    assert split(100, thirds) == (("市", 34), ("区", 33), ("县", 33))
    assert split(0, thirds) == (("市", 0), ("区", 0), ("县", 0))
