"""A judgement for people: every condition and every part of the amount, ready for templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from enterprises.catalogue import Catalogue, Tier
from enterprises.knowledge import CredentialRecord, Known
from matching.claims import claim_facts
from matching.explaining.breakdown import AmountRow, amount_rows, interval_text
from matching.explaining.needs import Need, NeedFinder
from matching.explaining.sentences import Phrasing, group_words
from matching.explaining.wording import (
    TIERS,
    date_text,
    distance_text,
    number_text,
    reading_text,
    source_text,
)
from matching.plain.amounts import Interval
from matching.plain.evaluate import Judgement, LeafResult, NodeResult, Verdict
from matching.plain.situation import Situation
from matching.plain.truth import Truth
from matching.tree import All, Any, AtLeast, Compare, Not, Op, Over, Review, RuleTree

__all__ = ["AmountRow", "Explanation", "LeafRow", "Need", "NodeRow", "explain"]

TRUTH_NAMES = {Truth.TRUE: "true", Truth.FALSE: "false", Truth.UNKNOWN: "unknown"}
MARKS = {Truth.TRUE: "✓", Truth.FALSE: "✗", Truth.UNKNOWN: "?"}
VERDICT_LABELS = {
    Verdict.ELIGIBLE: lazy("符合条件"),
    Verdict.NEEDS_INFO: lazy("待补充信息"),
    Verdict.INELIGIBLE: lazy("暂不符合"),
}


@dataclass(frozen=True)
class LeafRow:
    """One condition as a line. `truth` is "true", "false" or "unknown" as the rule wants it.

    `detail` is the value with unit, source and year ("4.2% · 税务局 · 2025 年度"), `value` the value
    alone, `distance` words or "", `needs` what would settle an unknown one, `said` what of it the
    enterprise itself said. `spare`: an alternative that is not met and was not needed, since another one
    of its group is.
    """

    path: str
    sentence: str
    truth: str
    mark: str
    clause: str
    detail: str = ""
    value: str = ""
    source: str = ""
    tier: Tier | None = None
    tier_label: str = ""
    as_of: dt.date | None = None
    distance: str = ""
    near: bool = False
    review: bool = False
    needs: tuple[Need, ...] = ()
    said: tuple[Need, ...] = ()
    spare: bool = False
    is_group: bool = False


@dataclass(frozen=True)
class NodeRow:
    """A group (all / any / at_least) with its own truth and sentence; `rows` are groups and leaves.

    `spare` as of a leaf.
    """

    path: str
    sentence: str
    truth: str
    mark: str
    clause: str
    rows: tuple[LeafRow | NodeRow, ...]
    spare: bool = False
    is_group: bool = True

    def leaves(self) -> Iterator[LeafRow]:
        for row in self.rows:
            if isinstance(row, NodeRow):
                yield from row.leaves()
            else:
                yield row


@dataclass(frozen=True)
class Explanation:
    """Everything a page shows. `amount` and `near_miss_amount` are words; intervals stay in `judgement`.

    `said` is what the enterprise itself answered of all this, `questions` how many of the claim's facts that
    the conditions or the amount name have no answer yet.
    """

    judgement: Judgement
    verdict: Verdict
    verdict_label: str
    open: bool
    summary: str
    root: NodeRow
    needs: tuple[Need, ...]
    amount: str = ""
    amount_rows: tuple[AmountRow, ...] = ()
    amount_needs: tuple[Need, ...] = ()
    near_miss: LeafRow | None = None
    near_miss_amount: str = ""
    advice: str = ""
    leaves: tuple[LeafRow, ...] = field(default=())
    said: tuple[Need, ...] = ()
    questions: int = 0


@dataclass(frozen=True)
class RuleWords:
    """What is said of a rule whoever stands before it; who explains many judgements of it makes this once."""

    phrasing: Phrasing
    claims: frozenset[str]
    """Keys of the facts of a claim that it names."""

    @classmethod
    def of(cls, situation: Situation) -> RuleWords:
        """Of the rule, the catalogue and the figures of a situation."""
        tree, catalogue = situation.tree, situation.knowledge.catalogue
        labels = situation.context.figures.labels
        phrasing = Phrasing(catalogue, situation.reference_year, tree.event_fact, labels)
        return cls(phrasing, frozenset(claim_facts(tree, catalogue)))


def explain(
    judgement: Judgement,
    tree: RuleTree,
    catalogue: Catalogue,
    *,
    amounts: bool = True,
    words: RuleWords | None = None,
) -> Explanation:
    """The explanation of one judgement; `tree` must be the rule it was judged by.

    Without `amounts` its amount is not taken apart: no rows, no needs of the amount. `words` are the rule's.
    """
    words = words or RuleWords.of(judgement.situation)
    explainer = Explainer(catalogue, judgement.situation, words.phrasing)
    root = explainer.root(judgement.conditions)
    leaves = tuple(root.leaves())
    near = judgement.near_miss
    near_row = explainer.leaf(near) if near else None
    rows: tuple[AmountRow, ...] = ()
    amount_needs: tuple[Need, ...] = ()
    if amounts and judgement.block is not None:
        rows = amount_rows(judgement.block, explainer.phrasing, explainer.finder, judgement.situation)
        amount_needs = unique(need for row in rows for need in row.needs)
    needs = unique(need for row in leaves if row.truth == "unknown" for need in row.needs)
    knowledge = judgement.situation.knowledge
    questions = sum(knowledge.value(key) is None for key in words.claims)
    near_amount = interval_text(judgement.near_miss_amount) if judgement.near_miss_amount else ""
    return Explanation(
        judgement,
        judgement.verdict,
        _("对您开放") if judgement.open else str(VERDICT_LABELS[judgement.verdict]),
        judgement.open,
        summary(leaves),
        root,
        needs,
        amount_words(judgement.amount, amount_needs),
        rows,
        amount_needs,
        near_row,
        near_amount,
        advice(judgement, needs, near_row, near_amount, questions),
        leaves,
        unique(
            [*(need for row in leaves for need in row.said), *(need for row in rows for need in row.said)]
        ),
        questions,
    )


class Explainer:
    """Turns results into rows."""

    def __init__(self, catalogue: Catalogue, situation: Situation, phrasing: Phrasing) -> None:
        self.catalogue = catalogue
        self.situation = situation
        self.phrasing = phrasing
        self.finder = NeedFinder(situation)

    def root(self, result: NodeResult) -> NodeRow:
        """The whole as a group, even where the rule is a single leaf."""
        row = self.node(result)
        if isinstance(row, NodeRow):
            return row
        return NodeRow("", _("以下条件满足"), row.truth, row.mark, "", (row,))

    def node(self, result: NodeResult, *, spare: bool = False, vain: bool = False) -> LeafRow | NodeRow:
        """The row of a condition; `spare` when it stands below an alternative that was not needed.

        `vain`: below a group of several that is not met whatever is answered.
        """
        if result.leaf is not None:
            return self.leaf(result.leaf, spare=spare, vain=vain)
        node = result.node
        if isinstance(node, Not):
            return self.node(result.children[0], spare=spare, vain=vain)
        assert isinstance(node, All | Any | AtLeast)
        truth = result.satisfied
        rows = tuple(
            self.node(
                child,
                spare=spare or (truth is Truth.TRUE and child.satisfied is not Truth.TRUE),
                vain=vain or (truth is Truth.UNKNOWN and child.satisfied is Truth.FALSE),
            )
            for child in result.children
        )
        words = group_words(node, result.wanted)
        return NodeRow(node.path, words, TRUTH_NAMES[truth], MARKS[truth], node.clause, rows, spare)

    def leaf(self, result: LeafResult, *, spare: bool = False, vain: bool = False) -> LeafRow:
        """The row of one leaf; nothing is asked of a `spare` or `vain` one."""
        leaf, truth = result.leaf, result.satisfied
        known = weakest(result)
        detail = self._detail(result)
        return LeafRow(
            path=leaf.path,
            sentence=self.phrasing.leaf(leaf, result.wanted),
            truth=TRUTH_NAMES[truth],
            mark=MARKS[truth],
            clause=leaf.clause,
            detail=detail,
            value=detail.split(" · ")[0],
            source=source_text(known) if known else "",
            tier=known.tier if known else None,
            tier_label=str(TIERS[known.tier]) if known else "",
            as_of=known.as_of if known else None,
            distance="" if spare else self._distance(result),
            near=result.near,
            review=isinstance(leaf, Review),
            needs=self.finder.of_leaf(result) if truth is Truth.UNKNOWN and not (spare or vain) else (),
            said=self.finder.said(result.readings),
            spare=spare and truth is not Truth.TRUE,
        )

    def _detail(self, result: LeafResult) -> str:
        if isinstance(result.leaf, Review):
            return _("由主管部门核实")
        if result.records:
            return "；".join(self._record(record) for record in result.records)
        if not result.readings:
            return _("暂无数据") if result.truth is Truth.UNKNOWN else _("没有认定记录")
        texts = [reading_text(self.catalogue, reading) for reading in result.readings]
        if isinstance(result.leaf, Over) and result.value is not None and len(texts) > 1:
            spec = self.catalogue[result.leaf.fact]
            whole = _("年均 %(value)s") if result.leaf.how == "mean" else _("合计 %(value)s")
            texts.insert(0, whole % {"value": number_text(spec, result.value)})
        return "；".join(texts)

    def _record(self, record: CredentialRecord) -> str:
        label = self.catalogue.credential_kinds[record.kind].label
        state = ""
        if record.revoked:
            state = _("已撤销")
        elif record.valid_to is not None:
            past = record.valid_to < self.situation.context.as_of
            state = (_("已于 %(day)s到期") if past else _("有效期至 %(day)s")) % {
                "day": date_text(record.valid_to)
            }
        return " · ".join(part for part in (label + record.level, state, record.source) if part)

    def _distance(self, result: LeafResult) -> str:
        leaf = result.leaf
        if result.distance is None or not isinstance(leaf, Compare | Over) or leaf.op in (Op.NE, Op.KNOWN):
            return ""
        return distance_text(self.catalogue[leaf.fact], result.distance, below=result.below)


def weakest(result: LeafResult) -> Known | None:
    """The least trusted of the values a leaf looked at."""
    known = [reading.known for reading in result.readings if reading.known is not None]
    return min(known, key=lambda one: (one.tier, one.as_of), default=None)


def unique(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Each need once, what can be answered here and now first."""
    found = {(need.fact, need.kind, need.period): need for need in needs}
    return tuple(sorted(found.values(), key=lambda need: not need.here))


def summary(leaves: tuple[LeafRow, ...]) -> str:
    """`4 项条件：3 项符合，1 项待补充`; alternatives that were not needed are told apart."""
    needed = [row.truth for row in leaves if not row.spare]
    counts = [
        (needed.count("true"), _("%(n)d 项符合")),
        (needed.count("unknown"), _("%(n)d 项待补充")),
        (needed.count("false"), _("%(n)d 项不符合")),
        (len(leaves) - len(needed), _("%(n)d 项未用到")),
    ]
    parts = "，".join(words % {"n": count} for count, words in counts if count)
    return _("%(n)d 项条件：%(parts)s") % {"n": len(leaves), "parts": parts}


def amount_words(amount: Interval | None, needs: tuple[Need, ...]) -> str:
    """`20 万元至 50 万元，补充研发费用后可确定`."""
    if amount is None:
        return ""
    text = interval_text(amount)
    if amount.low == amount.high or not needs:
        return text
    labels = "、".join(list(dict.fromkeys(need.label for need in needs))[:3])
    return _("%(amount)s，补充%(facts)s后可确定") % {"amount": text, "facts": labels}


def advice(
    judgement: Judgement, needs: tuple[Need, ...], near: LeafRow | None, amount: str, questions: int
) -> str:
    """The least effort that would change the verdict."""
    if judgement.open:
        return _("对您开放，再答 %(n)d 题即可知道结果。") % {"n": questions}
    if judgement.verdict is Verdict.NEEDS_INFO and needs:
        labels = "、".join(list(dict.fromkeys(need.label for need in needs))[:3])
        return _("补充%(facts)s后即可判断。") % {"facts": labels}
    if near is None:
        return ""
    what = f"{near.sentence}（{near.distance}）" if near.distance else near.sentence
    bounded = judgement.near_miss_amount is not None and judgement.near_miss_amount.high is not None
    if not bounded:
        return _("只差一项：%(what)s。") % {"what": what}
    return _("只差一项：%(what)s，达到后可得 %(amount)s。") % {"what": what, "amount": amount}
