"""Many rules before one enterprise: compiled once, then a few array operations an enterprise.

A :class:`Program` numbers the distinct leaves of all its rules. Comparisons of numbers become closed
intervals of whole numbers in two arrays; choices, sets and codes are judged once a distinct value and
remembered; what remains (credentials, ranges of years, figures, the event's year) is asked of the
plain evaluator, once a distinct leaf. Groups are then summed level by level with ``reduceat``.
Agrees with :func:`matching.plain.evaluate.judge`; the tests hold it to that.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Catalogue
from enterprises.knowledge import Knowledge
from matching.batch.conditions import needed_of
from matching.compiled.amounts import AmountCompiler, Measure, Reckon, Sitting, in_fen
from matching.compiled.leaf_table import LeafTable
from matching.compiled.levels import Combined, Levels
from matching.compiled.recall import Recall
from matching.plain.amounts import AmountEvaluator, Interval, to_fen
from matching.plain.context import Context
from matching.plain.evaluate import Verdict, judge
from matching.plain.leaves import LeafResult
from matching.plain.situation import Situation
from matching.plain.truth import Truth
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
    Period,
    Received,
    RuleTree,
    When,
    leaves,
)

_HANGING = (FactQuantity, FigureQuantity, First, Increase, Installments, Received, When)
"""Amount nodes that depend on the enterprise."""


class Summary(NamedTuple):
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
    def refused(self) -> bool:
        """Ineligible, and no single condition stands in the way."""
        return self.near_miss is None and self.verdict is Verdict.INELIGIBLE

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
    roots: list[int] = field(init=False)
    """Of the rules' conditions, in order; then of the conditions inside amounts."""
    reckons: list[Reckon | None] = field(init=False)
    fixed: list[Interval | None] = field(init=False)
    most: NDArray[np.int16] = field(init=False)
    """How often at most one leaf stands in the rule's conditions: so many changes one leaf may make."""
    tangled: list[bool] = field(init=False)
    refused: list[Summary] = field(init=False)
    """The commonest answer, of each rule."""
    _measures: dict[tuple[str, Period | None, int, str | None], Measure] = field(
        init=False, default_factory=dict
    )
    _listed: dict[int, dict[int, tuple[Leaf, bool]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.table = LeafTable(self.catalogue)
        self.levels = Levels()
        self.roots = [self._compile(tree.conditions, tree, True) for tree in self.trees]
        self.fixed = [_fixed(tree, self.catalogue) for tree in self.trees]
        self.reckons = [
            self._amount_of(tree) if fixed is None else None
            for tree, fixed in zip(self.trees, self.fixed, strict=True)
        ]
        self.table.seal()
        self.levels.seal(self.table.slots, self.roots)
        self.refused = [Summary(key, Verdict.INELIGIBLE, False) for key in self.keys]
        self.most = np.array([_most(tree) for tree in self.trees], np.int16)
        self.tangled = [_tangled(tree) for tree in self.trees]

    def _compile(self, node: Condition, tree: RuleTree, wanted: bool, inside_amount: bool = False) -> int:
        if isinstance(node, Not):
            return self._compile(node.child, tree, not wanted, inside_amount)
        if isinstance(node, All | Any | AtLeast):
            children = [self._compile(child, tree, wanted, inside_amount) for child in node.children]
            return self.levels.group(needed_of(node, wanted), children)
        return self._slot(node, tree, wanted, inside_amount)

    def _slot(self, leaf: Leaf, tree: RuleTree, wanted: bool, inside_amount: bool = False) -> int:
        year = tree.reference_year or self.year
        return self.table.slot(leaf, year, tree.event_fact, wanted, inside_amount=inside_amount)

    def _amount_of(self, tree: RuleTree) -> Reckon | None:
        """The function that reckons a rule's amount; its conditions are numbered after the rules."""
        if tree.amount is None:
            return None

        def number_of(condition: Condition) -> int:
            self.roots.append(self._compile(condition, tree, True, inside_amount=True))
            return len(self.roots) - 1

        compiler = AmountCompiler(tree, tree.reference_year or self.year, number_of, self._measures)
        return compiler.amount(tree.amount)

    def run(self, knowledge: Knowledge, context: Context) -> list[Summary]:
        """Every rule before the enterprise, in order."""
        recall = Recall(knowledge)
        combined = self.levels.combine(self.table.truths(recall, context))
        sure, possible, opened, failing = combined.rules()
        mine = slice(len(self.trees))
        near = ~possible[mine] & (failing[mine] <= self.most)
        holds = sure.tolist()
        at = Sitting(recall, context, holds, possible.tolist())
        welcome = (opened & ~sure).tolist()
        answers = self.refused.copy()
        for place in np.flatnonzero(possible[mine]).tolist():
            verdict = Verdict.ELIGIBLE if holds[place] else Verdict.NEEDS_INFO
            answers[place] = Summary(self.keys[place], verdict, welcome[place], self._amount(place, at))
        for place in np.flatnonzero(near).tolist():
            answers[place] = self._near_miss(place, at, combined)
        return answers

    def _amount(self, place: int, at: Sitting) -> Interval | None:
        reckon = self.reckons[place]
        return self.fixed[place] if reckon is None else in_fen(reckon(at))

    def _near_miss(self, place: int, at: Sitting, combined: Combined) -> Summary:
        """The failing leaf nearest to holding among those that alone stand in the way."""
        if self.tangled[place]:
            return self._plainly(place, at)
        guilty = self.levels.culprits(place, combined)
        if not guilty:
            return self.refused[place]
        listed = self._leaves_of(place)
        nearest, _wanted = listed[guilty[0]]
        if len(guilty) > 1:
            situation = at.recall.situation(self.trees[place], at.context)
            missed = [
                (effort(at.recall.result(leaf, situation, wanted)), leaf)
                for slot, (leaf, wanted) in listed.items()
                if slot in guilty
            ]
            nearest = min(missed, key=itemgetter(0))[1]
        amount = self._amount(place, at)
        return Summary(self.keys[place], Verdict.INELIGIBLE, False, None, nearest.path, amount)

    def _leaves_of(self, place: int) -> dict[int, tuple[Leaf, bool]]:
        """Leaf and polarity by slot, of a rule in which no leaf stands twice, in document order."""
        if place not in self._listed:
            tree = self.trees[place]
            self._listed[place] = {
                -1 - self._slot(leaf, tree, wanted): (leaf, wanted)
                for leaf, wanted in leaves(tree.conditions)
            }
        return self._listed[place]

    def _plainly(self, place: int, at: Sitting) -> Summary:
        """For a rule in which a leaf stands twice: the plain evaluator's answer."""
        told = judge(self.trees[place], at.recall, at.context)  # type: ignore[arg-type]
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


def _most(tree: RuleTree) -> int:
    """How often the most frequent leaf stands in the conditions; at least 1."""
    return max(Counter(leaf for leaf, _wanted in leaves(tree.conditions)).values(), default=1)


def _tangled(tree: RuleTree) -> bool:
    """Whether a leaf of the conditions stands there or in the amount once more."""
    inside = () if tree.amount is None else _nodes(tree.amount)
    return _most(tree) > 1 or not {leaf for leaf, _wanted in leaves(tree.conditions)}.isdisjoint(inside)
