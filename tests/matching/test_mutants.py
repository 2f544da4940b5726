"""The agreement tests have teeth: each of these broken engines is caught on a few hundred random pairs."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from enterprises.catalogue import Purpose
from enterprises.knowledge import Knowledge
from matching import (
    batch_amounts,
    batch_conditions,
    batch_leaves,
    bitmaps,
    columns,
    engine,
    leaf_table,
    levels,
    programs,
    quick_amounts,
    scenes,
)
from matching.context import Context
from matching.parse import parse_rule
from matching.programs import Program
from matching.tree import Op, RuleTree
from matching.truth import Truth
from tests.matching.strategies import AS_OF, CATALOGUE, contexts, knowledge_of_values, knowledges, rule_trees
from tests.matching.test_agreement import check_agreement, summarised

pytestmark = pytest.mark.slow

Case = tuple[RuleTree, Context, list[Knowledge]]
Mutant = tuple[Any, str, Any]

ORIGINAL_WHOLE = batch_leaves._whole
ORIGINAL_HULL = quick_amounts._hull
ORIGINAL_INTERVAL = leaf_table._doubled_interval
ORIGINAL_COLUMNS = columns.column_of
ORIGINAL_NEEDED = batch_conditions.needed_of
ORIGINAL_LATEST = columns.Frame.latest
ORIGINAL_AT_MOST = batch_amounts.Ratios.at_most
ORIGINAL_POSSIBLE = batch_amounts.BatchAmounts._possible
ORIGINAL_DOUBLED = leaf_table._doubled


def strict_bounds(values: Any, op: Op, bound: Fraction) -> Any:
    """≥ and ≤ as > and <."""
    return ORIGINAL_WHOLE(values, {Op.GE: Op.GT, Op.LE: Op.LT}.get(op, op), bound)


def zero_for_unknown(spec: Any, values: Any) -> columns.Column:
    """A missing number is taken for 0."""
    made = ORIGINAL_COLUMNS(spec, values)
    if not spec.numeric:
        return made
    return replace(made, state=np.maximum(made.state, columns.PRESENT).astype(np.uint8))


def unknown_for_inapplicable(value: Any) -> int:
    return columns.PRESENT if isinstance(value, int | Fraction | str | frozenset) else columns.UNKNOWN


def nothing_revoked(self: columns.Credentials, day: int) -> Any:
    begun = (self.begins == 0) | (self.begins <= day)
    return begun & ((self.ends == 0) | (day <= self.ends))


def no_zero(self: batch_amounts.BatchAmounts, branches: Any) -> Any:
    """0 is forgotten where no branch is certain."""
    sure = [(possible, possible) for (_sure, possible), _interval in branches]
    return ORIGINAL_POSSIBLE(self, [(s, i) for s, (_b, i) in zip(sure, branches, strict=True)])


BATCH: dict[str, Mutant] = {
    "bounds are strict": (batch_leaves, "_whole", strict_bounds),
    "unknown is zero": (columns, "column_of", zero_for_unknown),
    "inapplicable is unknown": (columns, "_state", unknown_for_inapplicable),
    "revoked certificates count": (columns.Credentials, "held_on", nothing_revoked),
    "a complete set without a record stays unknown": (scenes, "_completed", lambda column: column),
    "not is forgotten in groups": (
        batch_conditions,
        "needed_of",
        lambda node, wanted: ORIGINAL_NEEDED(node, True),
    ),
    "any for all": (bitmaps.np, "bitwise_and", np.bitwise_or),
    "reviews are unknown": (batch_conditions, "review_truth", lambda purpose, inside_amount: Truth.UNKNOWN),
    "claims do not open": (batch_conditions.Conditions, "_of_claim", lambda self, leaf: False),
    "everything opens": (batch_conditions.Conditions, "_of_claim", lambda self, leaf: True),
    "0 is forgotten": (batch_amounts.BatchAmounts, "_possible", no_zero),
    "the root rounds down": (engine, "HALF", Fraction(0)),
    "bands are exclusive": (
        batch_amounts.Ratios,
        "at_most",
        lambda self, other: ~ORIGINAL_AT_MOST(other, self),
    ),
    "the latest year is any year": (
        columns.Frame,
        "latest",
        lambda self, key, year: ORIGINAL_LATEST(self, key, 9999),
    ),
}


def exact_doubling(value: Any, scale: int) -> int:
    """What is left over in rounding is forgotten."""
    return ORIGINAL_DOUBLED(value, scale) & ~1


def strict_interval(one: Any, scale: int) -> Any:
    return ORIGINAL_INTERVAL(replace(one, op={Op.GE: Op.GT}.get(one.op, one.op)), scale)


PROGRAM: dict[str, Mutant] = {
    "rests are forgotten": (leaf_table, "_doubled", exact_doubling),
    "bounds are strict": (leaf_table, "_doubled_interval", strict_interval),
    "not is forgotten in groups": (programs, "needed_of", lambda node, wanted: ORIGINAL_NEEDED(node, True)),
    "0 is forgotten": (
        quick_amounts,
        "_hull",
        lambda possible: ORIGINAL_HULL([(True, bounds) for _certain, bounds in possible]),
    ),
    "first takes all": (quick_amounts, "_first", quick_amounts._branches),
    "nothing is near": (leaf_table, "ALWAYS", leaf_table.NEVER),
    "the farthest is nearest": (programs, "min", max),
    "claims do not open": (leaf_table.LeafTable, "_of_claim", lambda self, leaf: False),
    "all culprits are forgotten": (levels.Levels, "culprits", lambda self, rule, combined: []),
}


def gathered(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """Always the same examples."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(example: Any) -> None:
        found.append(example)

    gather()
    return found


REVENUE = {"fact": "revenue", "period": "2025"}
BOUNDARIES: list[tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any]]] = [
    ({**REVENUE, "op": ">=", "value": "20", "unit": "万元"}, None, {"revenue": {2025: 20_000_000}}),
    (
        {"fact": "rd_ratio", "period": "2025", "op": "<=", "value": "33.3", "unit": "%"},
        None,
        {"revenue": {2025: 100_000_000}, "rd_expense": {2025: 33_333_333}},
    ),
    (
        {"fact": "revenue", "op": "known"},
        {
            "bands": [{"up_to": "10", "rate": "5%"}, {"rate": "1%"}],
            "unit": "万元",
            "whole": True,
            "of": REVENUE,
        },
        {"revenue": {2025: 10_000_000}},
    ),
    (
        {
            "any": [
                {**REVENUE, "op": ">=", "value": "12", "unit": "万元"},
                {**REVENUE, "op": ">=", "value": "11", "unit": "万元"},
            ]
        },
        None,
        {"revenue": {2025: 10_000_000}},
    ),
    (
        {"fact": "revenue", "op": ">=", "value": "20", "unit": "万元"},
        None,
        {"revenue": {2025: 30_000_000, 2027: 10_000_000}},
    ),
    (
        {"fact": "revenue", "op": "known"},
        {
            "first": [
                {
                    "when": {**REVENUE, "op": ">", "value": "1", "unit": "万元"},
                    "then": {"fixed": "1", "unit": "万元"},
                },
                {
                    "when": {**REVENUE, "op": ">", "value": "2", "unit": "万元"},
                    "then": {"fixed": "2", "unit": "万元"},
                },
            ]
        },
        {"revenue": {2025: 10_000_000}},
    ),
]
"""Cases that chance meets too seldom: rule, amount, firm."""


def on_the_boundary() -> list[Case]:
    return [
        (
            parse_rule(conditions, amount, catalogue=CATALOGUE, reference_year=2026),
            Context(AS_OF, region="500231"),
            [knowledge_of_values(values)],
        )
        for conditions, amount, values in BOUNDARIES
    ]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    firms = st.lists(knowledges(), min_size=4, max_size=8)
    return on_the_boundary() + gathered(st.tuples(rule_trees(12), contexts(Purpose.SHOW), firms), 250)


def caught(check: Callable[[Case], None], cases: list[Case]) -> bool:
    """Whether some case tells the engine at hand from the plain evaluator."""
    for case in cases:
        try:
            check(case)
        except (AssertionError, IndexError, TypeError, ValueError):
            return True
    return False


def by_batch(case: Case) -> None:
    check_agreement(*case)


def by_program(case: Case) -> None:
    tree, context, firms = case
    program = Program([0], [tree], CATALOGUE, context.reference_year or context.as_of.year)
    for firm in firms:
        assert program.run(firm, context) == summarised([tree], context, firm)


@pytest.mark.parametrize("check", [by_batch, by_program])
def test_the_engine_as_it_is_passes(check: Callable[[Case], None], cases: list[Case]) -> None:
    assert not caught(check, cases)


@pytest.mark.parametrize("name", BATCH)
def test_a_broken_batch_engine_is_caught(
    name: str, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*BATCH[name])
    assert caught(by_batch, cases)


@pytest.mark.parametrize("name", PROGRAM)
def test_a_broken_program_is_caught(name: str, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*PROGRAM[name], raising=False)
    assert caught(by_program, cases)
