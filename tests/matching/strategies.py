"""Random catalogues' worth of rules and enterprises, for properties and for the agreement of both evaluators.

The catalogue is small and fixed on purpose: every kind, periodic and not, complete and not, both scopes,
derived facts, an ordered choice, both code hierarchies. Values crowd around the thresholds, so that
boundaries, unknowns and "not applicable" turn up often. Rules are drawn as JSON and parsed.
"""

import datetime as dt
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from enterprises.catalogue import (
    NOT_APPLICABLE,
    Catalogue,
    CodeListSpec,
    CredentialKindSpec,
    FactSpec,
    FigureSpec,
    Kind,
    Purpose,
    Scope,
    Value,
)
from enterprises.codes import Hierarchy
from enterprises.knowledge import CredentialRecord, Knowledge
from matching.parse import parse_rule
from matching.plain.context import Context, FigureRow, Figures
from matching.tree import RuleTree

AS_OF = dt.date(2026, 6, 15)
YEARS = (2023, 2024, 2025, 2026)

GRADES = tuple((grade, f"{grade} 级") for grade in "ABM")
SIZES = (("micro", "微型"), ("small", "小型"), ("medium", "中型"), ("large", "大型"))
TAGS = (("a", "甲类"), ("b", "乙类"), ("c", "丙类"))

_SPECS = (
    FactSpec(1, "revenue", "营业收入", Kind.MONEY, "元", periodic=True),
    FactSpec(2, "rd_expense", "研发费用", Kind.MONEY, "元", periodic=True),
    FactSpec(3, "rd_ratio", "研发费用占比", Kind.PERCENT, "%", 4, periodic=True, derived=True),
    FactSpec(4, "revenue_growth", "营业收入同比增速", Kind.PERCENT, "%", 4, periodic=True, derived=True),
    FactSpec(5, "employees", "从业人数", Kind.INTEGER, "人", periodic=True),
    FactSpec(6, "score", "得分", Kind.NUMBER, "分", 2),
    FactSpec(7, "debt", "负债率", Kind.PERCENT, "%", 2, periodic=True),
    FactSpec(8, "established_on", "成立日期", Kind.DATE),
    FactSpec(9, "age_months", "成立月数", Kind.INTEGER, "月", derived=True),
    FactSpec(10, "above_scale", "规上在库", Kind.BOOL),
    FactSpec(11, "above_scale_first_year", "首次入统年份", Kind.INTEGER, "年"),
    FactSpec(12, "grade", "信用级别", Kind.CHOICE, choices=GRADES, periodic=True),
    FactSpec(13, "stage", "阶段", Kind.CHOICE, choices=SIZES, ordered=True),
    FactSpec(14, "lists", "名单", Kind.CHOICES, choices=TAGS, complete=True),
    FactSpec(15, "tags", "标签", Kind.CHOICES, choices=TAGS),
    FactSpec(16, "region", "注册地", Kind.CODE, hierarchy=Hierarchy.REGION),
    FactSpec(17, "industry", "行业", Kind.CODE, hierarchy=Hierarchy.INDUSTRY),
    FactSpec(18, "invest", "设备投资额", Kind.MONEY, "元", scope=Scope.CLAIM),
    FactSpec(19, "hires", "招用人数", Kind.INTEGER, "人", scope=Scope.CLAIM),
    FactSpec(20, "accepted", "项目已验收", Kind.BOOL, scope=Scope.CLAIM),
)
CATALOGUE = Catalogue(
    {spec.key: spec for spec in _SPECS},
    {
        "high_tech": CredentialKindSpec("高新技术企业", complete=True),
        "specialized": CredentialKindSpec("专精特新中小企业"),
        "giant": CredentialKindSpec("“小巨人”企业"),
    },
    {"industrial": CodeListSpec("工业", ("B", "C", "D")), "towns": CodeListSpec("重点镇", ("500231101",))},
    figures={"lpr": FigureSpec("LPR", "%"), "wage": FigureSpec("最低工资标准", "元/月")},
)
FIGURES = Figures(
    [
        FigureRow("lpr", "", dt.date(2024, 1, 20), Fraction(345, 100), "%"),
        FigureRow("lpr", "", dt.date(2026, 1, 20), Fraction(3), "%"),
        FigureRow("wage", "50", dt.date(2025, 1, 1), Fraction(5000), "元/月"),
        FigureRow("wage", "500231", dt.date(2026, 5, 1), Fraction(4500), "元/月"),
    ]
)

# Fen amounts around the thresholds the rules use (10, 20, 30 万元), a third that does not divide, and a loss.
_FEN = (-5_000_000, 0, 9_999_999, 10_000_000, 10_000_001, 20_000_000, 33_333_333, 30_000_000, 100_000_000)
_WHOLE = {"employees": (0, 1, 9, 10, 11, 30, 31), "hires": (0, 1, 2, 3, 10, 31)}
_REGIONS = ("50", "5002", "500231", "500231101", "500231102", "500232", "51")
_INDUSTRIES = ("C", "36", "367", "3670", "I", "65", "13", "B")
_DAYS = (dt.date(2022, 6, 15), dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2026, 6, 15))


def plain_values(key: str) -> st.SearchStrategy[Any]:
    """Applicable values of a fact, in canonical form."""
    spec = CATALOGUE[key]
    match spec.kind:
        case Kind.MONEY:
            return st.sampled_from(_FEN)
        case Kind.INTEGER if key == "above_scale_first_year":
            return st.sampled_from((2023, 2024, 2025, 2026))
        case Kind.INTEGER:
            return st.sampled_from(_WHOLE[key])
        case Kind.PERCENT | Kind.NUMBER:
            return st.sampled_from((0, 3, Fraction(999, 100), 10, Fraction(1001, 100), 50, 60))
        case Kind.BOOL:
            return st.booleans()
        case Kind.DATE:
            return st.sampled_from(_DAYS)
        case Kind.CHOICE:
            return st.sampled_from(spec.choice_values)
        case Kind.CHOICES:
            return st.frozensets(st.sampled_from(spec.choice_values))
    return st.sampled_from(_REGIONS if key == "region" else _INDUSTRIES)


def fact_values(key: str) -> st.SearchStrategy[Value]:
    """Values of a fact, now and then not applicable."""
    return st.one_of(*[plain_values(key)] * 7, st.just(NOT_APPLICABLE))


STORED = tuple(spec.key for spec in _SPECS if not spec.derived)


def credential_records() -> st.SearchStrategy[CredentialRecord]:
    days = st.sampled_from((None, dt.date(2023, 5, 1), dt.date(2025, 5, 1), dt.date(2026, 6, 15)))
    ends = st.sampled_from((None, dt.date(2026, 6, 14), AS_OF, dt.date(2029, 1, 1)))
    return st.builds(
        CredentialRecord,
        kind=st.sampled_from(tuple(CATALOGUE.credential_kinds)),
        first_obtained=days,
        valid_from=days,
        valid_to=ends,
        certificate=st.sampled_from(("", "1", "2")),
        revoked=st.sampled_from((False, False, False, True)),
        as_of=st.just(AS_OF),
    )


@st.composite
def enterprise_values(draw: st.DrawFn) -> dict[str, Any]:
    """Plain values as `Knowledge.from_values` takes them; about a third of all facts unknown."""
    values: dict[str, Any] = {}
    for key in STORED:
        if CATALOGUE[key].periodic:
            years = draw(st.sets(st.sampled_from(YEARS)))
            if years:
                values[key] = {year: draw(fact_values(key)) for year in sorted(years)}
        elif draw(st.integers(0, 2)):
            values[key] = draw(fact_values(key))
    values["credentials"] = draw(st.lists(credential_records(), max_size=3))
    return values


def knowledges(purpose: Purpose = Purpose.SHOW) -> st.SearchStrategy[Knowledge]:
    return enterprise_values().map(lambda values: knowledge_of_values(values, purpose))


def knowledge_of_values(values: dict[str, Any], purpose: Purpose = Purpose.SHOW) -> Knowledge:
    return Knowledge.from_values(CATALOGUE, values, as_of=AS_OF, purpose=purpose)


def contexts(purpose: Purpose = Purpose.SHOW) -> st.SearchStrategy[Context]:
    return st.builds(
        Context,
        as_of=st.just(AS_OF),
        purpose=st.just(purpose),
        reference_year=st.sampled_from((None, 2025, 2026)),
        figures=st.just(FIGURES),
        region=st.sampled_from(("500231", "500232", "")),
        received=st.sampled_from(({}, {"item": 2_000_000}, {"group": 33, "item": 1})),
    )


# --- rules --------------------------------------------------------------------------------------------------

_PERIODS = st.sampled_from(("Y", "Y-1", "Y-2", "E", "E+1", "2025", None))
_ORDER = st.sampled_from((">=", ">", "<=", "<", "=", "!="))
_LIMITS = {
    "revenue": (("10", "万元"), ("20", "万元"), ("0", "元"), ("0.002", "亿元")),
    "rd_expense": (("10", "万元"), ("99999.99", "元")),
    "rd_ratio": (("3", "%"), ("10", "%"), ("33.3", "%"), ("100", "%")),
    "revenue_growth": (("0", "%"), ("10", "%"), ("100", "%")),
    "employees": (("10", "人"), ("31", "人"), ("0", "人")),
    "score": (("10", "分"), ("9.99", "分")),
    "debt": (("10", "%"), ("50", "%"), ("100", "‰")),
    "age_months": (("24", "月"), ("2", "年"), ("0", "月")),
    "above_scale_first_year": (("2025", "年"), ("2026", None)),
    "invest": (("10", "万元"), ("20", "万元")),
    "hires": (("1", "人"), ("3", None)),
}
_NUMERIC_PERIODIC = ("revenue", "rd_expense", "rd_ratio", "revenue_growth", "employees", "debt")


def _with_period(draw: st.DrawFn, key: str, node: dict[str, Any]) -> dict[str, Any]:
    period = draw(_PERIODS) if CATALOGUE[key].periodic else None
    return node if period is None else {**node, "period": period}


@st.composite
def _numeric_leaf(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(tuple(_LIMITS)))
    value, unit = draw(st.sampled_from(_LIMITS[key]))
    node: dict[str, Any] = {"fact": key}
    if draw(st.integers(0, 3)):
        node |= {"op": draw(_ORDER), "value": value}
    else:
        node |= {"op": "between", "value": [value, value]}
    return _with_period(draw, key, node if unit is None else node | {"unit": unit})


@st.composite
def _other_leaf(draw: st.DrawFn) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [
        {"fact": "established_on", "op": draw(_ORDER), "value": "2024-01-01"},
        {"fact": "established_on", "op": draw(_ORDER), "value": draw(st.sampled_from(("Y-2", "Y-3", "E")))},
        {"fact": "established_on", "op": "between", "value": ["Y-3", "Y-1"]},
        {"fact": "above_scale_first_year", "op": draw(_ORDER), "value": draw(st.sampled_from(("Y", "Y-1")))},
        {"fact": "above_scale", "op": "=", "value": draw(st.booleans())},
        {"fact": "accepted", "op": "=", "value": draw(st.booleans())},
        {"fact": "grade", "op": draw(st.sampled_from(("in", "not_in"))), "value": ["A", "M"]},
        {"fact": "grade", "op": draw(st.sampled_from(("=", "!="))), "value": "B"},
        {"fact": "stage", "op": draw(_ORDER), "value": draw(st.sampled_from(("small", "large")))},
        {"fact": "stage", "op": "between", "value": ["micro", "small"]},
        {
            "fact": "region",
            "op": draw(st.sampled_from(("within", "not_within"))),
            "value": ["500231101", "51"],
        },
        {"fact": "region", "op": "within", "value": [{"list": "towns"}]},
        {"fact": "industry", "op": "within", "value": draw(st.sampled_from((["367"], ["C", "65"], ["36"])))},
        {"fact": "industry", "op": "not_within", "value": {"list": "industrial"}},
        {"fact": "debt", "op": "<=", "value": {"figure": "lpr", "on": "Y-1", "times": "3"}},
        {"fact": "revenue", "op": ">=", "value": {"figure": "wage", "times": "50%"}},
        {"review": "现场核查"},
    ]
    node = draw(st.sampled_from(nodes))
    if "fact" in node and CATALOGUE[node["fact"]].periodic:
        return _with_period(draw, node["fact"], node)
    return node


@st.composite
def _set_leaf(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(("lists", "tags", "credentials", "credentials")))
    choices = tuple(CATALOGUE.credential_kinds) if key == "credentials" else ("a", "b", "c")
    node: dict[str, Any] = {
        "fact": key,
        "op": draw(st.sampled_from(("has_any", "has_all", "has_none"))),
        "value": draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3, unique=True)),
    }
    if key == "credentials" and draw(st.booleans()):
        node |= {"obtained": draw(st.sampled_from(("Y", "Y-1", "2025", "E"))), "first": draw(st.booleans())}
    if key == "credentials" and not draw(st.integers(0, 5)):
        node["op"] = "known"
    return node


@st.composite
def _known_leaf(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(tuple(CATALOGUE)))
    return _with_period(draw, key, {"fact": key, "op": "known"})


@st.composite
def _over_leaf(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(_NUMERIC_PERIODIC))
    value, unit = draw(st.sampled_from(_LIMITS[key]))
    how = draw(st.sampled_from(("every", "mean", "sum")))
    years = draw(
        st.sampled_from((["Y-2", "Y-1"], ["Y-1", "Y"], ["2024", "2025"], ["E", "E+1"], ["Y-1", "Y-1"]))
    )
    return {"fact": key, "over": years, how: {"op": draw(_ORDER), "value": value, "unit": unit}}


def leaf_documents() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(_numeric_leaf(), _other_leaf(), _set_leaf(), _over_leaf(), _known_leaf())


def _groups(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(children, min_size=1, max_size=4)
    return st.one_of(
        several.map(lambda parts: {"all": parts}),
        several.map(lambda parts: {"any": parts}),
        children.map(lambda part: {"not": part}),
        several.flatmap(lambda parts: st.integers(1, len(parts)).map(lambda n: {"at_least": n, "of": parts})),
    )


def _shallow(node: Any, depth: int = 0) -> bool:
    parts = [part for key in ("all", "any", "of") for part in node.get(key, ())]
    parts += [node["not"]] if "not" in node else []
    return depth <= 6 and all(_shallow(part, depth + ("fact" not in part)) for part in parts)


def condition_documents(max_leaves: int = 8) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions as JSON, every node, nested as deep as the language allows."""
    return st.recursive(leaf_documents(), _groups, max_leaves=max_leaves).filter(_shallow)


_MONEY_FACTS = ("revenue", "rd_expense", "invest")
_QUANTITIES = st.one_of(
    st.sampled_from(("employees", "hires")).map(lambda key: {"fact": key}),
    st.just({"min": [{"fact": "hires"}, {"number": "3"}]}),
    st.just({"max": [{"fact": "employees", "period": "Y-1"}, {"number": "2.5", "unit": "人"}]}),
    st.just({"minus": [{"fact": "employees", "period": "Y"}, {"fact": "employees", "period": "Y-1"}]}),
)
_MONEY = st.one_of(
    st.sampled_from(_MONEY_FACTS).map(lambda key: {"fact": key}),
    st.just({"fact": "revenue", "period": "Y-1"}),
    st.just({"fact": "revenue", "period": "E"}),
    st.just({"sum": [{"fact": "rd_expense", "period": "Y-1"}, {"fact": "rd_expense", "period": "Y-2"}]}),
    st.just({"minus": [{"fact": "revenue", "period": "Y"}, {"number": "10", "unit": "万元"}]}),
    st.just({"times": [{"fact": "invest"}, {"figure": "lpr", "unit": "%"}, {"number": "0.5"}]}),
    st.just({"times": [{"figure": "wage", "unit": "元"}, {"fact": "hires"}]}),
)
_RATES = st.sampled_from(("5%", "1/3", "0.7‰", "100%"))
_SUMS = st.sampled_from((("10", "万元"), ("0", "元"), ("333.33", "元"), ("3", "万元")))


@st.composite
def _amount_leaf(draw: st.DrawFn) -> dict[str, Any]:
    value, unit = draw(_SUMS)
    bands = [{"up_to": "10", "rate": draw(_RATES)}, {"up_to": "20", "rate": "2%"}]
    if draw(st.booleans()):
        bands.append({"rate": "1%"})
    return draw(
        st.sampled_from(
            (
                {"fixed": value, "unit": unit},
                {"range": ["1", "10"], "unit": "万元"},
                {"text": "优先推荐"},
                {"rate": draw(_RATES), "of": draw(_MONEY)},
                {"per": value, "unit": unit, "of": draw(_QUANTITIES)},
                {"bands": bands, "unit": "万元", "whole": draw(st.booleans()), "of": draw(_MONEY)},
                {"bands": [{"up_to": "2", "per": "10", "unit": "元"}], "of": draw(_QUANTITIES)},
                {"increase": {"fact": "revenue"}, "from": "Y-2", "to": "Y-1", "rate": draw(_RATES)},
                {"increase": {"fact": "employees"}, "from": "E", "to": "Y", "per": "1000", "unit": "元"},
                {"received": draw(st.sampled_from(("item", "group")))},
            )
        )
    )


@st.composite
def _amount_group(draw: st.DrawFn, children: st.SearchStrategy[Any]) -> dict[str, Any]:
    value, unit = draw(_SUMS)
    a, b = draw(children), draw(children)
    conditions = condition_documents(3)
    branches = [{"when": draw(conditions), "then": a}, {"when": draw(conditions), "then": b}]
    if draw(st.booleans()):
        branches.append({"else": {"fixed": value, "unit": unit}})
    step = draw(st.sampled_from(("元", "万元", {"value": "30", "unit": "元"})))
    entries = [{"year": 0, "then": a}, {"year": 1, "when": draw(conditions), "then": b}]
    return draw(
        st.sampled_from(
            (
                {draw(st.sampled_from(("sum", "best", "min", "max"))): [a, b]},
                {"minus": [a, b]},
                {draw(st.sampled_from(("cap", "floor"))): {"value": value, "unit": unit}, "of": a},
                {"round": {"to": step, "mode": draw(st.sampled_from(("half_up", "down", "up")))}, "of": a},
                {"scale": draw(st.sampled_from(("110%", "50%", "1/3", "0%"))), "of": a},
                {"when": draw(conditions), "then": a},
                {"first": branches},
                {"installments": entries, "event": {"fact": "above_scale_first_year"}},
                {"share": {"市": "1/3", "县": "2/3"}, "of": a},
                {**a, "upto": True},
            )
        )
    )


def amount_documents(max_leaves: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    """Amounts as JSON, every node."""
    return st.recursive(_amount_leaf(), _amount_group, max_leaves=max_leaves)


@st.composite
def rule_trees(draw: st.DrawFn, max_leaves: int = 8) -> RuleTree:
    """Whole rules, parsed; E is the first year above scale."""
    return parse_rule(
        draw(condition_documents(max_leaves)),
        draw(st.none() | amount_documents()),
        catalogue=CATALOGUE,
        reference_year=draw(st.sampled_from((None, 2025))),
        event_fact="above_scale_first_year",
    )
