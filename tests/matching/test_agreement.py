"""Both evaluators agree on every pair: the batch engine against the plain one, on random rules and firms."""

import datetime as dt
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.catalogue import NOT_APPLICABLE, Purpose
from enterprises.knowledge import Knowledge
from matching.batch import engine
from matching.batch.frame import frame_of
from matching.batch.results import Match
from matching.compiled.programs import Program, Summary
from matching.parse import parse_rule
from matching.plain.context import Context
from matching.plain.evaluate import judge
from matching.tree import RuleTree
from tests.matching.catalogue import county_catalogue
from tests.matching.judging import as_match
from tests.matching.strategies import CATALOGUE, contexts, knowledges, rule_trees

COUNTY = county_catalogue()
thorough = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def in_its_region(context: Context, knowledge: Knowledge) -> Context:
    """The context with the enterprise's own region, where that is known."""
    region = knowledge.value("region")
    if region is None or region.value is NOT_APPLICABLE:
        return context
    return replace(context, region=str(region.value))


def plainly(tree: RuleTree, context: Context, row: int, knowledge: Knowledge) -> Match | None:
    """What the plain evaluator says of one pair, in the form of a batch result; None when ineligible."""
    return as_match(row, judge(tree, knowledge, in_its_region(context, knowledge)))


def check_agreement(tree: RuleTree, context: Context, firms: list[Knowledge]) -> None:
    expected = [
        match for row, firm in enumerate(firms) if (match := plainly(tree, context, row, firm)) is not None
    ]
    assert list(engine.match_rule(tree, frame_of(firms), context)) == expected


def pairs(purpose: Purpose) -> st.SearchStrategy[tuple[RuleTree, Context, list[Knowledge]]]:
    return st.tuples(rule_trees(), contexts(purpose), st.lists(knowledges(purpose), min_size=1, max_size=6))


@thorough
@given(pairs(Purpose.SHOW))
def test_batch_and_plain_agree_for_showing(case: tuple[RuleTree, Context, list[Knowledge]]) -> None:
    check_agreement(*case)


@thorough
@given(pairs(Purpose.PAY))
def test_batch_and_plain_agree_for_paying(case: tuple[RuleTree, Context, list[Knowledge]]) -> None:
    check_agreement(*case)


def summarised(trees: list[RuleTree], context: Context, firm: Knowledge) -> list[Summary]:
    """What the plain evaluator says of many rules, in the form of the fast path's answer."""
    answers = []
    for number, tree in enumerate(trees):
        told = judge(tree, firm, context)
        path = told.near_miss.path if told.near_miss else None
        answers.append(Summary(number, told.verdict, told.open, told.amount, path, told.near_miss_amount))
    return answers


@thorough
@given(st.lists(rule_trees(), min_size=1, max_size=8), st.data(), st.sampled_from(Purpose))
def test_many_rules_at_once_and_plain_agree(
    trees: list[RuleTree], data: st.DataObject, purpose: Purpose
) -> None:
    context = data.draw(contexts(purpose))
    program = Program(range(len(trees)), trees, CATALOGUE, year=context.reference_year or context.as_of.year)
    for firm in data.draw(st.lists(knowledges(purpose), min_size=1, max_size=4)):
        assert program.run(firm, context) == summarised(trees, context, firm)


def test_a_year_just_below_its_bound_is_a_near_miss_on_both_ways() -> None:
    condition = {
        "fact": "main_revenue",
        "over": ["Y-2", "Y-1"],
        "every": {"op": ">=", "value": "1000", "unit": "万元"},
    }
    tree = parse_rule(condition, {"fixed": "10", "unit": "万元"}, catalogue=COUNTY)
    firm = Knowledge.from_values(
        COUNTY, {"main_revenue": {2024: 950_000_000, 2025: 1_000_000_000}}, as_of=dt.date(2026, 11, 22)
    )
    context = Context(dt.date(2026, 11, 22))
    told = Program([0], [tree], COUNTY, year=2026).run(firm, context)
    assert told == summarised([tree], context, firm)
    assert told[0].near_miss is not None
