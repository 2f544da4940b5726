"""An amount as officials read it, whoever it is for."""

from typing import Any

import pytest
from hypothesis import given

from matching.explaining.amount_sentences import describe_amount
from matching.explaining.sentences import Sentence
from matching.parse import parse_rule
from matching.tree import RuleTree
from tests.matching.catalogue import county_catalogue
from tests.matching.strategies import CATALOGUE, rule_trees

COUNTY = county_catalogue()
IN_COUNTY = {"fact": "region", "op": "within", "value": ["500231"]}
TEN = {"fixed": "10", "unit": "万元"}
RATE = {"rate": "5%", "of": {"fact": "equipment_invest"}}
BIG = {"fact": "direct_financing", "op": ">=", "value": "500", "unit": "万元"}


def lines(sentence: Sentence, depth: int = 0) -> list[str]:
    """The text of a sentence and of those below it, each a step further in."""
    own = "  " * depth + sentence.text
    return [own, *(line for child in sentence.children for line in lines(child, depth + 1))]


def read(amount: Any) -> list[str]:
    sentence = describe_amount(parse_rule(IN_COUNTY, amount, catalogue=COUNTY), COUNTY)
    return [] if sentence is None else lines(sentence)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, []),
        (TEN, ["10 万元"]),
        ({"fixed": "0", "unit": "元"}, ["不奖补"]),
        ({**TEN, "upto": True}, ["最高 10 万元，具体由主管部门核定"]),
        ({**TEN, "name": "认定奖励"}, ["认定奖励：10 万元"]),
        ({"range": ["5", "10"], "unit": "万元"}, ["5 万元至 10 万元"]),
        ({"text": "优先推荐"}, ["优先推荐"]),
        ({"cap": {"value": "60", "unit": "万元"}, "of": RATE}, ["设备（含软件）投资额 × 5%，最高 60 万元"]),
        (
            {"scale": "110%", "of": {"cap": {"value": "3", "unit": "万元"}, "of": RATE}},
            ["设备（含软件）投资额 × 5%，最高 3 万元，按 110% 计"],
        ),
        (
            {"cap": {"value": "60", "unit": "万元"}, "of": {"sum": [TEN, RATE]}},
            ["以下 2 项合计，最高 60 万元", "  10 万元", "  设备（含软件）投资额 × 5%"],
        ),
        ({"best": [TEN, RATE]}, ["以下 2 项就高享受一项", "  10 万元", "  设备（含软件）投资额 × 5%"]),
        ({"minus": [TEN, {"received": "item"}]}, ["10 万元，减去本事项已兑付的金额"]),
        ({"when": BIG, "then": TEN}, ["如果区域股权市场年度直接融资额不低于 500 万元，10 万元"]),
        (
            {"first": [{"when": BIG, "then": {"sum": [TEN, RATE]}}, {"else": TEN}]},
            [
                "按以下第一个符合的情形",
                "  如果区域股权市场年度直接融资额不低于 500 万元，以下 2 项合计",
                "    10 万元",
                "    设备（含软件）投资额 × 5%",
                "  其他情形，10 万元",
            ],
        ),
        (
            {
                "bands": [{"up_to": "500", "rate": "0%"}, {"up_to": "1000", "rate": "6%"}, {"rate": "10%"}],
                "unit": "万元",
                "of": {"fact": "equipment_invest"},
            },
            [
                "设备（含软件）投资额，分段累计",
                "  不超过 500 万元的部分，不奖补",
                "  超过 500 万元至 1,000 万元的部分，按 6%",
                "  超过 1,000 万元的部分，按 10%",
            ],
        ),
        (
            {
                "bands": [
                    {"up_to": "20", "per": "1500", "unit": "元"},
                    {"up_to": "50", "per": "1000", "unit": "元"},
                ],
                "unit": "人",
                "of": {"min": [{"fact": "hire_count"}, {"number": "60"}]},
                "whole": True,
            },
            [
                "招用符合条件人数与 60 中的较小者，按所在档全额计算",
                "  不超过 20 人的，每人 1,500 元",
                "  超过 20 人至 50 人的，每人 1,000 元",
            ],
        ),
        (
            {
                "installments": [{"year": 0, "then": TEN}, {"year": 2, "when": BIG, "then": RATE}],
                "event": {"fact": "above_scale_first_year"},
            },
            [
                "按“首次入统年份”起算，分年兑现",
                "  事件当年：10 万元",
                "  事件后第 2 年：如果区域股权市场年度直接融资额不低于 500 万元，设备（含软件）投资额 × 5%",
            ],
        ),
    ],
)
def test_amounts_in_words(amount: Any, said: list[str]) -> None:
    assert read(amount) == said


def test_a_clause_stays_with_its_amount() -> None:
    amount = {"sum": [{**TEN, "clause": "第三条"}, {"when": BIG, "then": TEN, "clause": "第四条"}]}
    sentence = describe_amount(parse_rule(IN_COUNTY, amount, catalogue=COUNTY), COUNTY)
    assert sentence is not None
    assert [(one.clause, one.path) for one in sentence.children] == [
        ("第三条", "/amount/sum/0"),
        ("第四条", "/amount/sum/1"),
    ]


@given(rule_trees())
def test_every_amount_can_be_read(tree: RuleTree) -> None:
    sentence = describe_amount(tree, CATALOGUE)
    assert (sentence is None) == (tree.amount is None)
    if sentence is not None:
        assert all(line.strip() for line in lines(sentence))
