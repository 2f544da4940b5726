"""Evidence: each enterprise of a list judged by itself, leaf by leaf, in a form that a court can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Purpose
from enterprises.knowledge import Knowledge
from enterprises.services import knowledge_of_many, load_catalogue
from matching.batch.conditions import facts_of
from matching.explaining.explain import Explanation, RuleWords, explain
from matching.plain.context import Context
from matching.plain.evaluate import Verdict, judge
from matching.plain.situation import Situation
from matching.services import context_for, rule_tree
from matching.tree import Received, RuleTree
from policies.applying.freezing import amount_rows, condition
from policies.models import EnjoyRun
from policies.money.received import received_among
from portal.kernel.digests import digest_of

CHUNK: Final = 500
"""Enterprises between two words of progress: some tenths of a second."""
REGION: Final = "region"
"""The fact that says where an enterprise is: figures differ by region."""
CREDIT: Final = ("abnormal_list", "serious_dishonest", "wage_arrears", "tax_arrears")
"""Facts of which a true one takes an enterprise off every list that is paid."""

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Judged:
    """One enterprise: what the rule says, what it comes to in fen (None: not settled), what it rests on."""

    enterprise_id: int
    eligible: bool
    amount_fen: int | None
    explanation: Explanation
    standing: tuple[str, ...]
    """Keys of the credit facts that are officially true."""

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """As it is frozen."""
        explanation = self.explanation
        return {
            "verdict": explanation.verdict_label,
            "summary": explanation.summary,
            "amount": explanation.amount or explanation.near_miss_amount,
            "amount_rows": amount_rows(explanation),
            "conditions": [condition(row) | {"distance": row.distance} for row in explanation.leaves],
            "needs": [need.title for need in explanation.needs],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the evidence."""
        return digest_of(self.evidence)


@dataclass(frozen=True)
class Bench:
    """A run's rule with all that is the same for everybody whom it judges."""

    run: EnjoyRun
    catalogue: Catalogue
    tree: RuleTree
    bases: dict[Purpose, Context]
    words: RuleWords
    keys: frozenset[str]
    """Facts that it looks at."""
    received: Mapping[int, Mapping[str, int]]
    """By enterprise, what it had received before the day judged; empty where the rule does not ask."""

    @classmethod
    def of(cls, run: EnjoyRun) -> Bench:
        """Of what was known when the run began: it judges the same again tomorrow."""
        catalogue = load_catalogue(known_at=run.known_at)
        tree = rule_tree(run.version.rule_version, catalogue)
        bases = {each: context_for(run.as_of, each, known_at=run.known_at) for each in Purpose}
        asks = _asks_received(tree.amount)
        received = received_among(run.item, before=run.as_of) if asks else {}
        anybody = Situation(tree, Knowledge(catalogue, run.as_of), bases[Purpose.PAY])
        keys = frozenset({*facts_of(tree), *CREDIT, REGION})
        return cls(run, catalogue, tree, bases, RuleWords.of(anybody), keys, received)

    def judged(
        self, ids: Sequence[int], purpose: Purpose, progress: Progress | None = None
    ) -> Iterator[Judged]:
        """Each enterprise, in the order given; two queries for each `CHUNK` of them."""
        day, known_at = self.run.as_of, self.run.known_at
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            known = knowledge_of_many(chunk, as_of=day, known_at=known_at, purpose=purpose, keys=self.keys)
            for pk in chunk:
                yield self._one(pk, known[pk], purpose)
            if progress is not None:
                progress(len(chunk))

    def _one(self, pk: int, knowledge: Knowledge, purpose: Purpose) -> Judged:
        judgement = judge(self.tree, knowledge, self._context(pk, knowledge, purpose))
        eligible = judgement.verdict is Verdict.ELIGIBLE
        amount = judgement.amount
        settled = eligible and amount is not None and amount.low == amount.high
        return Judged(
            pk,
            eligible,
            int(amount.low) if settled and amount is not None else None,
            explain(judgement, self.tree, self.catalogue, words=self.words),
            credit_of(knowledge),
        )

    def _context(self, pk: int, knowledge: Knowledge, purpose: Purpose) -> Context:
        base = self.bases[purpose]
        region = knowledge.value(REGION) if REGION in self.catalogue else None
        if region is not None and region.value is not NOT_APPLICABLE:
            base = replace(base, region=str(region.value))
        if pk in self.received:
            base = replace(base, received=self.received[pk])
        return base


def credit_of(knowledge: Knowledge) -> tuple[str, ...]:
    """The keys of `CREDIT` that are officially true; what nobody has recorded stands against nobody."""
    return tuple(key for key in CREDIT if _is_true(knowledge, key))


def _is_true(knowledge: Knowledge, key: str) -> bool:
    if key not in knowledge.catalogue:
        return False
    known = knowledge.value(key)
    return known is not None and known.value is True and known.tier >= Purpose.PAY.least_tier


def _asks_received(node: Any) -> bool:
    """Whether an amount counts on what was received before."""
    if isinstance(node, Received):
        return True
    if isinstance(node, tuple | list):
        return any(map(_asks_received, node))
    names = getattr(node, "__dataclass_fields__", ())
    return any(_asks_received(getattr(node, name)) for name in names)
