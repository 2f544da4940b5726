"""A whole amount in Chinese sentences, whoever it is for: for officials, who need not read JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue, FactSpec, Kind
from matching import tree as t
from matching.explaining.amount_words import AmountWords, beside, percent
from matching.explaining.sentences import Phrasing, Sentence
from matching.explaining.wording import number_text
from portal.kernel.money import format_money, money_range


def describe_amount(tree: t.RuleTree, catalogue: Catalogue) -> Sentence | None:
    """What a rule gives; None where it has no amount."""
    if tree.amount is None:
        return None
    return AmountSentences(Phrasing(catalogue, tree.reference_year, tree.event_fact)).of(tree.amount)


class AmountSentences:
    """Puts amounts into nested sentences.

    What only changes the one amount below it (最高 …, 按 …% 计) is said behind that amount's words, a
    condition before them.
    """

    def __init__(self, phrasing: Phrasing) -> None:
        self.phrasing = phrasing
        self.words = AmountWords(phrasing)

    def of(self, node: t.AmountNode) -> Sentence:
        """The sentence of an amount, under its name if it has one."""
        said = self._unnamed(node)
        text = said.text
        if node.upto and not isinstance(node, t.Text):
            text = _("%(text)s，具体由主管部门核定") % {"text": text}
        if node.name:
            text = f"{node.name}：{text}"
        return replace(said, text=text, path=node.path, clause=node.clause or said.clause)

    def _unnamed(self, node: t.AmountNode) -> Sentence:
        match node:
            case t.Fixed(value=value) if not value:
                return _line(_("不奖补"))
            case t.Fixed(value=value):
                money = format_money(int(value))
                return _line(_("最高 %(sum)s") % {"sum": money} if node.upto else money)
            case t.Range(low=low, high=high):
                return _line(money_range(int(low), int(high)))
            case t.Cap() | t.Floor() | t.Scale() | t.Round() | t.Share():
                said = self.of(node.of)
                return replace(said, text=f"{said.text}，{self.words.basis(node)}")
            case t.When(when=when, then=then):
                return self._if(when, self.of(then))
            case t.Bands(bands=bands):
                return Sentence(self.words.basis(node), "", children=self._bands(node, bands))
            case t.Minus(left=left, right=right):
                return self._minus(self.of(left), self.of(right))
            case t.First(branches=branches):
                parts = tuple(self._part(one, self._if(one.when, self.of(one.then))) for one in branches)
                return Sentence(_("按以下第一个符合的情形"), "", children=parts)
            case t.Installments(entries=entries, event=event):
                head = _("按“%(event)s”起算，分年兑现") % {"event": self.phrasing.catalogue[event].label}
                return Sentence(head, "", children=tuple(map(self._instalment, entries)))
            case t.Received():
                return _line(_("%(what)s的金额") % {"what": self.words.basis(node)})
            case t.Sum() | t.Best() | t.Max() | t.Min():
                return self._several(node)
        return _line(self.words.basis(node))

    def _if(self, when: t.Condition | None, given: Sentence) -> Sentence:
        if when is None:
            return replace(given, text=_("其他情形，%(given)s") % {"given": given.text})
        return replace(given, text=f"{beside(_('如果'), self.phrasing.inline(when))}，{given.text}")

    def _instalment(self, entry: t.Installment) -> Sentence:
        year = _("事件后第 %(n)d 年") % {"n": entry.year} if entry.year else _("事件当年")
        given = self.of(entry.then)
        said = self._if(entry.when, given) if entry.when is not None else given
        return self._part(entry, replace(said, text=f"{year}：{said.text}"))

    def _part(self, node: t.Node, said: Sentence) -> Sentence:
        return replace(said, path=node.path, clause=node.clause or said.clause)

    def _minus(self, left: Sentence, right: Sentence) -> Sentence:
        if left.children or right.children:
            return Sentence(_("以下第一项减去第二项，不低于 0"), "", children=(left, right))
        return _line(_("%(left)s，减去%(right)s") % {"left": left.text, "right": right.text})

    def _several(self, node: t.Sum | t.Best | t.Max | t.Min) -> Sentence:
        parts = tuple(self.of(child) for child in node.children)
        if len(parts) == 1:
            return parts[0]
        heads = {
            t.Sum: _("以下 %(n)d 项合计"),
            t.Best: _("以下 %(n)d 项就高享受一项"),
            t.Max: _("以下 %(n)d 项取最高"),
            t.Min: _("以下 %(n)d 项取最低"),
        }
        return Sentence(heads[type(node)] % {"n": len(parts)}, "", children=parts)

    def _bands(self, node: t.Bands, bands: Sequence[t.Band]) -> tuple[Sentence, ...]:
        spec = self._counted(node.of)
        below: Fraction | None = None
        lines = []
        for band in bands:
            words = {
                "low": "" if below is None else _size(spec, below),
                "high": "" if band.up_to is None else _size(spec, band.up_to),
            }
            lines.append(_line(f"{_reach(**words, whole=node.whole)}{_worth(spec, band.rate)}"))
            below = band.up_to
        return tuple(lines)

    def _counted(self, quantity: t.Quantity) -> FactSpec | None:
        """The fact by which a quantity is measured: money before anything else; None where it has none."""
        match quantity:
            case t.FactQuantity(fact=fact):
                return self.phrasing.catalogue[fact]
            case t.QMinus(left=left, right=right):
                children: tuple[t.Quantity, ...] = (left, right)
            case t.Times(children=children) | t.QSum(children=children):
                pass
            case t.QMin(children=children) | t.QMax(children=children):
                pass
            case _:
                return None
        found = [spec for child in children if (spec := self._counted(child)) is not None]
        return next((spec for spec in found if spec.kind is Kind.MONEY), found[0] if found else None)


def _line(text: str) -> Sentence:
    return Sentence(text, "")


def _size(spec: FactSpec | None, value: Fraction) -> str:
    return number_text(spec, value) if spec is not None else str(value)


def _reach(low: str, high: str, *, whole: bool) -> str:
    """`超过 100 万元至 500 万元的部分`: which slice, or with `whole` which size of the whole."""
    end = _("的") if whole else _("的部分")
    if not low:
        return (_("不超过 %(high)s") % {"high": high} if high else _("全部")) + end
    if not high:
        return _("超过 %(low)s") % {"low": low} + end
    return _("超过 %(low)s至 %(high)s") % {"low": low, "high": high} + end


def _worth(spec: FactSpec | None, rate: Fraction) -> str:
    """`，按 5%` of money, `，每人 1500 元` of a count, or that it gives nothing."""
    if not rate:
        return _("，不奖补")
    if spec is None or spec.kind is Kind.MONEY:
        return _("，按 %(rate)s") % {"rate": percent(rate)}
    return _("，每%(unit)s %(sum)s") % {"unit": spec.unit, "sum": format_money(int(rate))}
