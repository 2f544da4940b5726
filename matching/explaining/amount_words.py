"""What the parts of an amount rest on, in words."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from django.utils.translation import gettext as _

from enterprises.catalogue import Kind
from matching import tree as t
from matching.explaining.sentences import Phrasing
from matching.explaining.wording import decimal_text, period_words
from portal.kernel.money import format_money


class AmountWords:
    """Puts the parts of an amount into words."""

    def __init__(self, phrasing: Phrasing) -> None:
        self.phrasing = phrasing

    def basis(self, node: t.Node) -> str:
        """What a part rests on, in words; nothing where its figure says it all."""
        match node:
            case t.Rate(rate=rate, of=of):
                return f"{self._factor(of)} × {percent(rate)}"
            case t.Per(value=value, of=of):
                return f"{self._factor(of)} × {format_money(int(value))}"
            case t.Bands(of=of, whole=whole):
                how = _("按所在档全额计算") if whole else _("分段累计")
                return f"{self.quantity(of)}，{how}"
            case t.Increase(fact=fact, start=start, end=end, rate=rate):
                spec = self.phrasing.catalogue[fact]
                years = (period_words(p, spec, self.phrasing.reference_year) for p in (end, start))
                money = spec.kind is Kind.MONEY
                factor = percent(rate) if money else format_money(int(rate))
                return (
                    _("%(label)s%(to)s比%(from)s的增量")
                    % dict(zip(("to", "from"), years, strict=True), label=spec.label)
                    + f" × {factor}"
                )
            case t.When(when=when):
                return self.phrasing.inline(when)
            case t.Text(text=text):
                return text
            case t.Cap(limit=limit):
                return _("最高 %(limit)s") % {"limit": format_money(int(limit))}
            case t.Floor(limit=limit):
                return _("最低 %(limit)s") % {"limit": format_money(int(limit))}
            case t.Scale(factor=factor):
                return _("按 %(factor)s 计") % {"factor": percent(factor)}
            case t.Round(step=step, mode=mode):
                words = {
                    t.Rounding.HALF_UP: _("四舍五入"),
                    t.Rounding.DOWN: _("舍去零头"),
                    t.Rounding.UP: _("进位"),
                }
                return _("%(mode)s到 %(step)s") % {"mode": words[mode], "step": format_money(int(step))}
            case t.Share(parts=parts):
                return "、".join(f"{payer} {percent(part)}" for payer, part in parts)
            case t.Received(what=what):
                return _("本事项已兑付") if what == "item" else _("同类事项已兑付")
            case t.AmountNode(upto=True):
                return _("具体由主管部门核定")
        return ""

    def quantity(self, node: t.Quantity) -> str:
        """A quantity in words: `上年度（2025）研发费用`, `招用人数与 30 中的较小者`."""
        match node:
            case t.FactQuantity(fact=fact, period=period):
                spec = self.phrasing.catalogue[fact]
                year, event = self.phrasing.reference_year, self.phrasing.event
                return (period_words(period, spec, year, event) if period else "") + spec.label
            case t.Number(value=value, family=family):
                return _constant(value, family)
            case t.FigureQuantity(figure=figure):
                return self.phrasing.figure(figure)
            case t.Times(children=children):
                return " × ".join(self._inner(child) for child in children)
            case t.QSum(children=children):
                return " + ".join(self._inner(child) for child in children)
            case t.QMinus(left=left, right=right):
                return f"{self._inner(left)} − {self._inner(right)}"
        words = _("较小者") if isinstance(node, t.QMin) else _("较大者")
        first, *others = (self.quantity(child) for child in node.children)
        rest = (text for other in others for text in (_("与"), other))
        return beside(first, *rest, _("中的%(which)s") % {"which": words})

    def _factor(self, node: t.Quantity) -> str:
        text = self.quantity(node)
        return f"（{text}）" if isinstance(node, t.QSum | t.QMinus) else text

    def _inner(self, node: t.Quantity) -> str:
        text = self.quantity(node)
        simple = isinstance(node, t.FactQuantity | t.Number | t.FigureQuantity)
        return text if simple else f"（{text}）"


def _constant(value: Fraction, family: str) -> str:
    if family == "money":
        return format_money(int(value))
    return decimal_text(value, 4) + ("%" if family == "percent" else "")


def beside(*parts: str) -> str:
    """Texts in a row, with a space where a figure meets a character: `人数与 30 中的`."""
    return reduce(lambda text, part: f"{text} {part}" if _figures(text, part) else text + part, parts)


def _figures(before: str, after: str) -> bool:
    return before[-1:].isdigit() or before.endswith("%") or after[:1].isdigit()


def percent(rate: Fraction) -> str:
    """`5%`; a fraction that is no short decimal stays one: `1/3`."""
    points = rate * 100
    if (points * 10_000).denominator != 1:
        return str(rate)
    return f"{decimal_text(points, 4)}%"
