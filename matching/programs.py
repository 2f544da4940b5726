"""Many rules before one enterprise: compiled once, then a few array operations an enterprise.

A :class:`Program` numbers the distinct leaves of all its rules. Comparisons of numbers become closed
intervals of whole numbers in two arrays; choices, sets and codes are judged once a distinct value and
remembered; what remains (credentials, ranges of years, figures, the event's year) is asked of the
plain evaluator, once a distinct leaf. Groups are then summed level by level with ``reduceat``.
Agrees with :func:`matching.evaluate.judge`; the tests hold it to that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Catalogue
from enterprises.knowledge import Knowledge
from matching.amounts import AmountEvaluator, Interval, to_fen
from matching.batch_conditions import needed_of
from matching.context import Context
from matching.evaluate import Verdict, changeable, judge, truth_of
from matching.leaf_table import LeafTable
from matching.leaves import LeafResult
from matching.levels import Combined, Levels
from matching.recall import Recall
from matching.situation import Situation
from matching.tree import (
    All,
    Any,
    AtLeast,
    Condition,
    FactQuantity,
    FigureQuantity,
    First,
    Increase,
    Installments,
    Leaf,
    Node,
    Not,
    Received,
    Review,
    RuleTree,
    When,
    leaves,
)
from matching.truth import Truth

_HANGING = (FactQuantity, FigureQuantity, First, Increase, Installments, Received, When)
"""Amount nodes that depend on the enterprise."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One rule before one enterprise, in short. ``amount`` in whole fen, None when it gives none.

    ``near_miss`` is the JSON pointer of the one failing leaf that stands in the way and is near or
    can be changed; ``near_miss_amount`` what would then be given, never part of ``amount``.
    """

    version_id: int
    verdict: Verdict
    open: bool
    amount: Interval | None = None
    near_miss: str | None = None
    near_miss_amount: Interval | None = None

    @property
    def pushable(self) -> bool:
        """Eligible or open, and not known to be worth nothing."""
        worthless = self.amount is not None and self.amount.high == 0
        return (self.verdict is Verdict.ELIGIBLE or self.open) and not worthless


@dataclass
class Program:
    """Rules compiled for one enterprise after another. ``keys`` name the rules in the answer."""

    keys: Sequence[int]
    trees: Sequence[RuleTree]
    catalogue: Catalogue
    year: int
    """Y of the rules that fix none."""
    table: LeafTable = field(init=False)
    levels: Levels = field(init=False)
    fixed: list[Interval | None] = field(init=False)
    repeats: NDArray[np.bool_] = field(init=False)
    _listed: dict[int, list[tuple[int, Leaf, bool]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.table = LeafTable(self.catalogue)
        self.levels = Levels()
        roots = [self._compile(tree.conditions, tree, True) for tree in self.trees]
        self.table.seal()
        self.levels.seal(self.table.slots, roots)
        self.fixed = [_fixed(tree, self.catalogue) for tree in self.trees]
        self.repeats = np.array([_repeats(tree) for tree in self.trees], bool)

    def _compile(self, node: Condition, tree: RuleTree, wanted: bool) -> int:
        if isinstance(node, Not):
            return self._compile(node.child, tree, not wanted)
        if isinstance(node, All | Any | AtLeast):
            children = [self._compile(child, tree, wanted) for child in node.children]
            return self.levels.group(needed_of(node, wanted), children)
        return self._slot(node, tree, wanted)

    def _slot(self, leaf: Leaf, tree: RuleTree, wanted: bool) -> int:
        return self.table.slot(leaf, tree.reference_year or self.year, tree.event_fact, wanted)

    def run(self, knowledge: Knowledge, context: Context) -> list[Summary]:
        """Every rule before the enterprise, in order."""
        recall = Recall(knowledge)
        combined = self.levels.combine(self.table.truths(recall, context))
        sure, possible, opened, failing = combined.rules()
        near = ~possible & ((failing == 1) | (self.repeats & (failing < self.levels.never)))
        columns = (sure.tolist(), possible.tolist(), opened.tolist(), near.tolist())
        answers: list[Summary] = []
        for place, (holds, may, welcome, close) in enumerate(zip(*columns, strict=True)):
            if may:
                verdict = Verdict.ELIGIBLE if holds else Verdict.NEEDS_INFO
                amount = self._amount(place, recall, context)
                answers.append(Summary(self.keys[place], verdict, welcome and not holds, amount))
            elif close:
                answers.append(self._near_miss(place, recall, context, combined))
            else:
                answers.append(Summary(self.keys[place], Verdict.INELIGIBLE, False))
        return answers

    def _amount(
        self, place: int, recall: Recall, context: Context, satisfied: LeafResult | None = None
    ) -> Interval | None:
        """The amount of a rule; ``satisfied``: a leaf taken as if it held."""
        tree = self.trees[place]
        if tree.amount is None or self.fixed[place] is not None:
            return self.fixed[place]
        situation = recall.situation(tree, context)

        def leaf_truth(leaf: Leaf, wanted: bool) -> Truth:
            if satisfied is not None and leaf == satisfied.leaf:
                return Truth.of(satisfied.wanted)
            return Truth.UNKNOWN if isinstance(leaf, Review) else recall.truth(leaf, situation)

        evaluator = AmountEvaluator(situation, lambda condition: truth_of(condition, leaf_truth))
        return evaluator.block(tree.amount).interval.map(to_fen)

    def _near_miss(self, place: int, recall: Recall, context: Context, combined: Combined) -> Summary:
        """The failing leaf nearest to holding among those that alone stand in the way."""
        if self.repeats[place]:
            return self._plainly(place, recall, context)
        situation = recall.situation(self.trees[place], context)
        guilty = set(self.levels.culprits(place, combined))
        missed: list[LeafResult] = []
        for slot, leaf, wanted in self._leaves_of(place):
            if slot in guilty:
                result = recall.result(leaf, situation, wanted)
                if result.near or changeable(result, situation):
                    missed.append(result if result.leaf is leaf else replace(result, leaf=leaf))
        if not missed:
            return Summary(self.keys[place], Verdict.INELIGIBLE, False)
        nearest = min(missed, key=effort)
        amount = self._amount(place, recall, context, nearest)
        return Summary(self.keys[place], Verdict.INELIGIBLE, False, None, nearest.path, amount)

    def _leaves_of(self, place: int) -> list[tuple[int, Leaf, bool]]:
        """Slot, leaf and polarity of each leaf of a rule, in document order."""
        if place not in self._listed:
            tree = self.trees[place]
            self._listed[place] = [
                (-1 - self._slot(leaf, tree, wanted), leaf, wanted)
                for leaf, wanted in leaves(tree.conditions)
            ]
        return self._listed[place]

    def _plainly(self, place: int, recall: Recall, context: Context) -> Summary:
        """For a rule in which a leaf stands twice: the plain evaluator's answer."""
        told = judge(self.trees[place], recall, context)  # type: ignore[arg-type]
        path = told.near_miss.path if told.near_miss else None
        return Summary(self.keys[place], told.verdict, told.open, told.amount, path, told.near_miss_amount)


def effort(missed: LeafResult) -> tuple[bool, float]:
    """What is near comes first, the nearest before all; then what can be brought about."""
    if not missed.near or not missed.threshold or missed.distance is None:
        return True, 0.0
    return False, float(missed.distance / abs(missed.threshold))


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for name in node.__dataclass_fields__:
        below = getattr(node, name)
        for one in below if isinstance(below, tuple) else (below,):
            if isinstance(one, Node):
                yield from _nodes(one)


def _fixed(tree: RuleTree, catalogue: Catalogue) -> Interval | None:
    """The amount of a rule that is the same for everybody, else None."""
    if tree.amount is None or any(isinstance(node, _HANGING) for node in _nodes(tree.amount)):
        return None
    nobody = Situation(tree, Knowledge(catalogue, dt.date.min), Context(dt.date.min))
    return AmountEvaluator(nobody, lambda _condition: Truth.UNKNOWN).block(tree.amount).interval.map(to_fen)


def _repeats(tree: RuleTree) -> bool:
    """Whether a leaf stands in the conditions more than once."""
    found = [leaf for leaf, _wanted in leaves(tree.conditions)]
    return len(set(found)) < len(found)
