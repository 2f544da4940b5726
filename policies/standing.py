"""How an item stands for an enterprise, in the words of a list row or the head of a page."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.knowledge import Knowledge
from matching.explaining.breakdown import interval_text
from matching.explaining.explain import Explanation
from matching.explaining.reasons import Reason, reasons
from matching.plain.amounts import Interval
from matching.plain.evaluate import Verdict
from policies.enums import Benefit
from policies.holding import certificate_held, held_words
from policies.models import Application, ItemVersion
from portal.kernel.money import format_money


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
