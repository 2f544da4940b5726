"""What people read: sentences, values with their source, distances, who supplies what, the amount table."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from enterprises.catalogue import NOT_APPLICABLE
from enterprises.knowledge import CredentialRecord, Knowledge
from matching.explaining.explain import Explanation, explain
from matching.explaining.sentences import Phrasing, describe
from matching.parse import parse_rule
from matching.plain.context import Context
from matching.plain.evaluate import judge
from matching.tree import RuleTree
from tests.matching.catalogue import county_catalogue
from tests.matching.strategies import CATALOGUE, contexts, knowledges, rule_trees

COUNTY = county_catalogue()
AS_OF = dt.date(2026, 6, 15)
WAN = 1_000_000


def explained(conditions: Any, values: dict[str, Any], amount: Any = None) -> Explanation:
    tree = parse_rule(conditions, amount, catalogue=COUNTY)
    knowledge = Knowledge.from_values(COUNTY, values, as_of=AS_OF)
    return explain(judge(tree, knowledge, Context(AS_OF)), tree, COUNTY)


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ({"fact": "region", "op": "within", "value": ["500231"]}, "在垫江县登记注册"),
        ({"not": {"fact": "region", "op": "within", "value": ["500231"]}}, "不在垫江县登记注册"),
        (
            {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"},
            "上年度（2025）主营业务收入不低于 2000 万元",
        ),
        (
            {"not": {"fact": "main_revenue", "period": "2023", "op": ">=", "value": "2000", "unit": "万元"}},
            "2023 年度主营业务收入低于 2000 万元",
        ),
        (
            {"fact": "credentials", "op": "has_any", "value": ["high_tech", "specialized_sme"]},
            "是高新技术企业或专精特新中小企业",
        ),
        (
            {"not": {"fact": "credentials", "op": "has_any", "value": ["high_tech"]}},
            "不是高新技术企业",
        ),
        (
            {"fact": "credentials", "op": "has_any", "value": ["high_tech"], "obtained": "Y", "first": True},
            "2026 年首次认定为高新技术企业",
        ),
        (
            {"fact": "credentials", "op": "has_all", "value": ["green_food", "organic"]},
            "同时持有有效的绿色食品和有机产品",
        ),
        (
            {"fact": "size", "period": "Y-1", "op": "in", "value": ["small", "micro"]},
            "上年度（2025）企业规模为微型或小型",
        ),
        ({"fact": "abnormal_list", "op": "=", "value": False}, "未列入经营异常名录"),
        ({"not": {"fact": "abnormal_list", "op": "=", "value": True}}, "未列入经营异常名录"),
        ({"fact": "tax_arrears", "op": "=", "value": False}, "没有欠税"),
        ({"fact": "age_months", "op": ">=", "value": "24", "unit": "月"}, "成立月数不少于 24 个月"),
        ({"fact": "age_months", "op": ">=", "value": "24"}, "成立月数不少于 24 个月"),
        ({"fact": "age_months", "op": ">=", "value": "24 月"}, "成立月数不少于 24 个月"),
        (
            {"fact": "main_revenue", "period": "Y-1", "op": ">", "value": "0", "unit": "万元"},
            "上年度（2025）主营业务收入大于 0",
        ),
        ({"fact": "age_months", "op": ">", "value": 0}, "成立月数大于 0"),
        (
            {"fact": "established_on", "op": "<", "value": "2024-02-28"},
            "成立日期早于 2024 年 2 月 28 日",
        ),
        ({"fact": "established_on", "op": ">=", "value": "Y-3"}, "成立日期在 2023 年及以后"),
        ({"fact": "above_scale_first_year", "op": "=", "value": "Y"}, "首次入统年份为 2026 年"),
        (
            {
                "fact": "revenue_growth",
                "over": ["Y-3", "Y-1"],
                "every": {"op": ">=", "value": "10", "unit": "%"},
            },
            "2023 年至 2025 年每年营业收入同比增速不低于 10%",
        ),
        (
            {"fact": "employees", "period": "Y-1", "op": "between", "value": ["20", "300"], "unit": "人"},
            "上年度（2025）从业人数在 20 人至 300 人之间（含）",
        ),
        ({"review": "现场核查"}, "人工核实：现场核查"),
    ],
)
def test_sentences(node: Any, sentence: str) -> None:
    tree = parse_rule(node, catalogue=COUNTY)
    assert Phrasing(COUNTY, 2026).condition(tree.conditions).text == sentence


def test_group_under_not_reads_the_other_way_round() -> None:
    parts = [
        {"fact": "abnormal_list", "op": "=", "value": True},
        {"fact": "tax_arrears", "op": "=", "value": True},
    ]
    sentence = describe(parse_rule({"not": {"any": parts}}, catalogue=COUNTY), COUNTY)
    assert sentence.text == "以下 2 项全部满足"
    assert [child.text for child in sentence.children] == ["未列入经营异常名录", "没有欠税"]
    two = describe(parse_rule({"not": {"at_least": 2, "of": parts}}, catalogue=COUNTY), COUNTY)
    assert two.text == "以下 2 项至少满足 1 项"


@pytest.mark.parametrize(
    ("value", "distance"),
    [(1800 * WAN, "还差 200 万元"), (2000 * WAN - 1, "还差 0.01 元"), (2000 * WAN, "")],
)
def test_distance_in_money(value: int, distance: str) -> None:
    node = {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"}
    (row,) = explained(node, {"main_revenue": {2025: value}}).leaves
    assert row.distance == distance


@pytest.mark.parametrize(
    ("node", "values", "distance"),
    [
        (
            {"fact": "rd_ratio", "period": "Y-1", "op": ">=", "value": "3", "unit": "%"},
            {"rd_expense": {2025: 16}, "revenue": {2025: 1000}},
            "还差 1.4 个百分点",
        ),
        (
            {"fact": "rd_ratio", "period": "Y-1", "op": ">=", "value": "3", "unit": "%"},
            {"rd_expense": {2025: 1}, "revenue": {2025: 300}},
            "还差 2.67 个百分点",
        ),
        (
            {"fact": "employees", "period": "Y-1", "op": "<=", "value": "30", "unit": "人"},
            {"employees": {2025: 33}},
            "超出 3 人",
        ),
        (
            {"not": {"fact": "employees", "period": "Y-1", "op": "<=", "value": "30", "unit": "人"}},
            {"employees": {2025: 30}},
            "刚好相等，还须再多一点",
        ),
        (
            {"fact": "employees", "over": ["Y-2", "Y-1"], "every": {"op": ">=", "value": "30", "unit": "人"}},
            {"employees": {2024: 28, 2025: 25}},
            "还差 5 人",
        ),
        (
            {"fact": "established_on", "op": "<=", "value": "2024-02-28"},
            {"established_on": dt.date(2024, 3, 1)},
            "晚了 2 天",
        ),
    ],
)
def test_distances(node: Any, values: dict[str, Any], distance: str) -> None:
    (row,) = explained(node, values).leaves
    assert row.truth == "false"
    assert row.distance == distance


def test_a_value_never_reads_as_its_threshold_when_it_fails() -> None:
    node = {"fact": "layoff_rate", "period": "Y-1", "op": ">=", "value": "10", "unit": "%"}
    (row,) = explained(node, {"layoff_rate": {2025: Fraction(99_999, 10_000)}}).leaves
    assert row.value == "9.99%"


def test_value_source_and_year_in_one_line() -> None:
    node = {"fact": "layoff_rate", "period": "Y-1", "op": "<=", "value": "5", "unit": "%", "clause": "第四条"}
    (row,) = explained(node, {"layoff_rate": {2025: Fraction(42, 10)}}).leaves
    source = COUNTY["layoff_rate"].department
    assert row.detail == f"4.2% · {source} · 2025 年度"
    assert (row.truth, row.mark, row.clause, row.tier_label) == ("true", "✓", "第四条", "部门数据")
    (row,) = explained(node, {"layoff_rate": {2025: NOT_APPLICABLE}}).leaves
    assert row.detail.startswith("不适用")


def test_missing_input_of_a_derived_fact_is_named() -> None:
    node = {"fact": "rd_ratio", "period": "Y-1", "op": ">=", "value": "3", "unit": "%"}
    explanation = explained(node, {"revenue": {2025: 100}})
    assert [(need.fact, need.period, need.title) for need in explanation.needs] == [
        ("rd_expense", 2025, "2025 年度研发费用")
    ]
    assert explanation.advice == "补充研发费用后即可判断。"
    growth = {"fact": "revenue_growth", "period": "Y-1", "op": ">=", "value": "3", "unit": "%"}
    assert [need.period for need in explained(growth, {"revenue": {2025: 1}}).needs] == [2024]


def test_who_can_supply_and_where() -> None:
    conditions = {
        "all": [
            {"fact": "above_scale", "op": "=", "value": True},
            {"fact": "hire_count", "op": ">=", "value": "1", "unit": "人"},
            {"fact": "credentials", "op": "has_any", "value": ["rd_institution"]},
        ]
    }
    needs = {need.fact: need for need in explained(conditions, {}).needs}
    assert not needs["above_scale"].here
    assert needs["above_scale"].department in needs["above_scale"].who
    assert needs["hire_count"].question
    assert (needs["hire_count"].input, needs["hire_count"].unit) == ("integer", "人")
    assert (needs["credentials"].input, needs["credentials"].kind) == ("credential", "rd_institution")


def test_summary_groups_and_open() -> None:
    conditions = {
        "all": [
            {"fact": "above_scale", "op": "=", "value": True},
            {
                "any": [
                    {"fact": "hire_count", "op": ">=", "value": "1", "unit": "人"},
                    {"fact": "abnormal_list", "op": "=", "value": True},
                ]
            },
        ]
    }
    explanation = explained(conditions, {"above_scale": True, "abnormal_list": False})
    assert explanation.open
    assert explanation.summary == "3 项条件：1 项符合，1 项待补充，1 项不符合"
    assert explanation.advice == "对您开放，再答 1 题即可知道结果。"
    leaf, group = explanation.root.rows
    assert (leaf.is_group, group.is_group, group.truth) == (False, True, "unknown")
    assert group.sentence == "以下 2 项满足任意一项"


def test_alternatives_that_were_not_needed_are_told_apart() -> None:
    def among(*others: Any) -> Any:
        return {"any": [{"fact": "above_scale", "op": "=", "value": True}, *others]}

    listed = {"fact": "abnormal_list", "op": "=", "value": True}
    hires = {"fact": "hire_count", "op": ">=", "value": "1", "unit": "人"}
    far = {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"}
    values = {"above_scale": True, "abnormal_list": False, "main_revenue": {2025: 1_999 * WAN}}
    explanation = explained(among(listed, {"all": [hires, far]}), values)
    met, unmet, group = explanation.root.rows
    assert (met.spare, unmet.spare, group.spare) == (False, True, True)
    assert [(row.spare, row.needs, row.distance) for row in group.rows] == [(True, (), ""), (True, (), "")]
    assert explanation.needs == ()
    assert explanation.summary == "4 项条件：1 项符合，3 项未用到"
    unmet_whole = explained(among(listed, far), {**values, "above_scale": False})
    assert not any(row.spare for row in unmet_whole.leaves)
    below_not = explained({"not": {"all": [listed, far]}}, values)
    assert [row.spare for row in below_not.leaves] == [False, False]


def test_nothing_is_asked_of_an_alternative_that_is_out_of_reach() -> None:
    hires = {"fact": "hire_count", "op": ">=", "value": "1", "unit": "人"}
    research = {"fact": "rd_expense", "period": "Y-1", "op": ">=", "value": "1", "unit": "万元"}
    shut = {"all": [{"fact": "above_scale", "op": "=", "value": True}, hires]}
    either = {"any": [shut, research]}
    amount = {"when": either, "then": {"fixed": "1", "unit": "万元"}}
    explanation = explained(either, {"above_scale": False}, amount)
    assert [need.fact for need in explanation.needs] == ["rd_expense"]
    assert [need.fact for need in explanation.amount_needs] == ["rd_expense"]
    assert {need.fact for need in explained(either, {}).needs} == {"above_scale", "hire_count", "rd_expense"}


def test_a_size_asks_only_for_what_its_industry_is_measured_by() -> None:
    small = {"fact": "size", "op": "in", "value": ["small"]}
    assert [need.fact for need in explained(small, {"industry": "3670"}).needs] == ["employees", "revenue"]
    assert len(explained(small, {}).needs) == 4


def test_credential_record_as_text() -> None:
    record = CredentialRecord("high_tech", valid_to=dt.date(2026, 6, 14), source="县科技局")
    node = {"fact": "credentials", "op": "has_any", "value": ["high_tech"]}
    (row,) = explained(node, {"credentials": [record]}).leaves
    assert row.detail == "高新技术企业 · 已于 2026 年 6 月 14 日到期 · 县科技局"


def test_amount_table_highlights_what_counts() -> None:
    amount = {
        "cap": {"value": "15", "unit": "万元"},
        "of": {
            "sum": [
                {"name": "认定奖励", "fixed": "10", "unit": "万元"},
                {
                    "name": "研发补助",
                    "rate": "10%",
                    "of": {"fact": "rd_expense", "period": "Y-1"},
                },
                {
                    "when": {"fact": "above_scale", "op": "=", "value": False},
                    "then": {"name": "培育奖励", "fixed": "5", "unit": "万元"},
                },
            ]
        },
    }
    explanation = explained({"fact": "above_scale", "op": "=", "value": True}, {"above_scale": True}, amount)
    assert explanation.amount == "10 万元至 15 万元，补充研发费用后可确定"
    rows = {row.name: row for row in explanation.amount_rows}
    assert rows["认定奖励"].amount == "10 万元"
    assert rows["研发补助"].basis == "上年度（2025）研发费用 × 10%"
    assert rows["研发补助"].needs[0].title == "2025 年度研发费用"
    assert rows["培育奖励"].state == "off"
    assert explanation.amount_rows[-1].total


def test_near_miss_says_what_it_would_bring() -> None:
    node = {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"}
    explanation = explained(node, {"main_revenue": {2025: 1800 * WAN}}, {"fixed": "20", "unit": "万元"})
    assert explanation.amount == ""
    assert explanation.near_miss_amount == "20 万元"
    assert explanation.advice == (
        "只差一项：上年度（2025）主营业务收入不低于 2000 万元（还差 200 万元），达到后可得 20 万元。"
    )


@given(rule_trees(), knowledges(), contexts())
def test_everything_can_be_explained(tree: RuleTree, knowledge: Knowledge, context: Context) -> None:
    judgement = judge(tree, knowledge, context)
    explanation = explain(judgement, tree, CATALOGUE)
    assert len(explanation.leaves) == len(judgement.leaves)
    assert [row.path for row in explanation.leaves] == [leaf.path for leaf in judgement.leaves]
    assert all(row.sentence for row in explanation.leaves)
    describe(tree, CATALOGUE)
