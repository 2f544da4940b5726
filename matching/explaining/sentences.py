"""Rules in Chinese sentences: for the admin's tree editor, and for each line of an explanation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any as Whatever
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext, pgettext_lazy

from enterprises.catalogue import Catalogue, FactSpec, Kind
from matching.explaining.wording import date_text, number_text, period_words, year_words
from matching.tree import (
    All,
    Any,
    AtLeast,
    Compare,
    Condition,
    CredentialTest,
    FigureRef,
    How,
    Leaf,
    Not,
    Op,
    Over,
    Period,
    RelativeYear,
    Review,
    RuleTree,
)
from portal.kernel.language import reads_chinese

T = TypeVar("T")

OPPOSITE = {
    Op.GE: Op.LT,
    Op.LT: Op.GE,
    Op.GT: Op.LE,
    Op.LE: Op.GT,
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.IN: Op.NOT_IN,
    Op.NOT_IN: Op.IN,
    Op.WITHIN: Op.NOT_WITHIN,
    Op.NOT_WITHIN: Op.WITHIN,
    Op.HAS_NONE: Op.HAS_ANY,
    Op.HAS_ANY: Op.HAS_NONE,
}
"""What reads naturally under `not`."""

ORDER_WORDS = {
    Op.GE: pgettext_lazy("compares", "不低于"),
    Op.GT: pgettext_lazy("compares", "高于"),
    Op.LE: pgettext_lazy("compares", "不超过"),
    Op.LT: pgettext_lazy("compares", "低于"),
    Op.EQ: pgettext_lazy("compares", "为"),
    Op.NE: pgettext_lazy("compares", "不为"),
}
COUNT_WORDS = ORDER_WORDS | {
    Op.GE: pgettext_lazy("compares", "不少于"),
    Op.GT: pgettext_lazy("compares", "多于"),
    Op.LE: pgettext_lazy("compares", "不多于"),
    Op.LT: pgettext_lazy("compares", "少于"),
}
DATE_WORDS = ORDER_WORDS | {
    Op.GE: pgettext_lazy("compares", "不早于"),
    Op.GT: pgettext_lazy("compares", "晚于"),
    Op.LE: pgettext_lazy("compares", "不晚于"),
    Op.LT: pgettext_lazy("compares", "早于"),
}
YEAR_FRAMES = {
    Op.GE: lazy("在 %(year)s及以后"),
    Op.GT: lazy("在 %(year)s以后（不含当年）"),
    Op.LE: lazy("在 %(year)s及以前"),
    Op.LT: lazy("在 %(year)s以前（不含当年）"),
    Op.EQ: lazy("在 %(year)s"),
    Op.NE: lazy("不在 %(year)s"),
}
HOW_WORDS = {How.EVERY: lazy("每年"), How.MEAN: lazy("年均"), How.SUM: lazy("合计")}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line and what hangs below it; `path` is the JSON pointer of its node."""

    text: str
    path: str
    clause: str = ""
    children: tuple[Sentence, ...] = ()


def describe(tree: RuleTree, catalogue: Catalogue) -> Sentence:
    """The conditions of a rule as nested sentences."""
    phrasing = Phrasing(catalogue, tree.reference_year, tree.event_fact)
    return phrasing.condition(tree.conditions)


@dataclass(frozen=True)
class Phrasing:
    """Puts conditions into words; with a reference year, years are named beside 上年度.

    What it has said of a node it says again without thinking: one serves many enterprises.
    """

    catalogue: Catalogue
    reference_year: int | None = None
    event_fact: str | None = None
    figure_labels: Mapping[str, str] = field(default_factory=dict)
    _said: dict[tuple[int, str], tuple[object, Whatever]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def event(self) -> str:
        return self.catalogue[self.event_fact].label if self.event_fact else ""

    def condition(self, node: Condition, wanted: bool = True) -> Sentence:
        """Nested sentences; `not` is worked into the words below it."""
        match node:
            case Not(child=child):
                return self.condition(child, not wanted)
            case All() | Any() | AtLeast():
                children = tuple(self.condition(child, wanted) for child in node.children)
                return Sentence(group_words(node, wanted), node.path, node.clause, children)
        return Sentence(self.leaf(node, wanted), node.path, node.clause)

    def inline(self, node: Condition, wanted: bool = True) -> str:
        """A whole condition as one line, for a branch of an amount."""
        match node:
            case Not(child=child):
                return self.inline(child, not wanted)
            case AtLeast(children=children):
                inner = "；".join(self.inline(child, wanted) for child in children)
                return f"{group_words(node, wanted)}（{inner}）"
            case All(children=children) | Any(children=children):
                joiner = _("，且") if isinstance(node, All) is wanted else _("，或")
                return joiner.join(self.inline(child, wanted) for child in children)
        return self.leaf(node, wanted)

    def once(self, node: object, what: str, words: Callable[[], T]) -> T:
        """What `words` says of a node; thought of the first time only."""
        key = id(node), what
        if key not in self._said:
            self._said[key] = node, words()  # kept with its node: no other can get the same id
        said: T = self._said[key][1]
        return said

    def leaf(self, leaf: Leaf, wanted: bool = True) -> str:
        """One leaf, said the other way round where it stands under `not`."""
        return self.once(leaf, "wanted" if wanted else "denied", lambda: self._leaf(leaf, wanted))

    def _leaf(self, leaf: Leaf, wanted: bool) -> str:
        match leaf:
            case Review(text=text):
                return _("人工核实：%(text)s") % {"text": text}
            case CredentialTest():
                return self._credentials(leaf, wanted)
            case Over():
                return self._over(leaf, wanted)
        return self._compare(leaf, wanted)

    def _compare(self, leaf: Compare, wanted: bool) -> str:
        spec = self.catalogue[leaf.fact]
        subject = period_words(leaf.period, spec, self.reference_year, self.event) + spec.label
        return self._predicate(spec, subject, leaf, wanted)

    def _predicate(self, spec: FactSpec, subject: str, test: Compare | Over, wanted: bool) -> str:
        op, value = test.op, test.value
        if op is Op.KNOWN:
            return (_("已有“%(fact)s”的数据") if wanted else _("没有“%(fact)s”的数据")) % {"fact": subject}
        if spec.kind is Kind.BOOL:
            return bool_words(subject, bool(value) is wanted)
        if not wanted and op in OPPOSITE:
            op, wanted = OPPOSITE[op], True
        denied = "" if wanted else _("不满足：")
        if spec.kind is Kind.CODE:
            return self._code(spec, subject, op, test.shown)
        if spec.kind is Kind.CHOICES:
            return denied + self._set(spec, subject, op, value)
        if op is Op.BETWEEN:
            return denied + self._between(spec, subject, value, test.shown)
        if op in (Op.IN, Op.NOT_IN):
            labels = self._labels(spec, value, _("或"))
            return subject + (_("为") if op is Op.IN else _("不是")) + labels
        if isinstance(value, RelativeYear) and spec.kind is Kind.DATE:
            return subject + str(YEAR_FRAMES[op]) % {"year": self._operand(spec, value)}
        if op is Op.GT and spec.numeric and not isinstance(value, FigureRef) and value == 0:
            return _("%(subject)s大于 0") % {"subject": subject}
        words = {Kind.INTEGER: COUNT_WORDS, Kind.DATE: DATE_WORDS}.get(spec.kind, ORDER_WORDS)
        shown = _spaced(test.shown) or self._operand(spec, value)
        gap = " " if shown[:1].isdigit() and reads_chinese() else ""
        said = {"subject": subject, "words": words[op], "value": f"{gap}{shown}"}
        return _("%(subject)s%(words)s%(value)s") % said

    def _operand(self, spec: FactSpec, value: Whatever) -> str:
        if isinstance(value, RelativeYear):
            return year_words(Period(value.base, value.offset), self.reference_year, self.event)
        if isinstance(value, FigureRef):
            return self.figure(value)
        if isinstance(value, dt.date):
            return date_text(value)
        if spec.kind is Kind.CHOICE:
            return self.catalogue.choice_label(spec.key, value)
        return number_text(spec, value)

    def figure(self, ref: FigureRef) -> str:
        """`“lpr_1y”的 50%`."""
        known = self.catalogue.figures.get(ref.key)
        label = f"“{self.figure_labels.get(ref.key) or (known.label if known else ref.key)}”"
        if ref.factor == 1:
            return label
        percent = ref.factor * 100
        factor = f"{percent}%" if percent.denominator == 1 else str(Fraction(ref.factor))
        return _("%(figure)s的 %(factor)s") % {"figure": label, "factor": factor}

    def _between(self, spec: FactSpec, subject: str, value: Whatever, shown: str) -> str:
        low, high = (self._operand(spec, part) for part in value)
        if shown:
            low, high = (_spaced(part) for part in shown.split("|"))
        return _("%(subject)s在 %(low)s至 %(high)s之间（含）") % {
            "subject": subject,
            "low": low,
            "high": high,
        }

    def _labels(self, spec: FactSpec, values: Whatever, joiner: str) -> str:
        ordered = [value for value in spec.choice_values if value in values]
        return join([self.catalogue.choice_label(spec.key, value) for value in ordered], joiner)

    def _set(self, spec: FactSpec, subject: str, op: Op, value: Whatever) -> str:
        if op is Op.HAS_ALL:
            return _("%(subject)s同时有%(labels)s") % {
                "subject": subject,
                "labels": self._labels(spec, value, _("和")),
            }
        frame = _("%(subject)s中有%(labels)s") if op is Op.HAS_ANY else _("%(subject)s中没有%(labels)s")
        return frame % {"subject": subject, "labels": self._labels(spec, value, _("或"))}

    def _code(self, spec: FactSpec, subject: str, op: Op, shown: str) -> str:
        names = join(shown.split("|"), _("或"))
        inside = op is Op.WITHIN
        if spec.key == "region":
            return (_("在%(names)s登记注册") if inside else _("不在%(names)s登记注册")) % {"names": names}
        if spec.key == "industry":
            return (_("属于%(names)s") if inside else _("不属于%(names)s")) % {"names": names}
        return f"{subject}{_('在') if inside else _('不在')}{names}"

    def _credentials(self, leaf: CredentialTest, wanted: bool) -> str:
        op = leaf.op
        if not wanted and op in OPPOSITE:
            op, wanted = OPPOSITE[op], True
        labels = [self.catalogue.credential_kinds[kind].label for kind in leaf.kinds]
        names = join(labels, _("和") if op is Op.HAS_ALL else _("或"))
        if op is Op.KNOWN:
            return (_("已有“%(names)s”的认定数据") if wanted else _("没有“%(names)s”的认定数据")) % {
                "names": names
            }
        denied = "" if wanted else _("不满足：")
        return denied + self._holding(leaf, op, names)

    def _holding(self, leaf: CredentialTest, op: Op, names: str) -> str:
        negative = op is Op.HAS_NONE
        both = _("同时") if op is Op.HAS_ALL and len(leaf.kinds) > 1 else ""
        if leaf.obtained is None:
            company = names.endswith("企业")
            verb = pgettext("before a credential", "是") if company else _("持有有效的")
            denial = _("不是") if company else _("没有有效的")
            return f"{both}{denial if negative else verb}{names}"
        year = year_words(leaf.obtained, self.reference_year, self.event)
        first = _("首次") if leaf.first else ""
        verb = pgettext("before a credential", "未") if negative else ""
        got = _("认定为") if names.endswith("企业") else pgettext("before a credential", "取得")
        return f"{year}{both}{verb}{first}{got}{names}"

    def _over(self, leaf: Over, wanted: bool) -> str:
        spec = self.catalogue[leaf.fact]
        if leaf.how is How.EVERY and not wanted:
            return _("不满足：%(sentence)s") % {"sentence": self._over(leaf, True)}
        span = self._span(leaf)
        return self._predicate(spec, f"{span}{HOW_WORDS[leaf.how]}{spec.label}", leaf, wanted)

    def _span(self, leaf: Over) -> str:
        start, end = (year_words(p, self.reference_year, self.event) for p in (leaf.start, leaf.end))
        return start if start == end else _("%(start)s至 %(end)s") % {"start": start, "end": end}


def group_words(node: All | Any | AtLeast, wanted: bool = True) -> str:
    """What a group asks; under `not` what its parts, already said the other way round, must do."""
    count = len(node.children)
    if isinstance(node, AtLeast):
        least = node.count if wanted else count - node.count + 1
        return _("以下 %(count)d 项至少满足 %(least)d 项") % {"count": count, "least": least}
    if isinstance(node, All) is wanted:
        return _("以下 %(count)d 项全部满足") % {"count": count}
    return _("以下 %(count)d 项满足任意一项") % {"count": count}


def bool_words(label: str, positive: bool) -> str:
    """A label that is a predicate (列入…, 有…, 项目已…) or a name, affirmed or denied."""
    if not reads_chinese():  # labels are Chinese, and so are the words that affirm or deny them
        return f"{label}: {_('是') if positive else _('否')}"
    if label.startswith("列入"):
        return label if positive else f"未{label}"
    if label.startswith("有"):
        return label if positive else f"没{label}"
    if label.startswith("近"):
        return f"{'有' if positive else '无'}{label}"
    if "已" in label:
        return label if positive else label.replace("已", "未", 1)
    return f"{label}：{_('是') if positive else _('否')}"


def join(parts: list[str], joiner: str) -> str:
    """甲、乙或丙."""
    return joiner.join(["、".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _spaced(shown: str) -> str:
    """`24 月` reads `24 个月`."""
    return shown.removesuffix(" 月") + _(" 个月") if shown.endswith(" 月") else shown
