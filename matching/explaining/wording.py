"""Values, periods and distances as people read them."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, FactSpec, Kind, Tier
from enterprises.knowledge import CLAIM, SELF, Known
from matching.plain.leaves import Reading
from matching.tree import Base, Period
from portal.kernel.money import format_money

TIERS = {
    Tier.OFFICIAL: lazy("部门数据"),
    Tier.ATTESTED: lazy("第三方佐证"),
    Tier.DECLARED: lazy("企业自报"),
}
SOURCES = {SELF: lazy("企业自报"), CLAIM: lazy("本次填报")}
COUNTED = {"月": lazy("个月")}
"""Units that read differently behind a number."""


def decimal_text(value: Fraction | int, places: int = 2, rounding: str = ROUND_DOWN) -> str:
    """A plain decimal, cut (not rounded up) after `places`, so that 9.999 never reads as 10."""
    exact = Fraction(value)
    digits = Decimal(exact.numerator) / Decimal(exact.denominator)
    cut = digits.quantize(Decimal(1).scaleb(-places), rounding)
    text = f"{cut:,.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def number_text(spec: FactSpec, value: Fraction | int) -> str:
    """A numeric value with its unit: `1.52 亿元`, `4.2%`, `412 人`, `2025 年`."""
    if spec.kind is Kind.MONEY:
        return format_money(int(Fraction(value)))
    if spec.kind is Kind.PERCENT:
        return f"{decimal_text(value)}%"
    if is_year(spec):
        return _("%(year)s 年") % {"year": int(value)}
    unit = COUNTED.get(spec.unit, spec.unit)
    return f"{decimal_text(value)} {unit}".strip()


def is_year(spec: FactSpec) -> bool:
    """A calendar year, not a number of years: 1,990 to 2,025 want no comma, and 2 years do."""
    return spec.kind is Kind.INTEGER and spec.unit == "年" and spec.key.endswith("_year")


def date_text(day: dt.date) -> str:
    return _("%(year)d 年 %(month)d 月 %(day)d 日") % {
        "year": day.year,
        "month": day.month,
        "day": day.day,
    }


def value_text(catalogue: Catalogue, spec: FactSpec, value: Any) -> str:
    """Any canonical value as text."""
    if value is NOT_APPLICABLE:
        return _("不适用")
    match spec.kind:
        case Kind.BOOL:
            return _("是") if value else _("否")
        case Kind.DATE:
            return date_text(value)
        case Kind.CHOICE:
            return catalogue.choice_label(spec.key, value)
        case Kind.CHOICES:
            labels = [catalogue.choice_label(spec.key, choice) for choice in sorted(value)]
            return "、".join(labels) or _("无")
        case Kind.CODE:
            return catalogue.code_label(spec.key, value)
    return number_text(spec, value)


def source_text(known: Known) -> str:
    return str(SOURCES.get(known.source, known.source) or TIERS[known.tier])


def reading_text(catalogue: Catalogue, reading: Reading) -> str:
    """`4.2% · 税务局 · 2025 年度`; of a value without a year, the day it was known for."""
    spec = catalogue[reading.fact]
    known = reading.known
    when = _("%(year)d 年度") % {"year": reading.year} if reading.year else ""
    if known is None:
        return " · ".join(part for part in (_("暂无数据"), when) if part)
    parts = [value_text(catalogue, spec, known.value), source_text(known), when or known.as_of.isoformat()]
    return " · ".join(part for part in parts if part)


def period_words(period: Period | None, spec: FactSpec, reference_year: int | None, event: str = "") -> str:
    """`上年度（2025）`; without a reference year `上年度`; `event` is the label of the event fact."""
    if period is None:
        return _("最近年度") if spec.periodic else ""
    if period.base is Base.ABSOLUTE:
        return _("%(year)d 年度") % {"year": period.offset}
    if period.base is Base.E:
        return _event_words(period.offset, event)
    names = {0: _("本年度"), -1: _("上年度"), -2: _("前年度"), 1: _("下年度")}
    name = names.get(period.offset)
    if reference_year is None:
        return name or _years_from(_("参照年"), period.offset)
    year = reference_year + period.offset
    return f"{name}（{year}）" if name else _("%(year)d 年度") % {"year": year}


def _event_words(offset: int, event: str) -> str:
    what = f"“{event}”" if event else _("事件")
    return _years_from(what, offset) if offset else _("%(what)s当年") % {"what": what}


def _years_from(what: str, offset: int) -> str:
    if offset > 0:
        return _("%(what)s后第 %(n)d 年") % {"what": what, "n": offset}
    return _("%(what)s前第 %(n)d 年") % {"what": what, "n": -offset}


def year_words(period: Period, reference_year: int | None, event: str = "") -> str:
    """A year as an operand: `2025 年`, or in words when no reference year is known."""
    if period.base is Base.E:
        return _event_words(period.offset, event)
    if period.base is Base.Y and reference_year is None:
        names = {0: _("当年"), -1: _("上一年"), -2: _("前年"), 1: _("下一年")}
        return names.get(period.offset) or _years_from(_("参照年"), period.offset)
    year = period.offset + (reference_year or 0 if period.base is Base.Y else 0)
    return _("%(year)d 年") % {"year": year}


def distance_text(spec: FactSpec, distance: Fraction, *, below: bool) -> str:
    """`还差 200 万元`, `还差 1.4 个百分点`, `超出 3 人`; rounded up, so that closing it suffices."""
    if spec.kind is Kind.DATE:
        days = {"days": int(distance)}
        return _("早了 %(days)d 天") % days if below else _("晚了 %(days)d 天") % days
    if distance == 0:
        return _("刚好相等，还须再多一点") if below else _("刚好相等，还须再少一点")
    if spec.kind is Kind.MONEY:
        size = format_money(ceil(distance))
    elif spec.kind is Kind.PERCENT:
        size = _("%(points)s 个百分点") % {"points": decimal_text(distance, 2, ROUND_CEILING)}
    else:
        places = 0 if spec.kind is Kind.INTEGER else 2
        unit = COUNTED.get(spec.unit, spec.unit)
        size = f"{decimal_text(distance, places, ROUND_CEILING)} {unit}".strip()
    return (_("还差 %(size)s") if below else _("超出 %(size)s")) % {"size": size}
