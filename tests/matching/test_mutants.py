"""The check of agreement has teeth: every engine broken on purpose is caught."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from enterprises.catalogue import NOT_APPLICABLE
from enterprises.knowledge import CredentialRecord, Knowledge
from matching.batch import amounts as batch_amounts
from matching.batch import bitmaps, columns, engine, frame, scenes
from matching.batch import conditions as batch_conditions
from matching.batch import leaves as batch_leaves
from matching.compiled import amounts as quick_amounts
from matching.compiled import leaf_table, levels, programs
from matching.compiled.programs import Program
from matching.parse import parse_rule
from matching.plain.context import Context
from matching.plain.truth import Truth
from matching.tree import Op, RuleTree
from tests.matching.strategies import AS_OF, CATALOGUE, knowledge_of_values
from tests.matching.test_agreement import check_agreement, summarised

Case = tuple[RuleTree, Context, list[Knowledge]]
Mutant = tuple[Any, str, Any]

ORIGINAL_WHOLE = batch_leaves._whole
ORIGINAL_HULL = quick_amounts._hull
ORIGINAL_INTERVAL = leaf_table._doubled_interval
ORIGINAL_COLUMNS = columns.column_of
ORIGINAL_NEEDED = batch_conditions.needed_of
ORIGINAL_LATEST = frame.Frame.latest
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
    "unknown is zero": (frame, "column_of", zero_for_unknown),
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
        frame.Frame,
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


REVENUE = {"fact": "revenue", "period": "2025"}
SMALL = {**REVENUE, "op": "<=", "value": "20", "unit": "万元"}
SOMEBODY = {"fact": "employees", "period": "2025", "op": ">=", "value": "1", "unit": "人"}
NOBODY = {**SOMEBODY, "op": "<="}
FIRM = {"revenue": {2025: 10_000_000}, "employees": {2025: 10}}
REVOKED = CredentialRecord("giant", certificate="1", revoked=True, as_of=AS_OF)
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
    (SMALL, None, {}),
    (SMALL, None, {"revenue": {2025: NOT_APPLICABLE}}),
    ({"fact": "credentials", "op": "has_any", "value": ["giant"]}, None, {"credentials": [REVOKED]}),
    ({"fact": "lists", "op": "has_any", "value": ["a"]}, None, {}),
    ({"not": {"all": [SMALL, NOBODY]}}, None, FIRM),
    ({"all": [SMALL, NOBODY]}, None, FIRM),
    ({"review": "现场核查"}, None, {}),
    ({"fact": "invest", "op": ">=", "value": "10", "unit": "万元"}, None, {}),
    (
        SOMEBODY,
        {"first": [{"when": SMALL, "then": {"fixed": "1", "unit": "万元"}}]},
        {"employees": {2025: 1}},
    ),
    (SMALL, {"rate": "50%", "of": REVENUE}, {"revenue": {2025: 10_000_001}}),
]
"""A case for every broken engine below, so that none has to wait for chance: rule, amount, firm."""


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [
        (
            parse_rule(conditions, amount, catalogue=CATALOGUE, reference_year=2026),
            Context(AS_OF, region="500231"),
            [knowledge_of_values(values)],
        )
        for conditions, amount, values in BOUNDARIES
    ]


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
