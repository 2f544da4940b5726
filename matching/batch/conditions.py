"""Conditions before many enterprises: leaves as packed Kleene bitmaps, groups as one operation each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any as Anything

import numpy as np

from enterprises.catalogue import Scope
from matching import tree
from matching.batch.bitmaps import ALL_ONES, POSSIBLE, SURE, Bits, at_least, certain, pack, words_for
from matching.batch.leaves import Pair, leaf_pair, review_truth
from matching.batch.scenes import Scene
from matching.plain.truth import Truth
from matching.tree import All, Any, AtLeast, Compare, Condition, Leaf, Not, Over, Review, RuleTree, leaves

LeafKey = tuple[Leaf, int, str | None]
"""A leaf means the same wherever the reference year and the event fact are the same."""


@dataclass
class LeafCache:
    """Packed leaves that more than one rule asks for, kept until the last of them was served."""

    wanted: Counter[LeafKey] = field(default_factory=Counter)
    packed: dict[LeafKey, Bits] = field(default_factory=dict)

    @classmethod
    def for_rules(cls, rules: Iterable[tuple[RuleTree, int]]) -> LeafCache:
        """For rules with their reference years."""
        keys = (
            (leaf, year, rule.event_fact) for rule, year in rules for leaf, _wanted in leaves(rule.conditions)
        )
        return cls(Counter(keys))

    def get(self, key: LeafKey, scene: Scene) -> Bits:
        """The packed sure and possible rows of a leaf."""
        bits = self.packed.get(key)
        if bits is None:
            bits = pack(np.stack(leaf_pair(key[0], scene)))
        self.wanted[key] -= 1
        if self.wanted[key] > 0:
            self.packed[key] = bits
        else:
            self.packed.pop(key, None)
        return bits


@dataclass(frozen=True)
class Conditions:
    """Evaluates the conditions of one rule over a scene."""

    scene: Scene
    inside_amount: bool = False
    cache: LeafCache = field(default_factory=LeafCache)

    def bits(self, node: Condition, wanted: bool = True) -> Bits:
        """The three rows of a condition (of its negation unless ``wanted``)."""
        if isinstance(node, Not):
            return self.bits(node.child, not wanted)
        if isinstance(node, All | Any | AtLeast):
            children = [self.bits(child, wanted) for child in node.children]
            needed = needed_of(node, wanted)
            return at_least(needed, children) if children else certain(len(self.scene), needed <= 0)
        return self._review() if isinstance(node, Review) else self._leaf(node, wanted)

    def _review(self) -> Bits:
        bits = certain(len(self.scene), True)
        purpose = self.scene.context.purpose
        if review_truth(purpose, inside_amount=self.inside_amount) is Truth.UNKNOWN:
            bits[SURE] = 0
        return bits

    def _leaf(self, leaf: Leaf, wanted: bool) -> Bits:
        count = len(self.scene)
        rows = self.cache.get((leaf, self.scene.reference_year, self.scene.tree.event_fact), self.scene)
        bits = np.empty((3, words_for(count)), np.uint64)
        bits[:2] = rows if wanted else rows[::-1] ^ ALL_ONES
        bits[2] = bits[POSSIBLE] if self._of_claim(leaf) else bits[SURE]
        return bits

    def _of_claim(self, leaf: Leaf) -> bool:
        if not isinstance(leaf, Compare | Over):
            return False
        return self.scene.frame.catalogue[leaf.fact].scope is Scope.CLAIM


def needed_of(node: All | Any | AtLeast, wanted: bool) -> int:
    """How many children must hold for the group to hold (or, unless wanted, not to hold)."""
    count = len(node.children)
    needed = {All: count, Any: 1}.get(type(node), getattr(node, "count", 0))
    return needed if wanted else count - needed + 1


def facts_of(node: Anything) -> set[str]:
    """Keys of all facts that a condition, amount or quantity reads."""
    found: set[str] = set()
    pending: list[Anything] = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, tuple):
            pending += here
        elif isinstance(here, tree.FigureRef):
            found.add("region")
        elif isinstance(here, tree.Node | RuleTree):
            found.update(
                getattr(here, name) for name in ("fact", "event", "event_fact") if getattr(here, name, None)
            )
            pending += [getattr(here, name) for name in here.__dataclass_fields__]
    return found


__all__ = ["Conditions", "LeafCache", "Pair", "facts_of", "needed_of"]
