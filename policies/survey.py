"""Every item in force before one enterprise, sorted by how it stands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from enterprises.knowledge import Knowledge
from enterprises.models import Enterprise
from enterprises.services import knowledge_of
from matching.plain.context import Context
from matching.plain.evaluate import Verdict
from matching.services import Summary, context_for
from matching.trees import program_for
from policies.book import Book, in_force
from policies.holding import certificate_held
from policies.reach import Offer, Reach, money_within_reach
from policies.shelf import Entry
from portal.kernel.kept import Kept

GROUPS = ("fits", "open", "needs", "near", "held", "not")
"""How an item may stand; `held`: the enterprise has already what the item would give it."""

WITHIN_REACH = ("fits", "open", "needs")


class Found(NamedTuple):
    """One item and how it stands."""

    entry: Entry
    summary: Summary

    @property
    def worth(self) -> int:
        """For ordering: the most that is known to be possible, in fen."""
        interval = self.summary.amount or self.summary.near_miss_amount
        if interval is None:
            return 0
        return int(interval.low if interval.high is None else interval.high)


@dataclass(frozen=True)
class Survey:
    """The items by how they stand, see `GROUPS`, each group the most valuable first."""

    enterprise: Enterprise
    book: Book
    knowledge: Knowledge
    context: Context
    groups: dict[str, list[Found]]

    @property
    def counts(self) -> dict[str, int]:
        return {key: len(found) for key, found in self.groups.items()}

    @property
    def reach(self) -> Reach:
        """Money within reach: items that pay and that fit, are open or need information.

        What has to be applied for counts while its window is open; what comes by itself always does.
        """
        return money_within_reach(offer for key in WITHIN_REACH for offer in self._offers(key))

    @property
    def later_group(self) -> str:
        """The group in which most of the money is that is within reach and not sure yet."""
        open_money = {key: money_within_reach(self._offers(key)).later for key in ("open", "needs", "fits")}
        return max(open_money, key=lambda key: open_money[key])

    def _offers(self, group: str) -> Iterable[Offer]:
        day = self.context.as_of
        return _offers(one for one in self.groups[group] if one.entry.enjoy or one.entry.is_open(day))


_kept: Kept[int, Survey] = Kept(32)
"""The last few enterprises' surveys, by id: people look at one tab after the other."""


def survey(enterprise: Enterprise, day: date) -> Survey:
    """Everything in force on a day before what is known of the enterprise on it.

    What is known is read anew each time; while that, the figures and the book stay the same, nothing is
    judged again.
    """
    book = in_force(day)
    knowledge = knowledge_of(enterprise, as_of=day)
    context = context_for(day, knowledge=knowledge)
    kept = _kept.get(enterprise.pk)
    if kept and kept.book is book and (kept.knowledge, kept.context) == (knowledge, context):
        return replace(kept, enterprise=enterprise)
    surveyed = Survey(enterprise, book, knowledge, context, _judged(book, knowledge, context))
    _kept.keep(enterprise.pk, surveyed)
    return surveyed


def _judged(book: Book, knowledge: Knowledge, context: Context) -> dict[str, list[Found]]:
    program = program_for(book.rule_version_ids, knowledge.catalogue, book.day.year)
    groups: dict[str, list[Found]] = {key: [] for key in GROUPS}
    refused = groups["not"]
    for entry, summary in zip(book.entries, program.run(knowledge, context), strict=True):
        if summary.refused and not entry.grants:  # most are: no more is asked of them
            refused.append(Found(entry, summary))
        elif group := _group(summary, entry, knowledge):
            groups[group].append(Found(entry, summary))
    for key in groups.keys() - {"not"}:  # those stay as in the book: they are worth nothing
        groups[key].sort(key=lambda one: (-one.worth, one.entry.version_id))
    return groups


def _group(summary: Summary, entry: Entry, knowledge: Knowledge) -> str:
    if certificate_held(entry.grants, knowledge):
        return "held"
    if summary.refused:
        return "not"
    interval = summary.amount or summary.near_miss_amount
    if entry.pays and interval is not None and interval.high == 0:
        return ""
    if summary.verdict is Verdict.ELIGIBLE:
        return "fits"
    if summary.open:
        return "open"
    if summary.verdict is Verdict.NEEDS_INFO:
        return "needs"
    return "near"


def _offers(found: Iterable[Found]) -> Iterable[Offer]:
    for one in found:
        amount = one.summary.amount
        if one.entry.pays and amount is not None:
            certain = one.summary.verdict is Verdict.ELIGIBLE
            high = None if amount.high is None else int(amount.high)
            yield Offer(certain, one.entry.enjoy, int(amount.low), high, one.entry.group)
