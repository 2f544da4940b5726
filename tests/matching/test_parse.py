"""What the parser refuses, where, and that it says so politely; what it normalises, exactly."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from matching.parse import RuleErrors, load_json, parse_rule
from matching.tree import Base, Compare, Op, Period, RelativeYear, leaves
from tests.matching.strategies import CATALOGUE

PASS = {"fact": "above_scale", "op": "=", "value": True}


def parse(conditions: Any, amount: Any = None, **options: Any) -> Any:
    return parse_rule(conditions, amount, catalogue=CATALOGUE, **options)


def refusals(conditions: Any, amount: Any = None, **options: Any) -> list[str]:
    with pytest.raises(RuleErrors) as caught:
        parse(conditions, amount, **options)
    return [error.path for error in caught.value.errors]


def money(value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": "revenue", "op": ">=", "value": value, "unit": "万元"} | more


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ([], ""),
        ({}, ""),
        ({"all": []}, "/all"),
        ({"all": [PASS], "any": [PASS]}, ""),
        ({"at_least": 2, "of": [PASS]}, "/at_least"),
        ({"at_least": 0, "of": [PASS]}, "/at_least"),
        ({"not": [PASS]}, "/not"),
        ({"fact": "nothing", "op": "=", "value": 1}, "/fact"),
        (PASS | {"op": ">="}, "/op"),
        (PASS | {"op": "!="}, "/op"),
        (PASS | {"op": ["="]}, "/op"),
        (PASS | {"value": "true"}, "/value"),
        (PASS | {"valeu": True}, "/valeu"),
        (PASS | {"period": "Y"}, "/period"),
        (PASS | {"each": "hires"}, "/each"),
        (PASS | {"clause": 3}, "/clause"),
        (money("2000", unit="人"), "/value"),
        (money("2000", unit="%"), "/value"),
        ({"fact": "revenue", "op": ">=", "value": "2000"}, "/value"),
        (money("2000元"), "/value"),
        (money(0.1), "/value"),
        (money(True), "/value"),
        (money("1e400"), "/value"),
        (money("NaN"), "/value"),
        (money("1_000"), "/value"),
        (money("1", period="2025-03"), "/period"),
        (money("1", period="2025Q1"), "/period"),
        (money("1", period="Y-1-03"), "/period"),
        (money("1", period="E"), "/period"),
        (money("1", period="x"), "/period"),
        (money("1", period=True), "/period"),
        (money(["2", "1"], op="between"), "/value"),
        (money(["1"], op="between"), "/value"),
        (money("1", op="known"), ""),
        (money("1", obtained="Y"), ""),
        ({"fact": "employees", "op": ">=", "value": "1.5"}, "/value"),
        ({"fact": "debt", "op": ">=", "value": "10"}, "/value"),
        ({"fact": "established_on", "op": ">=", "value": "2024-02-30"}, "/value"),
        ({"fact": "established_on", "op": ">=", "value": "2024"}, "/value"),
        ({"fact": "established_on", "op": ">=", "value": "E"}, "/value"),
        ({"fact": "grade", "op": ">=", "value": "A"}, "/op"),
        ({"fact": "grade", "op": "in", "value": ["Z"]}, "/value/0"),
        ({"fact": "grade", "op": "in", "value": "A"}, "/value"),
        ({"fact": "tags", "op": "has_any", "value": []}, "/value"),
        ({"fact": "region", "op": "within", "value": ["x"]}, "/value/0"),
        ({"fact": "region", "op": "within", "value": [{"list": "none"}]}, "/value/0"),
        ({"fact": "industry", "op": "within", "value": {"list": "towns"}}, "/value"),
        ({"fact": "credentials", "op": "within", "value": ["high_tech"]}, "/op"),
        ({"fact": "credentials", "op": "has_any", "value": ["x"]}, "/value/0"),
        ({"fact": "credentials", "op": "has_any", "value": ["high_tech"], "first": True}, ""),
        ({"fact": "score", "over": ["Y-1", "Y"], "sum": {"op": ">", "value": "1"}}, "/fact"),
        ({"fact": "employees", "over": ["Y", "Y-1"], "sum": {"op": ">", "value": "1"}}, "/over"),
        ({"fact": "employees", "over": ["Y-1", "2025"], "sum": {"op": ">", "value": "1"}}, "/over"),
        ({"fact": "employees", "over": ["Y-1", "Y"]}, ""),
        ({"fact": "grade", "over": ["Y-1", "Y"], "mean": {"op": "=", "value": "A"}}, "/mean"),
        ({"review": " "}, "/review"),
    ],
)
def test_refused_conditions(node: Any, path: str) -> None:
    assert refusals(node) == [path]


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ({"fixed": "1"}, "/amount/fixed"),
        ({"fixed": "-1", "unit": "元"}, "/amount/fixed"),
        ({"fixed": "1", "unit": "元", "cap": {}}, "/amount"),
        ({"range": ["2", "1"], "unit": "元"}, "/amount/range"),
        ({"rate": "5", "of": {"fact": "revenue"}}, "/amount/rate"),
        ({"rate": "5%", "of": {"fact": "hires"}}, "/amount/of"),
        ({"rate": "5%"}, "/amount"),
        ({"rate": "5%", "of": {"fact": "grade"}}, "/amount/of/fact"),
        ({"per": "1", "unit": "元", "of": {"fact": "revenue"}}, "/amount/of"),
        ({"rate": "5%", "of": {"times": [{"fact": "revenue"}, {"fact": "invest"}]}}, "/amount/of/times"),
        ({"rate": "5%", "of": {"sum": [{"fact": "revenue"}, {"fact": "hires"}]}}, "/amount/of/sum"),
        ({"first": [{"else": {"text": "x"}}, {"when": PASS, "then": {"text": "x"}}]}, "/amount/first/0"),
        (
            {"bands": [{"rate": "1%"}, {"up_to": "1", "rate": "1%"}], "unit": "元", "of": {"fact": "invest"}},
            "/amount/bands",
        ),
        ({"bands": [{"up_to": "1", "rate": "1%"}], "of": {"fact": "invest"}}, "/amount/bands/0/up_to"),
        ({"share": {"市": "50%", "县": "40%"}, "of": {"text": "x"}}, "/amount/share"),
        ({"received": "all"}, "/amount/received"),
        ({"round": {"to": "里"}, "of": {"text": "x"}}, "/amount/round/to"),
        ({"installments": [{"year": 0, "then": {"text": "x"}}]}, "/amount"),
        (
            {"installments": [{"year": 0, "then": {"text": "x"}}], "event": {"fact": "revenue"}},
            "/amount/event/fact",
        ),
        ({"each": "hires", "amount": {"text": "x"}}, "/amount/each"),
        ({"text": "x", "payee": "person"}, "/amount/payee"),
        ({"text": "x", "upto": "yes"}, "/amount/upto"),
        ({"minus": [{"text": "x"}]}, "/amount/minus"),
        ({"scale": "110", "of": {"text": "x"}}, "/amount/scale"),
        ({"scale": "-10%", "of": {"text": "x"}}, "/amount/scale"),
        ({"scale": "110%"}, "/amount"),
        ({"scale": "110%", "of": {"fact": "revenue"}}, "/amount/of"),
    ],
)
def test_refused_amounts(node: Any, path: str) -> None:
    assert refusals(PASS, node) == [path]


def test_all_errors_are_reported_at_once() -> None:
    conditions = {"all": [PASS | {"op": ">"}, {"any": [PASS, {"fact": "x", "op": "="}]}]}
    amount = {"sum": [{"fixed": "1"}, {"text": "x"}]}
    paths = refusals(conditions, amount)
    assert paths == ["/all/0/op", "/all/1/any/1/fact", "/amount/sum/0/fixed"]


def nested(depth: int) -> Any:
    return {"all": [nested(depth - 1)]} if depth else PASS


def test_depth() -> None:
    parse(nested(6))
    assert len(refusals(nested(7))) == 1
    assert len(refusals(nested(500))) == 1


def test_event_fact_must_be_a_date_or_a_year() -> None:
    parse(money("1", period="E"), event_fact="above_scale_first_year")
    assert refusals(PASS, event_fact="revenue") == ["/event_fact"]
    assert refusals(PASS, event_fact="grade") == ["/event_fact"]


def test_values_are_normalised_exactly() -> None:
    tree = parse(money("2,000.01", period="Y-1"))
    assert tree.conditions == Compare("revenue", Op.GE, Fraction(2_000_010_000), Period(Base.Y, -1))
    assert parse(money("２０００")).conditions.value == 2_000_000_000
    assert parse(money(Decimal("0.1"))).conditions.value == 100_000
    region = {"fact": "region", "op": "within", "value": ["500000", {"list": "towns"}]}
    assert parse(region).conditions.value == frozenset({"50", "500231101"})
    year = {"fact": "above_scale_first_year", "op": "=", "value": "Y-1"}
    assert parse(year).conditions.value == RelativeYear(-1)


def test_paths_clauses_and_polarity_of_leaves() -> None:
    clause = {"document": "垫府发〔2023〕1号", "article": "第三条", "quote": "规上企业"}
    tree = parse({"all": [{"not": {"any": [PASS, PASS | {"clause": clause}]}}, {"not": {"not": PASS}}]})
    found = [(leaf.path, wanted) for leaf, wanted in leaves(tree.conditions)]
    assert found == [("/all/0/not/any/0", False), ("/all/0/not/any/1", False), ("/all/1/not/not", True)]
    second = next(leaf for leaf, _wanted in leaves(tree.conditions) if leaf.path.endswith("any/1"))
    assert second.clause == "垫府发〔2023〕1号 第三条：“规上企业”"


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', '{"a": Infinity}', '{"a": 1e400}', '{"a": 1, "a": 2}', "{", "[" * 100_000]
)
def test_json_that_is_not_strict_is_refused(text: str) -> None:
    with pytest.raises(RuleErrors):
        load_json(text)


def test_fractions_in_json_stay_exact() -> None:
    assert load_json('{"a": 0.1}') == {"a": Decimal("0.1")}
