"""Awards judged again: the same rule, the same day, the same answers, but what is known today."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from enterprises.catalogue import Purpose
from matching.explaining.explain import Explanation
from matching.plain.evaluate import Verdict
from policies.applying.freezing import amount_rows
from policies.applying.sheet import Sheet
from policies.enjoying.judging import Bench
from policies.models import Award, EnjoyRun


@dataclass(frozen=True)
class Replay:
    """What an award would be: fen from `low` to `high` (None: no bound), or not to be told."""

    award: Award
    as_of: dt.date
    known_at: dt.datetime
    explanation: Explanation

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
            "amount_rows": amount_rows(self.explanation),
            "changed": [row | {"then": before.get(row["path"], {}).get("value", "")} for row in now],
        }


def replays(awards: Sequence[Award], known_at: dt.datetime) -> Iterator[Replay]:
    """The awards judged by what was recorded by `known_at`; those whose evidence names no day are left out.

    What runs selected is judged as runs do, in a few queries for all of a version and day, and applications
    one by one, as their form does.
    """
    selected: dict[tuple[int, dt.date], list[Award]] = defaultdict(list)
    for award in awards:
        day = award.evidence.get("as_of")
        if day is None:
            continue
        as_of = dt.date.fromisoformat(str(day))
        if award.application is None:
            selected[award.version_id, as_of].append(award)
        else:
            explanation = Sheet.of(award.application, as_of, known_at).explanation
            yield Replay(award, as_of, known_at, explanation)
    for (_version, as_of), group in selected.items():
        yield from _selected(group, as_of, known_at)


def _selected(group: Sequence[Award], as_of: dt.date, known_at: dt.datetime) -> Iterator[Replay]:
    """Of one version and day: with official facts alone, as a run judges."""
    first = group[0]
    bench = Bench.of(EnjoyRun(item=first.item, version=first.version, as_of=as_of, known_at=known_at))
    ids = list({award.enterprise_id for award in group})
    judged = {one.enterprise_id: one.explanation for one in bench.judged(ids, Purpose.PAY)}
    for award in group:
        yield Replay(award, as_of, known_at, judged[award.enterprise_id])
