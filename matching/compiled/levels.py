"""Groups of many rules, combined level by level with ``reduceat``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.compiled.leaf_table import FAR, LeafTruths

Flags = NDArray[np.bool_]

SLOT_SHIFT = -1
"""A slot of the leaf table is written as a negative number, a group as its number."""


@dataclass(frozen=True)
class _Level:
    """Groups whose children are all computed before: ``children[starts[n]:starts[n + 1]]``."""

    groups: slice
    children: NDArray[np.int64]
    starts: NDArray[np.int64]
    needed: NDArray[np.int16]
    all_needed: Flags
    any_needed: Flags


@dataclass(frozen=True)
class Combined:
    """Slots and groups of one enterprise: the three Kleene rows, how many leaves at least must change."""

    counts: NDArray[np.int16]
    failing: NDArray[np.int16]
    roots: NDArray[np.int64]

    def rules(self) -> tuple[Flags, Flags, Flags, NDArray[np.int16]]:
        """For each rule: sure, possible, opened, and how many leaves at least must change."""
        sure, possible, opened = self.counts[:, self.roots].astype(bool)
        return sure, possible, opened, self.failing[self.roots]

    @cached_property
    def one_away(self) -> list[bool]:
        """Of each slot and group: whether one leaf would put it right."""
        lacking: list[bool] = (self.failing == 1).tolist()
        return lacking


class Levels:
    """Collects groups ("at least ``needed`` of the children"), then computes them all at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._groups: list[tuple[int, tuple[int, ...]]] = []
        self._heights: list[int] = []
        self._levels: list[_Level] = []
        self._members: dict[int, list[int]] = {}
        self._slots = self._size = 0

    def group(self, needed: int, children: Sequence[int]) -> int:
        """The number of a group; a group of one that needs one is its child."""
        if needed == 1 and len(children) == 1:
            return children[0]
        key = (needed, tuple(children))
        if key not in self._known:
            heights = [0 if child < 0 else self._heights[child] for child in children]
            self._known[key] = len(self._groups)
            self._groups.append(key)
            self._heights.append(1 + max(heights, default=0))
        return self._known[key]

    def seal(self, slots: int, roots: Sequence[int]) -> None:
        """Lay everything out: slots first, then groups by height."""
        order = sorted(range(len(self._groups)), key=self._heights.__getitem__)
        place = {group: slots + position for position, group in enumerate(order)}

        def where(number: int) -> int:
            return SLOT_SHIFT - number if number < 0 else place[number]

        self._slots, self._size = slots, slots + len(order)
        self._members = {place[group]: [where(child) for child in self._groups[group][1]] for group in order}
        self._roots = np.array([where(root) for root in roots], np.int64)
        start = 0
        while start < len(order):
            height, end = self._heights[order[start]], start
            while end < len(order) and self._heights[order[end]] == height:
                end += 1
            here = [self._groups[group] for group in order[start:end]]
            self._levels.append(_level(slice(slots + start, slots + end), here, where, self._size))
            start = end

    def combine(self, truths: LeafTruths) -> Combined:
        """Every group, level by level."""
        counts = np.zeros((3, self._size + 1), np.int16)
        counts[:, : truths.rows.shape[1]] = truths.rows
        failing = np.zeros(self._size + 1, np.int16)
        failing[self._size] = FAR
        failing[: len(truths.failing)] = truths.failing
        for level in self._levels:
            below = np.add.reduceat(counts[:, level.children], level.starts, axis=1)
            counts[:, level.groups] = below >= level.needed
            parts = failing[level.children]
            together = np.add.reduceat(parts, level.starts, dtype=np.int64)
            easiest = np.minimum.reduceat(parts, level.starts)
            short = np.maximum(0, level.needed - below[1])
            made = np.where(level.all_needed, together, np.where(level.any_needed, easiest, short))
            failing[level.groups] = np.minimum(made, FAR)
        return Combined(counts, failing, self._roots)

    def culprits(self, rule: int, combined: Combined) -> list[int]:
        """Of a rule that one leaf would put right: the slots of which any one would do."""
        found: list[int] = []
        lacking = combined.one_away
        pending = [int(self._roots[rule])]
        while pending:
            here = pending.pop()
            if here < self._slots:
                found.append(here)
            else:
                pending += [child for child in self._members[here] if lacking[child]]
        return found


def _level(
    groups: slice, here: Sequence[tuple[int, tuple[int, ...]]], where: Callable[[int], int], size: int
) -> _Level:
    """An empty group gets the last place as its child, which is never set."""
    children: list[int] = []
    starts: list[int] = []
    needs: list[int] = []
    counts: list[int] = []
    for needed, members in here:
        starts.append(len(children))
        children += [where(member) for member in members] or [size]
        needs.append(needed)
        counts.append(max(1, len(members)))
    needed_of = np.array(needs, np.int16)
    return _Level(
        groups,
        np.array(children, np.int64),
        np.array(starts, np.int64),
        needed_of,
        needed_of == np.array(counts),
        needed_of == 1,
    )
