"""One award judged again: the same rule, the same day, the same answers, but what is known today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enterprises.catalogue import Purpose
from enterprises.services import knowledge_of
from matching.claims import asks_received
from matching.explaining.explain import Explanation, explain
from matching.plain.evaluate import Verdict, judge
from matching.services import context_for, rule_tree
from policies.applying.sheet import Sheet
from policies.models import Award
from policies.money.received import received_by


@dataclass(frozen=True)
class Replay:
    """What an award would be: fen from `low` to `high` (None: no bound), or not to be told."""

    award: Award
    as_of: dt.date
    known_at: dt.datetime
    explanation: Explanation

    @classmethod
    def of(cls, award: Award, known_at: dt.datetime) -> Replay | None:
        """The award judged by what was recorded by `known_at`; None where its evidence names no day."""
        day = award.evidence.get("as_of")
        if day is None:
            return None
        as_of = dt.date.fromisoformat(str(day))
        judged = _of_application if award.application_id is not None else _of_selection
        return cls(award, as_of, known_at, judged(award, as_of, known_at))

    @property
    def is_settled(self) -> bool:
        """Whether it can be told: nothing that matters is unknown today."""
        return self.explanation.verdict is not Verdict.NEEDS_INFO

    @property
    def low(self) -> int:
        """At least so much is due."""
        amount = self.explanation.judgement.amount
        return 0 if amount is None else int(amount.low)

    @property
    def high(self) -> int | None:
        """At most so much is due."""
        amount = self.explanation.judgement.amount
        if amount is None:
            return 0
        return None if amount.high is None else int(amount.high)

    def over_fen(self, paid_fen: int) -> int:
        """How much too much was paid; below zero, too little; 0 where nothing is sure."""
        if not self.is_settled:
            return 0
        if self.high is not None and paid_fen > self.high:
            return paid_fen - self.high
        if paid_fen < self.low and self._was_paid_as_ruled():
            return paid_fen - self.low
        return 0

    def _was_paid_as_ruled(self) -> bool:
        """Whether the award was what the rule gave then; what was decided lower stays lower."""
        evidence = self.award.evidence
        if self.award.application_id is None:
            return True
        return evidence.get("amount_low") == evidence.get("amount_high") == self.award.amount_fen

    def evidence(self, then: Mapping[str, Any]) -> dict[str, Any]:
        """What is due now and by which conditions that say another thing than `then`."""
        before = {row["path"]: row for row in then.get("conditions", ())}
        now = [
            {"path": row.path, "sentence": row.sentence, "value": row.value, "source": row.source}
            for row in self.explanation.leaves
            if row.value != before.get(row.path, {}).get("value")
        ]
        return {
            "award": self.award.pk,
            "rule_version": self.award.version.rule_version_id,
            "as_of": self.as_of,
            "known_at": self.known_at,
            "verdict": self.explanation.verdict_label,
            "summary": self.explanation.summary,
            "amount_low": self.low,
            "amount_high": self.high,
            "changed": [row | {"then": before.get(row["path"], {}).get("value", "")} for row in now],
        }


def _of_application(award: Award, as_of: dt.date, known_at: dt.datetime) -> Explanation:
    """With the applicant's answers, as the form judged it."""
    application = award.application
    if application is None:
        raise ValueError(f"Award {award.pk} has no application.")
    return Sheet.of(application, as_of, known_at).explanation


def _of_selection(award: Award, as_of: dt.date, known_at: dt.datetime) -> Explanation:
    """With official facts alone, as an enjoy run judged it."""
    purpose = Purpose.PAY
    knowledge = knowledge_of(award.enterprise_id, as_of=as_of, known_at=known_at, purpose=purpose)
    tree = rule_tree(award.version.rule_version, knowledge.catalogue)
    received = None
    if asks_received(tree):
        received = received_by(award.enterprise_id, award.item, before=as_of)
    context = context_for(as_of, purpose, knowledge=knowledge, received=received)
    return explain(judge(tree, knowledge, context), tree, knowledge.catalogue)
