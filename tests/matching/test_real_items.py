"""Eight real items, encoded whole: each with who gets it, who does not, and how much, to the fen."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from enterprises.catalogue import NOT_APPLICABLE
from enterprises.knowledge import CredentialRecord, Knowledge
from matching.parse import parse_rule
from matching.plain.context import Context, FigureRow, Figures
from matching.plain.evaluate import Judgement, Verdict, judge
from matching.tree import RuleTree
from tests.matching.catalogue import county_catalogue

WAN = 1_000_000
"""Fen in 万元."""
AS_OF = dt.date(2026, 6, 15)
CATALOGUE = county_catalogue()
DIANJIANG = {"fact": "region", "op": "within", "value": ["500231"]}


def rule(conditions: Any, amount: Any = None, **options: Any) -> RuleTree:
    return parse_rule(conditions, amount, catalogue=CATALOGUE, **options)


def judged(tree: RuleTree, values: dict[str, Any], figures: Figures | None = None) -> Judgement:
    knowledge = Knowledge.from_values(CATALOGUE, values, as_of=AS_OF)
    context = Context(AS_OF, figures=figures or Figures(), region="500231")
    return judge(tree, knowledge, context)


def fen(judgement: Judgement) -> tuple[Any, Any]:
    assert judgement.amount is not None
    return judgement.amount.low, judgement.amount.high


# P001 小培优: a small or micro industrial firm that grew above scale; the notice names no sum.
XIAO_PEI_YOU = rule(
    {
        "all": [
            DIANJIANG,
            {"fact": "industry", "op": "within", "value": {"list": "industrial"}},
            {"fact": "main_revenue", "period": "Y", "op": ">=", "value": "2000", "unit": "万元"},
            {"fact": "above_scale_first_year", "op": "=", "value": "Y"},
        ]
    },
    {"text": "给予补助，金额以通知为准"},
    reference_year=2020,
)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.ELIGIBLE),
        ({"main_revenue": {2020: 2000 * WAN - 1}}, Verdict.INELIGIBLE),
        ({"main_revenue": {2019: 9000 * WAN}}, Verdict.NEEDS_INFO),
        ({"region": "500231101"}, Verdict.ELIGIBLE),
        ({"region": "500232"}, Verdict.INELIGIBLE),
        ({"region": "50"}, Verdict.NEEDS_INFO),
        ({"industry": "51"}, Verdict.INELIGIBLE),
        ({"above_scale_first_year": 2021}, Verdict.INELIGIBLE),
        ({"above_scale_first_year": NOT_APPLICABLE}, Verdict.INELIGIBLE),
    ],
)
def test_p001_small_grown_above_scale(changes: dict[str, Any], verdict: Verdict) -> None:
    values = {
        "region": "500231",
        "industry": "3670",
        "main_revenue": {2020: 2000 * WAN},
        "above_scale_first_year": 2020,
    }
    judgement = judged(XIAO_PEI_YOU, values | changes)
    assert judgement.verdict is verdict
    if judgement.amount is not None:
        assert fen(judgement) == (0, None)
        assert not judgement.amount.computable


# P014 升规稳规: 7 万 for new firms, 5 万 for grown ones; 3 万 for three years of growth ≥ 10 %; 2 万 tagged.
ABOVE_SCALE = rule(
    {"all": [DIANJIANG, {"fact": "above_scale", "op": "=", "value": True}]},
    {
        "sum": [
            {
                "when": {"fact": "above_scale_first_year", "op": "=", "value": "Y"},
                "then": {
                    "first": [
                        {
                            "when": {"fact": "established_on", "op": ">=", "value": "Y-1"},
                            "then": {"fixed": "7", "unit": "万元"},
                        },
                        {"else": {"fixed": "5", "unit": "万元"}},
                    ]
                },
            },
            {
                "when": {
                    "fact": "revenue_growth",
                    "over": ["Y-3", "Y-1"],
                    "every": {"op": ">=", "value": "10", "unit": "%"},
                },
                "then": {"fixed": "3", "unit": "万元"},
            },
            {
                "when": {"fact": "tagged_first_year", "op": "=", "value": "Y"},
                "then": {"fixed": "2", "unit": "万元"},
            },
        ]
    },
)
STEADY = {2022: 100 * WAN, 2023: 110 * WAN, 2024: 121 * WAN, 2025: 133 * WAN + 100_000}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (5 * WAN + 3 * WAN, 5 * WAN + 3 * WAN)),
        ({"established_on": dt.date(2025, 1, 1)}, (10 * WAN, 10 * WAN)),
        ({"established_on": dt.date(2024, 12, 31)}, (8 * WAN, 8 * WAN)),
        ({"revenue": STEADY | {2025: 133 * WAN}}, (5 * WAN, 5 * WAN)),
        ({"revenue": {2024: 1, 2025: 2}}, (5 * WAN, 8 * WAN)),
        ({"tagged_first_year": 2026}, (10 * WAN, 10 * WAN)),
        ({"above_scale_first_year": 2022}, (3 * WAN, 3 * WAN)),
    ],
)
def test_p014_growing_above_scale(changes: dict[str, Any], expected: tuple[int, int]) -> None:
    values = {
        "region": "500231",
        "above_scale": True,
        "above_scale_first_year": 2026,
        "established_on": dt.date(2018, 5, 1),
        "revenue": STEADY,
        "tagged_first_year": NOT_APPLICABLE,
    }
    assert fen(judged(ABOVE_SCALE, values | changes)) == expected


# P017 首次升规三年递进: 10 万 the year after, then as the following years' rule says.
THREE_YEARS = rule(
    {"all": [DIANJIANG, {"fact": "above_scale", "op": "=", "value": True}]},
    {
        "installments": [
            {"year": 1, "then": {"fixed": "10", "unit": "万元"}},
            {
                "year": 2,
                "when": {"fact": "revenue_growth", "period": "Y-1", "op": ">=", "value": "10", "unit": "%"},
                "then": {"fixed": "15", "unit": "万元"},
            },
            {"year": 3, "then": {"range": ["15", "20"], "unit": "万元"}},
        ],
        "event": {"fact": "above_scale_first_year"},
    },
)


@pytest.mark.parametrize(
    ("year", "revenue", "expected"),
    [
        (2026, {}, (0, 0)),
        (2025, {}, (10 * WAN, 10 * WAN)),
        (2024, {2024: 100, 2025: 110}, (15 * WAN, 15 * WAN)),
        (2024, {2024: 1000, 2025: 1099}, (0, 0)),
        (2024, {}, (0, 15 * WAN)),
        (2023, {}, (15 * WAN, 20 * WAN)),
        (2022, {}, (0, 0)),
        (None, {}, (0, 20 * WAN)),
        (NOT_APPLICABLE, {}, (0, 0)),
    ],
)
def test_p017_instalments(year: Any, revenue: dict[int, int], expected: tuple[int, int]) -> None:
    values: dict[str, Any] = {"region": "500231", "above_scale": True, "revenue": revenue}
    if year is not None:
        values["above_scale_first_year"] = year
    assert fen(judged(THREE_YEARS, values)) == expected


# P032 高企培育库: 10 % of last year's R&D expense.
RD_SUPPORT = rule(
    {"all": [DIANJIANG, {"not": {"fact": "credentials", "op": "has_any", "value": ["high_tech"]}}]},
    {"rate": "10%", "of": {"fact": "rd_expense", "period": "Y-1"}},
)


def test_p032_share_of_research_expense() -> None:
    values = {"region": "500231", "rd_expense": {2025: 123_456_785}}
    assert fen(judged(RD_SUPPORT, values)) == (12_345_679, 12_345_679)  # half a fen goes up
    assert fen(judged(RD_SUPPORT, {"region": "500231"})) == (0, None)
    held = judged(RD_SUPPORT, values | {"credentials": ["high_tech"]})
    assert held.verdict is Verdict.INELIGIBLE
    assert held.amount is None


# P046 稳岗返还: the threshold for layoffs hangs on the number of insured; 30 % for large, 60 % for others.
STEADY_JOBS = rule(
    {
        "all": [
            {"fact": "ui_paid_months", "op": ">=", "value": "12", "unit": "月"},
            {
                "any": [
                    {
                        "all": [
                            {"fact": "employees", "period": "Y-1", "op": ">", "value": "30", "unit": "人"},
                            {"fact": "layoff_rate", "period": "Y-1", "op": "<=", "value": "5.5", "unit": "%"},
                        ]
                    },
                    {
                        "all": [
                            {"fact": "employees", "period": "Y-1", "op": "<=", "value": "30", "unit": "人"},
                            {"fact": "layoff_rate", "period": "Y-1", "op": "<=", "value": "20", "unit": "%"},
                        ]
                    },
                ]
            },
        ]
    },
    {"rate": "60%", "of": {"fact": "ui_paid", "period": "Y-1"}},
)


@pytest.mark.parametrize(
    ("employees", "layoffs", "verdict"),
    [
        (31, Fraction(55, 10), Verdict.ELIGIBLE),
        (31, Fraction(551, 100), Verdict.INELIGIBLE),
        (30, 20, Verdict.ELIGIBLE),
        (30, Fraction(2001, 100), Verdict.INELIGIBLE),
        (None, 5, Verdict.NEEDS_INFO),
        (None, 21, Verdict.INELIGIBLE),
        (31, None, Verdict.NEEDS_INFO),
    ],
)
def test_p046_steady_jobs(employees: Any, layoffs: Any, verdict: Verdict) -> None:
    values: dict[str, Any] = {"ui_paid_months": 12, "ui_paid": {2025: 100_001}}
    values |= {} if employees is None else {"employees": {2025: employees}}
    values |= {} if layoffs is None else {"layoff_rate": {2025: layoffs}}
    judgement = judged(STEADY_JOBS, values)
    assert judgement.verdict is verdict
    if verdict is Verdict.ELIGIBLE:
        assert fen(judgement) == (60_001, 60_001)


# P056 知识产权质押贷款贴息: 60 % of LPR on the loan, by years, at most 50 万元 a year.
PLEDGE_INTEREST = rule(
    {"all": [DIANJIANG, {"fact": "ip_pledge", "op": "=", "value": True}]},
    {
        "cap": {"value": "50", "unit": "万元"},
        "of": {
            "rate": "60%",
            "of": {
                "times": [
                    {"fact": "loan_amount"},
                    {"figure": "lpr_1y", "unit": "%"},
                    {"min": [{"fact": "loan_years"}, {"number": "1", "unit": "年"}]},
                ]
            },
        },
    },
)
LPR = Figures([FigureRow("lpr_1y", "", dt.date(2025, 5, 20), Fraction(3), "%")])


def test_p056_interest_subsidy() -> None:
    values = {"region": "500231", "ip_pledge": True, "loan_amount": 1000 * WAN, "loan_years": 2}
    assert fen(judged(PLEDGE_INTEREST, values, LPR)) == (18 * WAN, 18 * WAN)
    half = judged(PLEDGE_INTEREST, values | {"loan_years": Fraction(1, 2)}, LPR)
    assert fen(half) == (9 * WAN, 9 * WAN)
    large = judged(PLEDGE_INTEREST, values | {"loan_amount": 9000 * WAN}, LPR)
    assert fen(large) == (50 * WAN, 50 * WAN)
    assert fen(judged(PLEDGE_INTEREST, values)) == (0, 50 * WAN)  # no figure is known


def test_p056_is_open_before_the_claim_is_made() -> None:
    judgement = judged(PLEDGE_INTEREST, {"region": "500231"}, LPR)
    assert judgement.verdict is Verdict.NEEDS_INFO
    assert judgement.open
    assert judgement.pushable
    assert not judged(PLEDGE_INTEREST, {}, LPR).open


# P070 区域性股权市场直接融资: 20, 30, 50 万元 by half-open steps.
FINANCING = rule(
    {"fact": "direct_financing", "op": ">=", "value": "100", "unit": "万元"},
    {
        "first": [
            {
                "when": {"fact": "direct_financing", "op": ">=", "value": "2000", "unit": "万元"},
                "then": {"fixed": "50", "unit": "万元"},
            },
            {
                "when": {"fact": "direct_financing", "op": ">=", "value": "500", "unit": "万元"},
                "then": {"fixed": "30", "unit": "万元"},
            },
            {"else": {"fixed": "20", "unit": "万元"}},
        ]
    },
)


@pytest.mark.parametrize(
    ("financing", "expected"),
    [
        (100 * WAN, 20 * WAN),
        (500 * WAN - 1, 20 * WAN),
        (500 * WAN, 30 * WAN),
        (2000 * WAN - 1, 30 * WAN),
        (2000 * WAN, 50 * WAN),
    ],
)
def test_p070_steps(financing: int, expected: int) -> None:
    assert fen(judged(FINANCING, {"direct_financing": _yearly("direct_financing", financing)})) == (
        expected,
        expected,
    )


def test_p070_near_miss_and_unknown() -> None:
    near = judged(FINANCING, {"direct_financing": _yearly("direct_financing", 80 * WAN)})
    assert near.verdict is Verdict.INELIGIBLE
    assert near.near_miss is not None
    assert near.near_miss.distance == 20 * WAN
    assert near.near_miss_amount is not None
    assert near.near_miss_amount.low == 20 * WAN
    assert fen(judged(FINANCING, {})) == (20 * WAN, 50 * WAN)


# P083 技术转让所得: free up to 500 万元, half beyond, of a rate of 25 %.
TRANSFER = rule(
    {"fact": "tech_transfer_income", "period": "Y-1", "op": ">", "value": "0", "unit": "万元"},
    {
        "bands": [{"up_to": "500", "rate": "25%"}, {"rate": "12.5%"}],
        "unit": "万元",
        "of": {"fact": "tech_transfer_income", "period": "Y-1"},
    },
)


@pytest.mark.parametrize(
    ("income", "expected"),
    [(1, 0), (2, 1), (500 * WAN, 125 * WAN), (500 * WAN + 8, 125 * WAN + 1), (700 * WAN, 150 * WAN)],
)
def test_p083_bands(income: int, expected: int) -> None:
    assert fen(judged(TRANSFER, {"tech_transfer_income": {2025: income}})) == (expected, expected)


# P087/P033: first recognition as 专精特新 this year, not again after a lapse.
FIRST_RECOGNISED = rule(
    {"fact": "credentials", "op": "has_any", "value": ["specialized_sme"], "obtained": "Y", "first": True},
    {"fixed": "50", "unit": "万元"},
)


@pytest.mark.parametrize(
    ("first", "verdict"),
    [
        (dt.date(2026, 1, 1), Verdict.ELIGIBLE),
        (dt.date(2025, 12, 31), Verdict.INELIGIBLE),
        (None, Verdict.NEEDS_INFO),
    ],
)
def test_p033_first_recognition(first: dt.date | None, verdict: Verdict) -> None:
    record = CredentialRecord("specialized_sme", first_obtained=first, valid_from=dt.date(2026, 3, 1))
    assert judged(FIRST_RECOGNISED, {"credentials": [record]}).verdict is verdict


def _yearly(key: str, value: int) -> Any:
    return {2025: value} if CATALOGUE[key].periodic and CATALOGUE[key].scope == "enterprise" else value
