"""The whole offer before one enterprise: what fits, what would after one more step, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.knowledge import Knowledge
from enterprises.models import Enterprise
from enterprises.services import knowledge_of
from finance.models import ProductVersion
from finance.models.vocabulary import Repayment
from finance.products.book import Book, Entry, in_force
from finance.products.browsing import ordered
from finance.products.costing import Cost, Wish, cost_of, obstacles, unsaid
from matching.explaining.explain import Explanation, explain
from matching.explaining.reasons import Reason, reasons
from matching.plain.context import Context
from matching.plain.evaluate import Verdict, judge
from matching.services import Summary, context_for
from matching.trees import program_for, rule_tree, rule_trees

GROUPS: Final = ("fits", "unsaid", "beyond", "needs", "near", "unnamed", "not")
"""How a product may stand: it fits (on claims that are yet to be answered, too), it would but does not say
whether it can meet the wish, it would but cannot, information is missing, one condition is missing that
can be met, the bank names no conditions, it does not fit."""
WISHES: Final = ("rate", "amount", "speed")
"""What an enterprise may want most, see `browsing.ORDERS`."""


class Fit(NamedTuple):
    """One product and how it stands; no summary where it names no conditions."""

    entry: Entry
    summary: Summary | None


@dataclass(frozen=True)
class Fitting:
    """The offer of a day before what is known of an enterprise on it, and before its wish if it has one."""

    enterprise: Enterprise
    book: Book
    knowledge: Knowledge
    context: Context
    groups: dict[str, list[Fit]]
    wish: Wish | None = None

    @property
    def counts(self) -> dict[str, int]:
        return {key: len(found) for key, found in self.groups.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """What a list shows of a product before an enterprise."""

    entry: Entry
    url: str
    badge: str
    state: str
    reasons: tuple[Reason, ...]
    cost: Cost | None
    obstacles: Sequence[str]
    unsaid: Sequence[str]


def fit(enterprise: Enterprise, day: dt.date, wish: Wish | None = None) -> Fitting:
    """Every product on offer on a day before the enterprise: five queries, one more in a fresh process.

    What cannot meet its wish, or does not say that it can, does not fit, whatever its conditions say.
    """
    book = in_force(day)
    knowledge = knowledge_of(enterprise, as_of=day)
    context = context_for(day, knowledge=knowledge)
    program = program_for(book.rule_version_ids, knowledge.catalogue, day.year)
    summaries = {summary.version_id: summary for summary in program.run(knowledge, context)}
    groups: dict[str, list[Fit]] = {key: [] for key in GROUPS}
    for entry in book.entries:
        summary = None if entry.rule_version_id is None else summaries[entry.rule_version_id]
        groups[_group(entry, summary, wish)].append(Fit(entry, summary))
    return Fitting(enterprise, book, knowledge, context, groups, wish)


def ranked(found: Iterable[Fit], order: str, wish: Wish | None) -> list[Fit]:
    """By what the enterprise wants most; what does not say whether it meets the wish after what does, what
    cannot last.
    """
    by_version = {one.entry.version_id: one for one in found}
    entries = ordered((one.entry for one in by_version.values()), order if order in WISHES else "rate")
    if wish is not None:
        entries.sort(key=lambda entry: (bool(obstacles(entry, wish)), bool(unsaid(entry, wish))))
    return [by_version[entry.version_id] for entry in entries]


def rows(fitting: Fitting, found: Sequence[Fit]) -> list[Row]:
    """The rows of a page, explained. No query in a process that has read the rules."""
    wish = fitting.wish or Wish()
    ids = [one.entry.rule_version_id for one in found if one.entry.rule_version_id is not None]
    trees = dict(zip(ids, rule_trees(ids, fitting.knowledge.catalogue), strict=True))
    shown = []
    for one in found:
        entry = one.entry
        url = reverse("enterprise_product", args=[fitting.enterprise.pk, entry.code])
        badge, state, why = _("条件由银行告知"), "info", ()
        if entry.rule_version_id is not None:
            tree = trees[entry.rule_version_id]
            judged = judge(tree, fitting.knowledge, fitting.context)
            explained = explain(judged, tree, fitting.knowledge.catalogue, amounts=False)
            (badge, state), why = badge_of(explained), reasons(explained)  # type: ignore[assignment]
        cost = cost_of(entry, wish, Repayment.INTEREST_ONLY)  # the same of all that have it, to be compared
        short = obstacles(entry, fitting.wish) if fitting.wish else ()
        silent = unsaid(entry, fitting.wish) if fitting.wish else ()
        if state == "done" and (short or silent):
            badge, state = _("条件符合"), "info"
        shown.append(Row(entry, url, badge, state, why, cost, short, silent))
    return shown


def explained(enterprise: Enterprise, version: ProductVersion, day: dt.date) -> Explanation | None:
    """How one product stands before the enterprise, condition by condition; None where it names none."""
    if version.rule_version is None:
        return None
    knowledge = knowledge_of(enterprise, as_of=day)
    tree = rule_tree(version.rule_version, knowledge.catalogue)
    judged = judge(tree, knowledge, context_for(day, knowledge=knowledge))
    return explain(judged, tree, knowledge.catalogue, amounts=False)


def unmet(explanation: Explanation | None) -> list[str]:
    """The conditions for which a product is out of reach as things stand, in words."""
    if explanation is None or explanation.verdict is not Verdict.INELIGIBLE:
        return []
    return [row.sentence for row in explanation.leaves if row.truth == "false" and not row.spare]


def badge_of(explanation: Explanation) -> tuple[str, str]:
    """How a product stands in a word, and its colour."""
    if explanation.verdict is Verdict.ELIGIBLE and not any(row.review for row in explanation.leaves):
        return _("适合"), "done"
    if explanation.verdict is Verdict.ELIGIBLE or explanation.open:
        return _("基本适合"), "done"
    if explanation.verdict is Verdict.NEEDS_INFO:
        count = sum(row.truth == "unknown" and not row.spare for row in explanation.leaves)
        return ngettext("待补充 %(count)d 项", "待补充 %(count)d 项", count) % {"count": count}, "due"
    return (_("差一点"), "plain") if explanation.near_miss else (_("暂不适合"), "late")


def _group(entry: Entry, summary: Summary | None, wish: Wish | None) -> str:
    if summary is None:
        return "unnamed"
    if summary.verdict is Verdict.ELIGIBLE or summary.open:
        if wish is None:
            return "fits"
        return "beyond" if obstacles(entry, wish) else "unsaid" if unsaid(entry, wish) else "fits"
    if summary.verdict is Verdict.NEEDS_INFO:
        return "needs"
    return "not" if summary.near_miss is None else "near"
