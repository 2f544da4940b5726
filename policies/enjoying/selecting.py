"""Who a version fits, by official data alone, and who is almost in: one pass of the engine over the county.

Paying takes no word but an official's, no stale value and no open review; showing takes any. Who is shown to
fit but may not be paid lacks a confirmation only. Who would fit were it not for one condition lacks that one:
each top-level condition is left out in turn (or its threshold eased by a fifth) and the rest asked again;
the engine computes each leaf once, so that this costs little more than one pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Purpose
from enterprises.services import load_catalogue
from matching.batch.conditions import facts_of
from matching.batch.engine import Case, match_rules
from matching.batch.frames import frame_knowing
from matching.batch.results import (
    AMOUNT_FLAG,
    COMPUTABLE_FLAG,
    ELIGIBLE_FLAG,
    OPEN_FLAG,
    UPTO_FLAG,
    Matches,
)
from matching.services import context_for, rule_tree
from matching.tree import All, Compare, Op, RuleTree
from policies.models import EnjoyRun

Ids = NDArray[np.int64]
EASED: Final = {Op.GE: Fraction(4, 5), Op.GT: Fraction(4, 5), Op.LE: Fraction(6, 5), Op.LT: Fraction(6, 5)}
"""How far from its threshold a figure is near: a fifth, as in "my policies"."""
MOST_ALMOST: Final = 1_000
"""Enterprises almost in that are written down, those with the shortest way first."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Ids, each group rising: who is in; and almost in with a click, with a form, or missing one thing."""

    population: int
    sure: Ids
    unpriced: Ids
    """They fit, but the amount is for an official to settle."""
    click: Ids
    form: Ids
    near: Ids
    left_out: int
    """Neither refused nor listed: more is unknown of them than one condition."""


def select(run: EnjoyRun) -> Selection:
    """Ask the engine; what was recorded after `known_at` it does not know."""
    catalogue = load_catalogue(known_at=run.known_at)
    tree = rule_tree(run.version.rule_version, catalogue)
    keys = facts_of(tree)
    paying = frame_knowing(keys, run.as_of, run.known_at, Purpose.PAY)
    pay = context_for(run.as_of, Purpose.PAY, known_at=run.known_at)
    found, *near = match_rules([Case(one, pay) for one in (tree, *_eased(tree))], paying)
    sure, unpriced = _payable(found)
    showing = frame_knowing(keys, run.as_of, run.known_at, Purpose.SHOW)
    show = context_for(run.as_of, Purpose.SHOW, known_at=run.known_at)
    bare = replace(tree, amount=None)
    shown, *partly = match_rules([Case(one, show) for one in (bare, *_without_one(tree))], showing)
    click = _less(shown.having(ELIGIBLE_FLAG).ids, found.eligible)
    undecided = shown.rows((shown.flags & ELIGIBLE_FLAG) == 0)
    one_open = _union([undecided.having(OPEN_FLAG).ids, *(one.eligible for one in partly)])
    form = np.intersect1d(one_open, undecided.ids)
    missing = _less(_union([one.eligible for one in near]), np.union1d(found.ids, shown.ids))
    unpriced, click, form, missing = _at_most(MOST_ALMOST, unpriced, click, form, missing)
    listed = len(unpriced) + len(click) + len(form)
    left_out = len(np.union1d(found.ids, shown.ids)) - len(sure) - listed
    return Selection(len(paying), sure, unpriced, click, form, missing, max(left_out, 0))


def _payable(found: Matches) -> tuple[Ids, Ids]:
    """Ids of those who fit: with one amount above nothing, and with one that is not settled by the rule."""
    fits = found.having(ELIGIBLE_FLAG)
    priced = (fits.flags & AMOUNT_FLAG) != 0
    settled = priced & ((fits.flags & COMPUTABLE_FLAG) != 0) & ((fits.flags & UPTO_FLAG) == 0)
    settled &= fits.low == fits.high
    return fits.ids[settled & (fits.low > 0)], fits.ids[priced & ~settled]


def _eased(tree: RuleTree) -> Iterator[RuleTree]:
    """The rule with one figure of its top level eased, each in turn."""
    conditions = tree.conditions
    if not isinstance(conditions, All):
        return
    for place, child in enumerate(conditions.children):
        if (
            not isinstance(child, Compare)
            or child.op not in EASED
            or not isinstance(child.value, Fraction | int)
        ):
            continue
        easier = replace(child, value=child.value * EASED[child.op])
        children = (*conditions.children[:place], easier, *conditions.children[place + 1 :])
        yield replace(tree, conditions=replace(conditions, children=children), amount=None)


def _without_one(tree: RuleTree) -> Iterator[RuleTree]:
    """The rule without one condition of its top level, each in turn."""
    conditions = tree.conditions
    if not isinstance(conditions, All) or len(conditions.children) < 2:
        return
    for place in range(len(conditions.children)):
        children = conditions.children[:place] + conditions.children[place + 1 :]
        yield replace(tree, conditions=replace(conditions, children=children), amount=None)


def _at_most(most: int, *groups: Ids) -> tuple[Ids, ...]:
    """The groups cut so that together they are no more; nobody stands in two of them."""
    seen: Ids = np.zeros(0, np.int64)
    kept = []
    for group in groups:
        few = _less(group, seen)[: max(most - len(seen), 0)]
        kept.append(few)
        seen = np.union1d(seen, few)
    return tuple(kept)


def _less(ids: Ids, others: Ids) -> Ids:
    return np.setdiff1d(ids, others, assume_unique=True)


def _union(groups: list[Ids]) -> Ids:
    return np.unique(np.concatenate(groups)) if groups else np.zeros(0, np.int64)
