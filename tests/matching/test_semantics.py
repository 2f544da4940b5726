"""The semantics table of docs/rule-language.md, row by row: boundaries, unknown, not applicable, negation."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from enterprises.catalogue import NOT_APPLICABLE, Purpose
from enterprises.knowledge import CredentialRecord
from matching.amounts import split
from matching.context import Context
from matching.evaluate import Judgement, Verdict, judge
from matching.parse import parse_rule
from matching.truth import Truth
from tests.matching.strategies import AS_OF, CATALOGUE, FIGURES, knowledge_of_values

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
WAN = 1_000_000
PASS = {"fact": "above_scale", "op": "=", "value": True}


def judged(conditions: Any, amount: Any, values: dict[str, Any], **context: Any) -> Judgement:
    tree = parse_rule(
        conditions,
        amount,
        catalogue=CATALOGUE,
        reference_year=context.pop("fixed", None),
        event_fact="above_scale_first_year",
    )
    purpose = context.get("purpose", Purpose.SHOW)
    given = Context(AS_OF, figures=FIGURES, region=context.pop("region", "500231"), **context)
    return judge(tree, knowledge_of_values(values, purpose), given)


def truth(conditions: Any, values: dict[str, Any], **context: Any) -> Truth:
    """The truth, checked to be turned round by `not` (a review apart)."""
    plain = judged(conditions, None, values, **context).conditions.truth
    turned = judged({"not": conditions}, None, values, **context).conditions.truth
    assert turned is ~plain
    return plain


def amount(node: Any, values: dict[str, Any], **context: Any) -> Any:
    result = judged(PASS, node, {"above_scale": True} | values, **context).amount
    assert result is not None
    return result


def bounds(node: Any, values: dict[str, Any], **context: Any) -> tuple[Any, Any]:
    interval = amount(node, values, **context)
    return interval.low, interval.high


def revenue(op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": "revenue", "period": "Y-1", "op": op, "value": value, "unit": "万元"} | more


@pytest.mark.parametrize(
    ("op", "value", "truths"),
    [
        (">=", "20", (F, T, T)),
        (">", "20", (F, F, T)),
        ("<=", "20", (T, T, F)),
        ("<", "20", (T, F, F)),
        ("=", "20", (F, T, F)),
        ("!=", "20", (T, F, T)),
        ("between", ["20", "20"], (F, T, F)),
        ("between", ["10", "20"], (T, T, F)),
        ("between", ["20", "30"], (F, T, T)),
    ],
)
def test_comparison_is_exact_at_the_boundary(op: str, value: Any, truths: tuple[Truth, ...]) -> None:
    fens = (20 * WAN - 1, 20 * WAN, 20 * WAN + 1)
    assert tuple(truth(revenue(op, value), {"revenue": {2025: fen}}) for fen in fens) == truths
    assert truth(revenue(op, value), {}) is U
    assert truth(revenue(op, value), {"revenue": {2024: 20 * WAN}}) is U
    assert truth(revenue(op, value), {"revenue": {2025: NOT_APPLICABLE}}) is F


def test_units_convert_exactly() -> None:
    third = {"revenue": {2025: 300}, "rd_expense": {2025: 100}}
    ratio = {"fact": "rd_ratio", "period": "Y-1", "unit": "%"}
    assert truth(ratio | {"op": ">", "value": "33.3333333333"}, third) is T
    assert truth(ratio | {"op": "<", "value": "33.3333333334"}, third) is T
    assert truth({"fact": "debt", "op": "=", "value": "100", "unit": "‰"}, {"debt": {2025: 10}}) is T
    assert truth({"fact": "age_months", "op": ">=", "value": "4", "unit": "年"}, _born(2022, 6, 15)) is T
    assert truth({"fact": "age_months", "op": ">=", "value": "4", "unit": "年"}, _born(2022, 6, 16)) is F
    assert truth(revenue("=", "0.002", unit="亿元"), {"revenue": {2025: 20 * WAN}}) is T


@pytest.mark.parametrize(
    ("op", "value", "truths"),
    [
        (">=", "2024-01-01", (F, T)),
        ("<", "2024-01-01", (T, F)),
        ("=", "Y-2", (F, T)),
        ("<=", "Y-3", (T, F)),
        (">", "Y-3", (F, T)),
        ("between", ["Y-3", "Y-2"], (T, T)),
    ],
)
def test_dates_and_relative_years(op: str, value: Any, truths: tuple[Truth, Truth]) -> None:
    node = {"fact": "established_on", "op": op, "value": value}
    found = tuple(truth(node, values) for values in (_born(2023, 12, 31), _born(2024, 1, 1)))
    assert found == truths


def test_choices_of_one() -> None:
    listed = {"fact": "grade", "op": "in", "value": ["A", "M"]}
    assert [truth(listed, {"grade": {2025: g}}) for g in "ABM"] == [T, F, T]
    assert [truth(listed | {"op": "not_in"}, {"grade": {2025: g}}) for g in "ABM"] == [F, T, F]
    assert truth(listed | {"op": "not_in"}, {"grade": {2025: NOT_APPLICABLE}}) is F
    ordered = {"fact": "stage", "op": "<=", "value": "small"}
    assert [truth(ordered, {"stage": s}) for s in ("micro", "small", "medium")] == [T, T, F]
    within = {"fact": "stage", "op": "between", "value": ["small", "medium"]}
    assert [truth(within, {"stage": s}) for s in ("micro", "small", "large")] == [F, T, F]


@pytest.mark.parametrize(
    ("op", "held", "expected"),
    [
        ("has_any", {"a"}, T),
        ("has_any", {"c"}, F),
        ("has_any", set(), F),
        ("has_all", {"a"}, F),
        ("has_all", {"a", "b", "c"}, T),
        ("has_none", {"c"}, T),
        ("has_none", {"b", "c"}, F),
        ("has_none", set(), T),
    ],
)
def test_choices_are_a_whole_set(op: str, held: set[str], expected: Truth) -> None:
    node = {"fact": "tags", "op": op, "value": ["a", "b"]}
    assert truth(node, {"tags": frozenset(held)}) is expected
    assert truth(node, {}) is U
    assert truth(node, {"tags": NOT_APPLICABLE}) is F


def test_an_unrecorded_complete_set_is_empty() -> None:
    assert truth({"fact": "lists", "op": "has_any", "value": ["a"]}, {}) is F
    assert truth({"fact": "lists", "op": "has_none", "value": ["a"]}, {}) is T
    assert truth({"fact": "lists", "op": "known"}, {}) is T


@pytest.mark.parametrize(
    ("value", "inside"),
    [("500231", T), ("500231101", T), ("5002", U), ("50", U), ("500232", F), ("51", F)],
)
def test_codes_known_too_coarsely_are_unknown(value: str, inside: Truth) -> None:
    node = {"fact": "region", "op": "within", "value": ["500231"]}
    assert truth(node, {"region": value}) is inside
    assert truth(node | {"op": "not_within"}, {"region": value}) is ~inside
    assert truth(node | {"op": "not_within"}, {"region": NOT_APPLICABLE}) is F


def test_industry_sections_contain_divisions() -> None:
    node = {"fact": "industry", "op": "within", "value": [{"list": "industrial"}, "65"]}
    found = [truth(node, {"industry": code}) for code in ("C", "3670", "B", "65", "651", "I", "51")]
    assert found == [T, T, T, T, T, U, F]


def held(*kinds: str, op: str = "has_any", **more: Any) -> dict[str, Any]:
    return {"fact": "credentials", "op": op, "value": list(kinds)} | more


def test_credentials_complete_per_kind() -> None:
    assert truth(held("high_tech"), {}) is F
    assert truth(held("specialized"), {}) is U
    assert truth(held("high_tech", "specialized"), {"credentials": ["high_tech"]}) is T
    assert truth(held("high_tech", "specialized", op="has_all"), {"credentials": ["high_tech"]}) is U
    assert truth(held("high_tech", "specialized", op="has_all"), {"credentials": ["specialized"]}) is F
    assert truth(held("high_tech", op="has_none"), {}) is T
    assert truth(held("specialized", op="known"), {}) is U
    assert truth(held("high_tech", op="known"), {}) is T


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"valid_to": AS_OF}, T),
        ({"valid_to": AS_OF - dt.timedelta(1)}, F),
        ({"valid_from": AS_OF}, T),
        ({"valid_from": AS_OF + dt.timedelta(1)}, F),
        ({"revoked": True}, F),
    ],
)
def test_credential_is_valid_on_the_day(record: dict[str, Any], expected: Truth) -> None:
    assert (
        truth(held("specialized"), {"credentials": [CredentialRecord("specialized", **record)]}) is expected
    )


def test_credential_obtained_and_first() -> None:
    renewed = CredentialRecord(
        "specialized", first_obtained=dt.date(2023, 5, 1), valid_from=dt.date(2026, 5, 1)
    )
    assert truth(held("specialized", obtained="Y"), {"credentials": [renewed]}) is T
    assert truth(held("specialized", obtained="Y", first=True), {"credentials": [renewed]}) is F
    assert truth(held("specialized", obtained="2023", first=True), {"credentials": [renewed]}) is T
    ended = CredentialRecord("specialized", valid_from=dt.date(2025, 1, 1), valid_to=dt.date(2025, 12, 31))
    assert truth(held("specialized", obtained="Y-1"), {"credentials": [ended]}) is T
    undated = CredentialRecord("specialized")
    assert truth(held("specialized", obtained="Y"), {"credentials": [undated]}) is U


def test_known() -> None:
    node = {"fact": "score", "op": "known"}
    assert truth(node, {"score": 0}) is T
    assert truth(node, {"score": NOT_APPLICABLE}) is T
    assert truth(node, {}) is U


@pytest.mark.parametrize(
    ("how", "values", "expected"),
    [
        ("every", {2024: 10, 2025: 10}, T),
        ("every", {2024: 9, 2025: 11}, F),
        ("every", {2025: 10}, U),
        ("every", {2025: 9}, F),
        ("every", {2024: NOT_APPLICABLE, 2025: 10}, F),
        ("mean", {2024: 9, 2025: 11}, T),
        ("mean", {2024: 9, 2025: 10}, F),
        ("mean", {2025: 100}, U),
        ("mean", {2024: NOT_APPLICABLE, 2025: 20}, T),
        ("sum", {2024: 1, 2025: 9}, T),
        ("sum", {2024: 0, 2025: 9}, F),
    ],
)
def test_over(how: str, values: Any, expected: Truth) -> None:
    node = {"fact": "employees", "over": ["Y-2", "Y-1"], how: {"op": ">=", "value": "10", "unit": "人"}}
    assert truth(node, {"employees": values}) is expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [((T, T, F), T), ((T, F, F), F), ((T, U, F), U), ((T, T, U), T), ((U, U, F), U), ((U, F, F), F)],
)
def test_at_least_two_of_three(parts: tuple[Truth, ...], expected: Truth) -> None:
    keys = ("above_scale", "score", "stage")
    tests = [
        {"fact": "above_scale", "op": "=", "value": True},
        {"fact": "score", "op": ">", "value": "0"},
        {"fact": "stage", "op": "=", "value": "small"},
    ]
    yes, no = (True, 1, "small"), (False, 0, "large")
    values = {k: (y if p is T else n) for k, p, y, n in zip(keys, parts, yes, no, strict=True) if p is not U}
    assert truth({"at_least": 2, "of": tests}, values) is expected


@pytest.mark.parametrize(
    ("purpose", "plain", "negated"),
    [(Purpose.SHOW, T, T), (Purpose.PAY, U, U)],
)
def test_review(purpose: Purpose, plain: Truth, negated: Truth) -> None:
    review = {"review": "现场核查设备发票"}
    assert judged(review, None, {}, purpose=purpose).conditions.truth is plain
    assert judged({"not": review}, None, {}, purpose=purpose).conditions.truth is negated
    inside = {"when": review, "then": {"fixed": "3", "unit": "万元"}}
    assert bounds(inside, {}, purpose=purpose) == (0, 3 * WAN)


@pytest.mark.parametrize("polarity", [PASS, {"not": {"fact": "above_scale", "op": "=", "value": False}}])
def test_unknown_never_passes_for_paying(polarity: Any) -> None:
    assert judged(polarity, None, {}, purpose=Purpose.PAY).verdict is Verdict.NEEDS_INFO
    assert judged(polarity, None, {"above_scale": True}, purpose=Purpose.PAY).verdict is Verdict.ELIGIBLE


@pytest.mark.parametrize(
    ("on", "region", "expected"),
    [
        (None, "500231", 3),
        ("2026-01-19", "500231", Fraction(345, 100)),
        ("Y-1", "500231", Fraction(345, 100)),
        ("2024-01-19", "500231", None),
    ],
)
def test_figures_by_date(on: str | None, region: str, expected: Any) -> None:
    figure = {"figure": "lpr"} | ({"on": on} if on else {})
    node = {"fact": "debt", "op": "<=", "value": figure}
    if expected is None:
        assert truth(node, {"debt": {2025: 0}}) is U
        return
    assert truth(node, {"debt": {2025: expected}}) is T
    assert truth(node, {"debt": {2025: expected + Fraction(1, 100)}}) is F


@pytest.mark.parametrize(
    ("region", "yuan"), [("500231101", 4500), ("500231", 4500), ("500232", 5000), ("51", None)]
)
def test_figures_by_nearest_region(region: str, yuan: int | None) -> None:
    node = {"rate": "100%", "of": {"times": [{"figure": "wage", "unit": "元"}, {"number": "2"}]}}
    expected = (0, None) if yuan is None else (yuan * 200, yuan * 200)
    assert bounds(node, {}, region=region) == expected


def test_reference_year_and_event_year() -> None:
    node = revenue(">=", "20")
    values = {"revenue": {2024: 20 * WAN, 2025: 0}}
    assert truth(node, values) is F
    assert truth(node, values, reference_year=2025) is T
    assert truth(node, values, reference_year=2026, fixed=2025) is T
    event = {"fact": "revenue", "period": "E+1", "op": ">", "value": "0", "unit": "元"}
    assert truth(event, values | {"above_scale_first_year": 2023}) is T
    assert truth(event, values | {"above_scale_first_year": 2024}) is F
    assert truth(event, values) is U
    assert truth(event, values | {"above_scale_first_year": NOT_APPLICABLE}) is F


def test_latest_period_is_not_after_the_reference_year() -> None:
    node = {"fact": "employees", "op": "=", "value": "5", "unit": "人"}
    values = {"employees": {2024: 5, 2026: 7}}
    assert truth(node, values) is F
    assert truth(node, values, reference_year=2025) is T


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


FIVE = {"fixed": "5", "unit": "万元"}
ONE_TO_TEN = {"range": ["1", "10"], "unit": "万元"}
UNKNOWN = {"fact": "score", "op": ">", "value": "0"}
YES, NO = PASS, {"fact": "above_scale", "op": "=", "value": False}


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


@pytest.mark.parametrize(
    ("values", "is_open"),
    [
        ({"region": "500231"}, True),
        ({"region": "50"}, False),
        ({}, False),
        ({"region": "500231", "hires": 3}, False),
        ({"region": "500231", "hires": 0}, False),
    ],
)
def test_open_is_everything_but_the_claim(values: dict[str, Any], is_open: bool) -> None:
    conditions = {
        "all": [
            {"fact": "region", "op": "within", "value": ["500231"]},
            {"not": {"fact": "hires", "op": "<", "value": "1"}},
            {"review": "核查"},
        ]
    }
    assert judged(conditions, None, values).open is is_open


def test_open_for_paying_hangs_on_review() -> None:
    conditions = {"all": [PASS, {"not": {"review": "核查"}}]}
    assert judged(conditions, None, {"above_scale": True}, purpose=Purpose.PAY).open


@pytest.mark.parametrize(
    ("fen", "near"),
    [(20 * WAN - 1, True), (16 * WAN, True), (16 * WAN - 1, False)],
)
def test_near_miss_is_within_a_fifth(fen: int, near: bool) -> None:
    judgement = judged(revenue(">=", "20"), FIVE, {"revenue": {2025: fen}})
    assert judgement.verdict is Verdict.INELIGIBLE
    assert judgement.amount is None
    assert (judgement.near_miss is not None) is near
    assert (judgement.near_miss_amount is not None) is near


def test_near_miss_needs_all_else_to_hold() -> None:
    conditions = {"all": [revenue(">=", "20"), PASS]}
    values = {"revenue": {2025: 19 * WAN}, "above_scale": False}
    assert judged(conditions, FIVE, values).near_miss is None
    assert judged(conditions, FIVE, values | {"above_scale": True}).near_miss is not None
    changeable = {"all": [PASS, held("high_tech")]}
    assert judged(changeable, FIVE, {"above_scale": True}).near_miss is not None


def test_near_miss_amount_takes_the_leaf_as_settled_in_the_amount_too() -> None:
    tiered = {"first": [{"when": revenue(">=", "20"), "then": FIVE}, {"else": {"fixed": "1", "unit": "元"}}]}
    judgement = judged(revenue(">=", "20"), tiered, {"revenue": {2025: 19 * WAN}})
    assert judgement.near_miss_amount is not None
    assert judgement.near_miss_amount.low == 5 * WAN


def test_eligible_for_nothing_is_not_pushed() -> None:
    assert not judged(PASS, {"when": NO, "then": FIVE}, {"above_scale": True}).pushable
    assert judged(PASS, None, {"above_scale": True}).pushable


def _born(year: int, month: int, day: int) -> dict[str, Any]:
    return {"established_on": dt.date(year, month, day)}
