"""Why a rule fits an enterprise, condition by condition, as it is kept with an entry of a list.

Each condition names the facts and kinds of credential that it looks at, so that a bank is shown those which
the enterprise let it know and no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Purpose
from enterprises.knowledge import Knowledge
from enterprises.services import knowledge_of_many, load_catalogue
from matching.batch.conditions import facts_of
from matching.explaining.explain import LeafRow, RuleWords, explain
from matching.plain.context import Context
from matching.plain.evaluate import judge
from matching.plain.situation import Situation
from matching.services import context_for, rule_tree
from matching.tree import All, AtLeast, CredentialTest, Not, RuleTree
from matching.tree import Any as AnyOf

if TYPE_CHECKING:
    from matching.models import RuleVersion

CHUNK: Final = 500
"""Enterprises between two words of progress."""
REGION: Final = "region"
"""The fact that says where an enterprise is: figures differ by region."""
Condition = Mapping[str, Any]
"""As it is kept: see `Bench._kept`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a condition looks at."""

    facts: frozenset[str]
    kinds: frozenset[str]


@dataclass(frozen=True)
class Bench:
    """A rule on a day, as known at a moment: it judges the same again tomorrow. Only official data count."""

    tree: RuleTree
    catalogue: Catalogue
    context: Context
    words: RuleWords
    needs: Mapping[str, Needs]
    known_at: dt.datetime

    @classmethod
    def of(cls, version: RuleVersion, as_of: dt.date, known_at: dt.datetime) -> Bench:
        """The rule's version with all that is the same for everybody."""
        catalogue = load_catalogue(known_at=known_at)
        tree = rule_tree(version, catalogue)
        context = context_for(as_of, Purpose.PAY, known_at=known_at)
        words = RuleWords.of(Situation(tree, Knowledge(catalogue, as_of), context))
        return cls(tree, catalogue, context, words, needs_of(tree), known_at)

    def evidence_of(
        self, ids: Sequence[int], progress: Callable[[int], None]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each enterprise with its evidence, in the order given; `progress` is told how many are done."""
        keys = {*facts_of(self.tree), REGION} & set(self.catalogue)
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            known = knowledge_of_many(
                chunk, as_of=self.context.as_of, known_at=self.known_at, purpose=Purpose.PAY, keys=keys
            )
            for pk in chunk:
                yield pk, self._one(known[pk])
            progress(start + len(chunk))

    def _one(self, knowledge: Knowledge) -> dict[str, Any]:
        region = knowledge.value(REGION) if REGION in self.catalogue else None
        context = self.context
        if region is not None and region.value is not NOT_APPLICABLE:
            context = replace(context, region=str(region.value))
        judged = judge(self.tree, knowledge, context)
        told = explain(judged, self.tree, self.catalogue, amounts=False, words=self.words)
        return {"summary": told.summary, "conditions": [self._kept(row) for row in told.leaves]}

    def _kept(self, row: LeafRow) -> dict[str, Any]:
        needs = self.needs[row.path]
        return {
            "sentence": row.sentence,
            "truth": row.truth,
            "clause": row.clause,
            "detail": row.detail,
            "source": row.source,
            "tier": int(row.tier) if row.tier is not None else None,
            "as_of": row.as_of.isoformat() if row.as_of else None,
            "review": row.review,
            "spare": row.spare,
            "facts": sorted(needs.facts),
            "kinds": sorted(needs.kinds),
        }


def needs_of(tree: RuleTree) -> dict[str, Needs]:
    """What each condition of a rule looks at, by its path."""
    found, waiting = {}, [tree.conditions]
    while waiting:
        node = waiting.pop()
        match node:
            case All() | AnyOf() | AtLeast():
                waiting += node.children
            case Not():
                waiting.append(node.child)
            case _:
                kinds = node.kinds if isinstance(node, CredentialTest) else ()
                found[node.path] = Needs(frozenset(facts_of(node)), frozenset(kinds))
    return found


def allowed(
    conditions: Sequence[Condition], facts: Collection[str], kinds: Collection[str]
) -> list[Condition]:
    """Those of which everything that they look at may be known: one that names nothing says nothing."""
    let = set(facts), set(kinds)
    return [
        one
        for one in conditions
        if (one["facts"] or one["kinds"]) and set(one["facts"]) <= let[0] and set(one["kinds"]) <= let[1]
    ]
