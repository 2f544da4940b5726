"""The semantics table of docs/rule-language.md, row by row: boundaries, unknown, not applicable, negation."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from enterprises.catalogue import NOT_APPLICABLE, Purpose
from enterprises.knowledge import CredentialRecord
from matching.plain.evaluate import Verdict
from matching.plain.truth import Truth
from tests.matching.judging import FIVE, NO, PASS, WAN, F, T, U, bounds, judged, revenue, truth
from tests.matching.strategies import AS_OF


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
