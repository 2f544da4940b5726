"""How an item stands for an enterprise, in the words of a list row or the head of a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.knowledge import Knowledge
from matching.explaining.breakdown import interval_text
from matching.explaining.explain import Explanation, LeafRow, NodeRow
from matching.explaining.needs import Need
from matching.plain.amounts import Interval
from matching.plain.evaluate import Verdict
from policies.enums import Benefit
from policies.holding import certificate_held, held_words
from policies.models import Application, ItemVersion
from portal.kernel.money import format_money

REASONS_SHOWN = 3
MARKS = {"true": "y", "false": "n", "unknown": "q"}


@dataclass(frozen=True, slots=True)
class Words:
    """Something said in two sizes."""

    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in a word and a colour."""

    words: str
    state: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition in a list row: `mark` y, n or q, `path` its JSON pointer (empty: the claim's questions).

    `supply`: the enterprise can fill it in now.
    """

    mark: str
    words: str
    path: str
    supply: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a row or a head shows of a version before an enterprise."""

    version: ItemVersion
    url: str
    badge: Badge
    amount: Words
    reasons: tuple[Reason, ...]
    held: str = ""
    """What the enterprise has already of what the version grants; empty when it has not."""
    applied: Application | None = None
    """What the enterprise has applied with, where the page looked."""


def standing(version: ItemVersion, explanation: Explanation, url: str, knowledge: Knowledge) -> Standing:
    """Put an explanation into the few words that fit."""
    if record := certificate_held(version.grants, knowledge):
        words = held_words(record, knowledge.catalogue)
        told, got = Badge(_("已取得"), "done"), Words(version.get_benefit_display())
        return Standing(version, url, told, got, (Reason("y", words, ""),), words)
    return Standing(version, url, badge(explanation), amount(version, explanation), reasons(explanation))


def badge(explanation: Explanation) -> Badge:
    """The verdict; a near miss and an open item have their own words."""
    if explanation.verdict is Verdict.ELIGIBLE:
        return Badge(_("符合"), "done")
    if explanation.open:
        return Badge(_("对您开放"), "info")
    if explanation.verdict is Verdict.NEEDS_INFO:
        count = sum(row.truth == "unknown" and not row.spare for row in explanation.leaves)
        return Badge(ngettext("待补充 %(count)d 项", "待补充 %(count)d 项", count) % {"count": count}, "due")
    return Badge(_("差一点"), "plain") if explanation.near_miss else Badge(_("暂不符合"), "late")


def amount(version: ItemVersion, explanation: Explanation) -> Words:
    """What it comes to: money as a span, anything else by the name of the benefit."""
    judgement = explanation.judgement
    if judgement.amount is not None:
        settled = judgement.verdict is Verdict.ELIGIBLE and judgement.amount.low == judgement.amount.high
        note = "" if settled or not judgement.amount.computable else _("补充后可定")
        if version.benefit == Benefit.TAX:
            note = note or _("可少缴税费")
        return Words(span(judgement.amount), note)
    if judgement.near_miss_amount is not None:
        return Words(span(judgement.near_miss_amount), _("达到即可得"))
    return Words(version.get_benefit_display())


def span(interval: Interval) -> str:
    """`20 万元`, `10–20 万元`, `最高 50 万元`, `由主管部门核定`."""
    if interval.high is None or not interval.low or interval.low == interval.high:
        return interval_text(interval)
    low, high = format_money(int(interval.low)), format_money(int(interval.high))
    figure, _space, unit = low.partition(" ")
    return f"{figure}–{high}" if high.endswith(" " + unit) else f"{low}–{high}"


def reasons(explanation: Explanation) -> tuple[Reason, ...]:
    """The few conditions that decide: what fails or is missing first, then what holds."""
    rows = list(_deciding(explanation.root))
    near = explanation.near_miss.path if explanation.near_miss else None
    rank = {"false": 0, "unknown": 1, "true": 2}
    rows.sort(key=lambda row: (row.path != near, rank[row.truth]))
    asked = [need for row in rows for need in row.needs if need.question]
    found = [_reason(row) for row in rows if not any(need.question for need in row.needs)]
    if asked:
        found.insert(
            sum(reason.mark == "n" for reason in found),
            Reason("q", _questions(asked, explanation.questions), "", True),
        )
    once = {reason.words: reason for reason in found}
    return tuple(once.values())[:REASONS_SHOWN]


def _deciding(group: NodeRow) -> Iterator[LeafRow]:
    """Leaves that bear on the verdict: of a group that holds, only those that hold."""
    irrelevant = {"true": ("false", "unknown"), "unknown": ("false",), "false": ()}[group.truth]
    for row in group.rows:
        if row.truth in irrelevant:
            continue
        if isinstance(row, NodeRow):
            yield from _deciding(row)
        elif not row.review:
            yield row


def _questions(needs: Sequence[Need], count: int) -> str:
    """The conditions' questions by name; those of the amount are counted as well."""
    labels = list(dict.fromkeys(need.label for need in needs))[:3]
    shown = "、".join(labels) + (_("等") if count > len(labels) else "")
    return _("再答 %(count)d 题：%(labels)s") % {"count": count, "labels": shown}


def _reason(row: LeafRow) -> Reason:
    if row.truth == "unknown":
        missing = "、".join(dict.fromkeys(need.label for need in row.needs)) or row.sentence
        supply = any(need.here and need.input != "credential" for need in row.needs)
        return Reason("q", _("%(fact)s未知") % {"fact": missing}, row.path, supply)
    words = row.sentence
    if row.truth == "false":
        words = f"{words}，{row.distance or row.value}"
    elif any(letter.isdigit() for letter in row.value):
        words = f"{words}（{row.value}）"
    return Reason(MARKS[row.truth], words, row.path)
