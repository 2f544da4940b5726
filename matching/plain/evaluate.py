"""The reference semantics: one rule before one enterprise, in plain exact Python.

The batch engine is tested to agree with this module on every pair; the explanation is made from its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from enterprises.catalogue import Kind, Scope
from enterprises.knowledge import Knowledge
from matching.plain.amounts import AmountEvaluator, Block, Interval, to_fen
from matching.plain.context import Context
from matching.plain.leaves import LeafResult, judge_leaf
from matching.plain.situation import Situation
from matching.plain.truth import Truth, at_least, every, some
from matching.tree import (
    All,
    Any,
    AtLeast,
    Compare,
    Condition,
    CredentialTest,
    Leaf,
    Not,
    Op,
    Over,
    Review,
    RuleTree,
)

__all__ = ["Context", "Interval", "Judgement", "LeafResult", "NodeResult", "Truth", "Verdict", "judge"]


class Verdict(StrEnum):
    """ELIGIBLE only if the conditions are TRUE, INELIGIBLE only if they are FALSE."""

    ELIGIBLE = "eligible"
    NEEDS_INFO = "needs_info"
    INELIGIBLE = "ineligible"


VERDICTS = {
    Truth.TRUE: Verdict.ELIGIBLE,
    Truth.UNKNOWN: Verdict.NEEDS_INFO,
    Truth.FALSE: Verdict.INELIGIBLE,
}


@dataclass(frozen=True, slots=True)
class NodeResult:
    """A condition node with its truth; a leaf has `leaf`, a group has `children`."""

    node: Condition
    truth: Truth
    wanted: bool
    children: tuple[NodeResult, ...] = ()
    leaf: LeafResult | None = None

    @property
    def satisfied(self) -> Truth:
        return self.truth if self.wanted else ~self.truth

    def leaves(self) -> Iterator[LeafResult]:
        """Leaf results in document order."""
        if self.leaf is not None:
            yield self.leaf
        for child in self.children:
            yield from child.leaves()

    def waiting(self) -> Iterator[LeafResult]:
        """Unknown leaves that still decide something: none below a group that is decided already."""
        if self.leaf is not None and self.truth is Truth.UNKNOWN:
            yield self.leaf
        if self.truth is Truth.UNKNOWN:
            for child in self.children:
                yield from child.waiting()


@dataclass(frozen=True)
class Judgement:
    """The answer, with everything needed to explain it.

    `open`: NEEDS_INFO, and it becomes TRUE as soon as the claim's facts and reviews turn out well.
    `amount` in whole fen: None when ineligible or when the rule gives none. `near_miss`: the one
    failing leaf that stands in the way and is near or can be changed; `near_miss_amount`: what would
    then be given, never part of `amount`.
    """

    verdict: Verdict
    open: bool
    amount: Interval | None
    conditions: NodeResult
    block: Block | None
    situation: Situation = field(repr=False)
    near_miss: LeafResult | None = None
    near_miss_amount: Interval | None = None

    @property
    def leaves(self) -> list[LeafResult]:
        return list(self.conditions.leaves())

    @property
    def pushable(self) -> bool:
        """Eligible or open, and not known to be worth nothing."""
        worthless = self.amount is not None and self.amount.high == 0
        return (self.verdict is Verdict.ELIGIBLE or self.open) and not worthless


LeafTruth = Callable[[Leaf, bool], Truth]


def truth_of(node: Condition, leaf_truth: LeafTruth, wanted: bool = True) -> Truth:
    """Kleene truth of a condition, its leaves answered by `leaf_truth(leaf, wanted)`."""
    match node:
        case Not(child=child):
            return ~truth_of(child, leaf_truth, not wanted)
        case All(children=children):
            return every(truth_of(child, leaf_truth, wanted) for child in children)
        case Any(children=children):
            return some(truth_of(child, leaf_truth, wanted) for child in children)
        case AtLeast(count=count, children=children):
            return at_least(count, (truth_of(child, leaf_truth, wanted) for child in children))
    return leaf_truth(node, wanted)


def judge(tree: RuleTree, knowledge: Knowledge, context: Context) -> Judgement:
    """The verdict, whether it is open, the amount, the reasons and the near miss."""
    situation = Situation(tree, knowledge, context)
    conditions = _result(tree.conditions, situation)
    verdict = VERDICTS[conditions.truth]
    block = amount = None
    near_miss = near_miss_amount = None
    if verdict is not Verdict.INELIGIBLE:
        block, amount = _amount(situation)
    elif near_miss := _near_miss(conditions, situation):
        near_miss_amount = _amount(situation, satisfied=near_miss)[1]
    return Judgement(
        verdict,
        verdict is Verdict.NEEDS_INFO and _open(conditions, situation),
        amount,
        conditions,
        block,
        situation,
        near_miss,
        near_miss_amount,
    )


def judge_condition(condition: Condition, situation: Situation) -> NodeResult:
    """A condition inside an amount, node by node; there a review is always UNKNOWN."""
    return _result(condition, situation, inside_amount=True)


def _result(
    node: Condition, situation: Situation, wanted: bool = True, inside_amount: bool = False
) -> NodeResult:
    match node:
        case Not(child=child):
            result = _result(child, situation, not wanted, inside_amount)
            return NodeResult(node, ~result.truth, wanted, (result,))
        case All(children=children) | Any(children=children) | AtLeast(children=children):
            results = tuple(_result(child, situation, wanted, inside_amount) for child in children)
            truths = [result.truth for result in results]
            if isinstance(node, AtLeast):
                return NodeResult(node, at_least(node.count, truths), wanted, results)
            combine = every if isinstance(node, All) else some
            return NodeResult(node, combine(truths), wanted, results)
    leaf = judge_leaf(node, situation, wanted, inside_amount=inside_amount)
    return NodeResult(node, leaf.truth, wanted, leaf=leaf)


def _amount(
    situation: Situation, satisfied: LeafResult | None = None
) -> tuple[Block | None, Interval | None]:
    """Block and root interval of the amount; `satisfied`: a leaf taken as if it held."""
    if situation.tree.amount is None:
        return None, None

    def leaf_truth(leaf: Leaf, wanted: bool) -> Truth:
        if satisfied is not None and leaf == satisfied.leaf:
            return Truth.of(satisfied.wanted)
        return judge_leaf(leaf, situation, wanted, inside_amount=True).truth

    evaluator = AmountEvaluator(situation, lambda condition: truth_of(condition, leaf_truth))
    block = evaluator.block(situation.tree.amount)
    return block, block.interval.map(to_fen)


def _open(conditions: NodeResult, situation: Situation) -> bool:
    """Whether good answers to the claim's questions and reviews alone would make it TRUE."""
    truths = {id(result.leaf): result.truth for result in conditions.leaves()}

    def hopeful(leaf: Leaf, wanted: bool) -> Truth:
        truth = truths[id(leaf)]
        asked = isinstance(leaf, Review) or _of_claim(leaf, situation)
        return Truth.of(wanted) if truth is Truth.UNKNOWN and asked else truth

    return truth_of(conditions.node, hopeful) is Truth.TRUE


def _of_claim(leaf: Leaf, situation: Situation) -> bool:
    if not isinstance(leaf, Compare | Over):
        return False
    return situation.knowledge.catalogue[leaf.fact].scope is Scope.CLAIM


def _near_miss(conditions: NodeResult, situation: Situation) -> LeafResult | None:
    """The failing leaf nearest to holding among those that alone stand in the way."""
    results = list(conditions.leaves())
    candidates = []
    for result in results:
        if result.satisfied is not Truth.FALSE:
            continue
        if not (result.near or changeable(result, situation)):
            continue
        if _settles(conditions, result) is not Truth.FALSE:
            candidates.append(result)
    return min(candidates, key=_effort, default=None)


def _settles(conditions: NodeResult, fixed: LeafResult) -> Truth:
    """The truth of the whole if this leaf, wherever it stands, were as wanted."""
    truths = {id(result.leaf): result.truth for result in conditions.leaves()}

    def leaf_truth(leaf: Leaf, _wanted: bool) -> Truth:
        return Truth.of(fixed.wanted) if leaf == fixed.leaf else truths[id(leaf)]

    return truth_of(conditions.node, leaf_truth)


def _effort(result: LeafResult) -> tuple[bool, float]:
    if not result.near or not result.threshold or result.distance is None:
        return (True, 0.0)
    return (False, float(result.distance / abs(result.threshold)))


def changeable(result: LeafResult, situation: Situation) -> bool:
    """Whether the firm itself can bring about what this leaf asks: a credential, a claim's own facts.

    What the firm is (region, industry, age), its record with the authorities and its past figures are not.
    """
    leaf = result.leaf
    if isinstance(leaf, CredentialTest):
        return result.wanted and leaf.op in (Op.HAS_ANY, Op.HAS_ALL) and leaf.obtained is None
    if not isinstance(leaf, Compare | Over):
        return False
    spec = situation.knowledge.catalogue[leaf.fact]
    return spec.scope is Scope.CLAIM and spec.kind is not Kind.DATE
