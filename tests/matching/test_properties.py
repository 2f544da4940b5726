"""What must hold of every rule and every enterprise."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from enterprises.catalogue import Purpose
from matching.parse import parse_rule
from matching.plain.context import Context
from matching.plain.evaluate import Judgement, Truth, Verdict, judge
from matching.tree import RuleTree
from tests.matching.strategies import (
    CATALOGUE,
    STORED,
    YEARS,
    condition_documents,
    contexts,
    enterprise_values,
    fact_values,
    knowledge_of_values,
    rule_trees,
)


def truth(document: Any, values: dict[str, Any], context: Context) -> Truth:
    tree = parse_rule(document, catalogue=CATALOGUE, event_fact="above_scale_first_year")
    return judge(tree, knowledge_of_values(values), context).conditions.truth


@given(condition_documents(6), enterprise_values(), contexts())
def test_double_negation_changes_nothing(document: Any, values: dict[str, Any], context: Context) -> None:
    inner = document
    twice = {"not": {"not": inner}}
    if depth(twice) <= 6:
        assert truth(twice, values, context) is truth(inner, values, context)


@given(condition_documents(4), condition_documents(4), enterprise_values(), contexts())
def test_de_morgan(one: Any, other: Any, values: dict[str, Any], context: Context) -> None:
    left = {"not": {"all": [one, other]}}
    right = {"any": [{"not": one}, {"not": other}]}
    if depth(left) <= 6:
        assert truth(left, values, context) is truth(right, values, context)


@given(rule_trees(), enterprise_values(), contexts(), st.data())
@settings(max_examples=300)
def test_more_information_only_narrows(
    tree: RuleTree, values: dict[str, Any], context: Context, data: st.DataObject
) -> None:
    """Filling in an unknown never flips a decided verdict, and the interval only narrows."""
    before = judge(tree, knowledge_of_values(values), context)
    after = judge(tree, knowledge_of_values(filled(values, data)), context)
    if before.verdict is not Verdict.NEEDS_INFO:
        assert after.verdict is before.verdict
    if before.amount is not None and after.amount is not None:
        assert after.amount.low >= before.amount.low
        assert before.amount.high is None or (
            after.amount.high is not None and after.amount.high <= before.amount.high
        )


@given(rule_trees(), enterprise_values(), contexts())
def test_paying_is_never_kinder_than_showing(
    tree: RuleTree, values: dict[str, Any], context: Context
) -> None:
    shown = judge(tree, knowledge_of_values(values), context)
    paying = Context(
        context.as_of,
        Purpose.PAY,
        context.reference_year,
        context.figures,
        context.region,
        context.received,
    )
    paid = judge(tree, knowledge_of_values(values, Purpose.PAY), paying)
    if paid.verdict is Verdict.ELIGIBLE:
        assert shown.verdict is Verdict.ELIGIBLE


@given(rule_trees(), enterprise_values(), contexts())
def test_shape_of_every_judgement(tree: RuleTree, values: dict[str, Any], context: Context) -> None:
    judgement = judge(tree, knowledge_of_values(values), context)
    check_shape(judgement, tree)


def check_shape(judgement: Judgement, tree: RuleTree) -> None:
    assert not judgement.open or judgement.verdict is Verdict.NEEDS_INFO
    assert (judgement.near_miss is None) or judgement.verdict is Verdict.INELIGIBLE
    if judgement.verdict is Verdict.INELIGIBLE or tree.amount is None:
        assert judgement.amount is None
    elif judgement.amount is not None:
        low, high = judgement.amount.low, judgement.amount.high
        assert isinstance(low, int)
        assert low >= 0
        assert high is None or low <= high
    for leaf in judgement.leaves:
        assert leaf.distance is None or leaf.distance >= 0


def filled(values: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The same enterprise with one stored fact more.

    Only years before those known: a newer one would change which is the latest, which is news, not a gap.
    """
    missing: list[tuple[str, int | None]] = []
    for key in STORED:
        if CATALOGUE[key].complete:
            continue
        if CATALOGUE[key].periodic:
            missing += [(key, year) for year in YEARS if year < min(values.get(key, {9999: None}))]
        elif key not in values:
            missing.append((key, None))
    if not missing:
        return values
    key, year = data.draw(st.sampled_from(missing))
    value = data.draw(fact_values(key))
    if year is None:
        return {**values, key: value}
    return {**values, key: {**values.get(key, {}), year: value}}


def depth(node: Any) -> int:
    parts = [part for key in ("all", "any", "of") for part in node.get(key, ())]
    parts += [node["not"]] if "not" in node else []
    return 1 + max(map(depth, parts)) if parts else 0
