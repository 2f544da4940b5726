"""What the parser refuses, where, and that it says so politely; what it normalises, exactly."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from matching.parse import RuleErrors, load_json, parse_rule
from matching.tree import Base, Compare, Op, Period, RelativeYear, leaves
from tests.matching.catalogue import county_catalogue
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
        ({"at_least": "--5", "of": [PASS]}, "/at_least"),
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
        ({"fact": "credentials", "op": {}, "value": ["high_tech"]}, "/op"),
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


FIGURE = {"fact": "revenue", "op": ">=", "value": {"figure": "wage", "times": "1.5"}}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (FIGURE | {"value": {"figure": "wages"}}, "没有登记公布数据“wages”。相近的有：wage（最低工资标准）"),
        (FIGURE | {"value": {"figure": "complete_nonsense"}}, "manage.py catalogue"),
        (FIGURE | {"value": {"figure": "lpr"}}, "“LPR”是百分比，这里要的是金额"),
        ({"fact": "debt", "op": "<=", "value": {"figure": "wage"}}, "是金额，这里要的是百分比"),
        ({"fact": "employees", "op": "<=", "value": {"figure": "wage"}}, "是金额，这里要的是数量"),
        ({"fact": "rd_expenses", "op": "known"}, "相近的有：rd_expense（研发费用）"),
        ({"fact": "营业收入", "op": "known"}, "相近的有：revenue（营业收入）"),
        ({"fact": "expense_rd", "op": "known"}, "rd_expense"),
        ({"fact": "credentials", "op": "has_any", "value": ["hightech"]}, "high_tech（高新技术企业）"),
        ({"fact": "industry", "op": "within", "value": [{"list": "industry"}]}, "industrial（工业）"),
        ({"fact": "region", "op": "within", "value": [500231]}, "加引号"),
        ({"fact": "grade", "op": "in", "value": [1]}, "加引号"),
        (PASS | {"valeu": True}, "可写：fact、op、period、unit、value"),
    ],
)
def test_what_is_refused_is_told_with_what_to_do(node: Any, said: str) -> None:
    with pytest.raises(RuleErrors) as caught:
        parse(node)
    assert said in str(caught.value)


def test_a_figure_in_an_amount_is_of_the_unit_it_says() -> None:
    loan = {"times": [{"fact": "invest"}, {"figure": "lpr", "unit": "元"}]}
    assert refusals(PASS, {"rate": "5%", "of": loan}) == ["/amount/of/times/1/figure"]


def test_a_ratio_without_percent_is_told_how() -> None:
    with pytest.raises(RuleErrors) as caught:
        parse(PASS, {"rate": "1.5", "of": {"fact": "invest"}})
    assert "如 “5%”，" in str(caught.value)


@pytest.mark.parametrize(
    ("node", "places"),
    [
        ({"fact": "region", "op": "within", "value": ["x", "50", 500231]}, ["/value/0", "/value/2"]),
        ({"fact": "tags", "op": "has_any", "value": ["x", "a", "y"]}, ["/value/0", "/value/2"]),
        ({"fact": "grade", "op": "in", "value": ["x", "A", "y"]}, ["/value/0", "/value/2"]),
        ({"fact": "credentials", "op": "has_any", "value": ["x", "giant", "y"]}, ["/value/0", "/value/2"]),
    ],
)
def test_every_bad_value_of_a_list_is_reported(node: Any, places: list[str]) -> None:
    assert refusals(node) == places


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("500231", True),
        ("500231101", True),
        ("500230101", True),
        ("360100", True),
        ("500999", False),
        ("500231999", False),
        ("5003", False),
        ("990000", False),
    ],
)
def test_a_region_is_one_that_there_is(code: str, known: bool) -> None:
    node = {"fact": "region", "op": "within", "value": [code]}
    if known:
        parse_rule(node, catalogue=county_catalogue())
        return
    with pytest.raises(RuleErrors, match="代码表里没有"):
        parse_rule(node, catalogue=county_catalogue())
