"""The automatic check beside an application: what was judged, what official data alone says, what differs.

What was sent is read from the frozen evidence, never from the form, which may be in use again. It is judged
anew over what is known today, once with the answers as they were sent and once over official data alone
(`Purpose.PAY`); years are counted from the year of sending.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from enterprises.catalogue import Purpose, Tier, Value
from enterprises.knowledge import Knowledge, Known
from enterprises.services import knowledge_of_many
from enterprises.values import format_value
from matching.explaining.breakdown import interval_text
from matching.explaining.explain import Explanation, LeafRow, explain
from matching.explaining.wording import TIERS, source_text
from matching.plain.context import Context
from matching.plain.evaluate import Interval, Verdict, judge
from matching.services import context_for, rule_tree
from policies.applying.questions import claims_in, declared_in, key_of, read_answers
from policies.models import Evidence

Key = tuple[str, int | None]
"""A fact, with its year where it has years."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one judgement says of a condition."""

    truth: str
    value: str = ""
    source: str = ""
    tier: int | None = None

    @property
    def tier_label(self) -> str:
        """How far the value may be trusted, in words."""
        return str(TIERS[Tier(self.tier)]) if self.tier else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: as it was sent, as it is today, and over official data alone."""

    sentence: str
    clause: str
    review: bool
    sent: Reading
    today: Reading
    official: Reading

    @property
    def has_changed(self) -> bool:
        """Whether it comes out otherwise today, or rests on another value."""
        return (self.sent.truth, self.sent.value) != (self.today.truth, self.today.value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that the enterprise gave and a department knows otherwise."""

    label: str
    period: int | None
    declared: str
    official: str
    source: str
    as_of: dt.date
    percent: float | None
    """By how much the declared figure lies above (below: negative) the official one."""


@dataclass(frozen=True)
class Check:
    """The automatic check of one application, as of today."""

    evidence: Evidence
    lines: tuple[Line, ...]
    differences: tuple[Difference, ...]
    answered: int
    """How many values the enterprise gave, those of this application alone included."""
    compared: int
    """Of those, how many a department knows as well."""
    today: Explanation
    official: Explanation

    @cached_property
    def changed(self) -> list[Line]:
        """Conditions that are otherwise today than when they were sent."""
        return [line for line in self.lines if line.has_changed]

    @property
    def amount_now(self) -> str:
        """What it would come to today, when that is not what was sent; else empty."""
        now = amount_of(self.today)
        return "" if now == self.sent_amount else words_of(now)

    @property
    def sent_amount(self) -> tuple[int | None, int | None]:
        """The interval in fen that was judged at sending."""
        return self.evidence.amount_low, self.evidence.amount_high

    @property
    def official_amount(self) -> int | None:
        """The one amount in fen that official data gives; None without, or while it is an interval."""
        low, high = amount_of(self.official)
        return low if low is not None and low == high else None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is left to weigh: official data alone meets everything, and no value differs."""
        met = self.official.verdict is Verdict.ELIGIBLE
        same = amount_of(self.official) == self.sent_amount
        return met and same and not self.differences


def check(evidence: Evidence, day: dt.date) -> Check:
    """The check of what was sent with this evidence: five queries."""
    return check_many([evidence], day)[evidence.pk]


def check_many(rows: Iterable[Evidence], day: dt.date) -> dict[int, Check]:
    """The checks of several, by the evidence's id: five queries whatever their number.

    Each evidence comes with `application` and `rule_version`.
    """
    rows = list(rows)
    firms = {row.application.enterprise_id for row in rows}
    shown = knowledge_of_many(firms, as_of=day)
    official = knowledge_of_many(firms, as_of=day, purpose=Purpose.PAY)
    context = context_for(day)
    return {
        row.pk: _check(
            row, shown[row.application.enterprise_id], official[row.application.enterprise_id], context
        )
        for row in rows
    }


def amount_of(explanation: Explanation) -> tuple[int | None, int | None]:
    """The interval in fen, as evidence keeps it."""
    amount = explanation.judgement.amount
    if amount is None:
        return None, None
    return int(amount.low), None if amount.high is None else int(amount.high)


def words_of(amount: tuple[int | None, int | None]) -> str:
    """An interval in words; empty for none."""
    low, high = amount
    return "" if low is None else interval_text(Interval(low, high))


def answers_of(evidence: Evidence) -> dict[str, str]:
    """The answers by question, as they were typed and sent."""
    return {key_of(one["fact"], one["period"]): one["text"] for one in evidence.content["answers"]}


def differences(declared: Mapping[Key, Value], official: Knowledge) -> Iterator[Difference]:
    """Where official data has another value than the enterprise gave, in the order of its answers."""
    catalogue = official.catalogue
    for (fact, period), value in declared.items():
        known = _comparable(official, fact, period)
        if known is not None and known.value != value:
            spec = catalogue[fact]

            def words(value: Value, spec: Any = spec) -> str:
                return format_value(spec, value, lambda code: catalogue.code_label(spec.key, code))

            yield Difference(
                spec.label,
                period,
                words(value),
                words(known.value),
                source_text(known),
                known.as_of,
                _percent(value, known) if spec.numeric else None,
            )


def _check(evidence: Evidence, shown: Knowledge, official: Knowledge, context: Context) -> Check:
    values, _errors = read_answers(answers_of(evidence), shown.catalogue)
    declared = declared_in(values, shown.catalogue)
    answered = shown.with_declared(declared).with_claims(claims_in(values, shown.catalogue))
    today = _judged(evidence, answered, context)
    over_official = _judged(evidence, official, context)
    lines = tuple(_lines(evidence, today.leaves, over_official.leaves))
    compared = sum(_comparable(official, *key) is not None for key in declared)
    found = tuple(differences(declared, official))
    return Check(evidence, lines, found, len(values), compared, today, over_official)


def _comparable(official: Knowledge, fact: str, period: int | None) -> Known | None:
    """What a department says of a figure, if it says anything."""
    known = official.value(fact, period)
    return known if known is not None and known.applicable else None


def _judged(evidence: Evidence, knowledge: Knowledge, context: Context) -> Explanation:
    tree = rule_tree(evidence.rule_version, knowledge.catalogue)
    known = knowledge.value("region") if "region" in knowledge.catalogue else None
    here = replace(
        context,
        purpose=knowledge.purpose,
        reference_year=evidence.as_of.year,
        region=str(known.value) if known is not None and known.applicable else context.region,
    )
    return explain(judge(tree, knowledge, here), tree, knowledge.catalogue)


def _lines(evidence: Evidence, today: Iterable[LeafRow], official: Iterable[LeafRow]) -> Iterator[Line]:
    now = {row.path: row for row in today}
    sure = {row.path: row for row in official}
    for sent in evidence.content["conditions"]:
        path = sent["path"]
        yield Line(
            sent["sentence"],
            sent["clause"],
            sent["review"],
            Reading(sent["truth"], sent["value"], sent["source"], sent["tier"]),
            _reading(now.get(path)),
            _reading(sure.get(path)),
        )


def _reading(row: LeafRow | None) -> Reading:
    if row is None:
        return Reading("unknown")
    return Reading(row.truth, row.value, row.source, int(row.tier) if row.tier else None)


def _percent(value: Value, known: Known) -> float | None:
    """By how many percent a figure differs from the official one."""
    official: Any = known.value
    if not official:
        return None
    given: Any = value
    return float(round(100 * (given - official) / abs(official), 1))
