"""One rule before many enterprises: verdicts by packed bitmaps, amounts for the rows that remain.

Agrees with :func:`matching.plain.evaluate.judge` on every pair; the tests hold it to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.batch.amounts import BatchAmounts, Intervals
from matching.batch.bitmaps import OPENED, POSSIBLE, SURE, positions, unpack
from matching.batch.conditions import Conditions, LeafCache, facts_of
from matching.batch.frame import Frame
from matching.batch.results import (
    AMOUNT_FLAG,
    BOUNDED_FLAG,
    COMPUTABLE_FLAG,
    ELIGIBLE_FLAG,
    OPEN_FLAG,
    UPTO_FLAG,
    Matches,
)
from matching.batch.scenes import Scene
from matching.plain.amounts import HALF
from matching.plain.context import Context
from matching.tree import RuleTree


@dataclass(frozen=True)
class Case:
    """A rule with the context it is judged in."""

    tree: RuleTree
    context: Context


def match_rules(cases: Sequence[Case], frame: Frame) -> Iterator[Matches]:
    """Each rule over all rows of the frame, in order; a leaf that several rules share is computed once."""
    scenes = [Scene(frame, case.tree, case.context) for case in cases]
    cache = LeafCache.for_rules((scene.tree, scene.reference_year) for scene in scenes)
    frame.need({key for case in cases for key in facts_of(case.tree)})
    for scene in scenes:
        yield match_scene(scene, cache)


def match_rule(tree: RuleTree, frame: Frame, context: Context) -> Matches:
    """One rule over all rows of the frame."""
    return next(match_rules([Case(tree, context)], frame))


def match_scene(scene: Scene, cache: LeafCache) -> Matches:
    """The enterprises that are not refused, with their amounts."""
    bits = Conditions(scene, cache=cache).bits(scene.tree.conditions)
    rows = positions(bits[POSSIBLE], len(scene))
    sure, opened = (unpack(bits[row], len(scene))[rows] for row in (SURE, OPENED))
    flags = np.zeros(len(rows), np.uint8)
    flags[sure] |= ELIGIBLE_FLAG
    flags[opened & ~sure] |= OPEN_FLAG
    ids = scene.frame.ids[rows]
    if scene.tree.amount is None or not len(rows):
        nothing = np.zeros(len(rows), np.int64)
        return Matches(ids, flags, nothing, nothing, len(scene))
    whole = len(rows) == len(scene)
    return _priced(Matches(ids, flags, ids, ids, len(scene)), amounts(scene if whole else scene.part(rows)))


def amounts(scene: Scene) -> Intervals:
    """The amount of the rule for every row of the scene, whatever its verdict."""
    conditions = Conditions(scene, inside_amount=True)

    def truths(condition: object) -> tuple[np.ndarray, np.ndarray]:
        sure, possible, _opened = unpack(conditions.bits(condition), len(scene))  # type: ignore[arg-type]
        return sure, possible

    assert scene.tree.amount is not None
    return BatchAmounts(scene, truths).intervals(scene.tree.amount)


def _priced(matches: Matches, intervals: Intervals) -> Matches:
    """The matches with their amounts rounded half up to the fen."""
    flags = matches.flags | AMOUNT_FLAG
    for mask, flag in (
        (intervals.bounded, BOUNDED_FLAG),
        (intervals.computable, COMPUTABLE_FLAG),
        (intervals.upto, UPTO_FLAG),
    ):
        flags = np.where(mask, flags | flag, flags)
    low, high = (bound.rounded_down(HALF) for bound in (intervals.low, intervals.high))
    high = np.where(intervals.bounded, high, 0)
    return replace(matches, flags=flags.astype(np.uint8), low=low, high=high)
