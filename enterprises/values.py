"""From what people write to a fact's canonical value, and back to what they read."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Kind, Plain, Value
from enterprises.codes import Hierarchy, canonical
from portal.kernel.errors import DomainError
from portal.kernel.money import WAN, format_money, parse_money
from portal.kernel.numbers import half_width, parse_decimal

YES = frozenset({"是", "有", "true", "yes", "1", "y"})
NO = frozenset({"否", "无", "没有", "false", "no", "0", "n"})
NONE_OF_THEM = frozenset({"不适用", "not applicable", "n/a", "na"})
SEPARATOR = re.compile(r"[、,，;；|]")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))", re.ASCII)
UNITS: Final = {
    "月": pgettext_lazy("unit", "个月"),
    "人": pgettext_lazy("unit", "人"),
    "个": pgettext_lazy("unit", "个"),
    "亩": pgettext_lazy("unit", "亩"),
    "人次": pgettext_lazy("unit", "人次"),
    "件": pgettext_lazy("unit", "件"),
    "分": pgettext_lazy("unit", "分"),
    "名": pgettext_lazy("unit", "名"),
    "吨标准煤": pgettext_lazy("unit", "吨标准煤"),
    "平方米": pgettext_lazy("unit", "平方米"),
    "项": pgettext_lazy("unit", "项"),
    "人月": pgettext_lazy("unit", "人月"),
}
"""Units of the shipped catalogue as pages write them; others stand as officials wrote them."""
MAX_SCALED = 2**62
"""Beyond this a stored integer would crowd a bigint."""


def parse_value(spec: FactSpec, text: str, *, unit: str = "") -> Value:
    """The canonical value that a person wrote for a fact; ``不适用`` is NOT_APPLICABLE.

    ``unit`` holds where the text names none; without it the fact's own. Raises DomainError in plain words.
    """
    plain = text.strip()
    if not plain:
        raise DomainError(_("请填写“%(label)s”。") % {"label": spec.label}, code="value_missing")
    if plain.lower() in NONE_OF_THEM:
        return NOT_APPLICABLE
    value = _PARSERS[spec.kind](spec, plain, unit)
    if spec.kind not in (Kind.CHOICE, Kind.CHOICES, Kind.CODE) and abs(spec.to_scaled(value)) > MAX_SCALED:
        raise DomainError(_("数字太大，请核对数字与单位。"), code="value_too_large")
    if isinstance(value, (int, Fraction)) and not spec.admits(value):
        raise DomainError(
            _("“%(label)s”%(range)s，请核对数字与单位。") % {"label": spec.label, "range": range_words(spec)},
            code="value_out_of_range",
        )
    return value


def range_words(spec: FactSpec) -> str:
    """What a value must lie between, in words; empty when there is no bound."""
    least, most = (
        format_value(spec, bound) if bound is not None else "" for bound in (spec.least, spec.most)
    )
    if least and most:
        return _("应在 %(least)s 到 %(most)s 之间") % {"least": least, "most": most}
    if least:
        return _("不能小于 %(least)s") % {"least": least}
    return most and _("不能大于 %(most)s") % {"most": most}


def parse_date(text: str) -> dt.date:
    """A calendar day as 2024-02-28, 2024/2/28, 2024年2月28日 or 20240228."""
    match = _DATE.fullmatch(half_width(text))
    if match:
        parts = [int(part) for part in match.groups() if part]
        try:
            return dt.date(*parts)
        except ValueError:
            pass
    raise DomainError(
        _("“%(text)s”不是有效日期，请填写如 2024-02-28。") % {"text": text}, code="date_invalid"
    )


def parse_bool(text: str) -> bool:
    """Yes or no, as 是, 有, true, 1 or 否, 无, false, 0."""
    word = half_width(text).lower()
    if word in YES or word in NO:
        return word in YES
    raise DomainError(_("请填写“是”或“否”。"), code="bool_invalid")


def parse_year(text: str) -> int:
    """A year from 1949 to 2200, as 2024 or 2024年."""
    plain = half_width(text).removesuffix("年").removesuffix("度")
    if re.fullmatch(r"\d{4}", plain, re.ASCII) and 1949 <= int(plain) <= 2200:
        return int(plain)
    raise DomainError(_("“%(text)s”不是年度，请填写如 2024。") % {"text": text}, code="year_invalid")


def format_value(spec: FactSpec, value: Value, names: Callable[[str], str] = str) -> str:
    """What people read. ``names`` gives the name of a code."""
    if value is NOT_APPLICABLE:
        return _("不适用")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dt.date):
        return value.isoformat()
    labels = dict(spec.choices)
    if isinstance(value, frozenset):
        return "、".join(labels.get(item, item) for item in sorted(value)) or _("无")
    if isinstance(value, str):
        return names(value) if spec.kind is Kind.CODE else labels.get(value, value)
    return format_money(int(value)) if spec.kind is Kind.MONEY else _figure(spec, value)


def input_text(spec: FactSpec, value: Value) -> str:
    """What stands in the field when a value is to be changed; money in 万元."""
    if value is NOT_APPLICABLE or isinstance(value, bool):
        return "不适用" if value is NOT_APPLICABLE else "是" if value else "否"  # in any language
    if isinstance(value, frozenset):
        return "、".join(sorted(value))
    if isinstance(value, (str, dt.date)):
        return str(value)
    exact = Fraction(value, WAN) if spec.kind is Kind.MONEY else value
    return f"{(Decimal(exact.numerator) / Decimal(exact.denominator)).normalize():f}"


def _figure(spec: FactSpec, value: int | Fraction) -> str:
    shown = f"{Decimal(value.numerator) / Decimal(value.denominator):.2f}".rstrip("0").rstrip(".")
    if spec.unit in ("", "年"):
        return shown
    return f"{shown}%" if spec.unit == "%" else f"{shown} {UNITS.get(spec.unit, spec.unit)}"


def _money(spec: FactSpec, text: str, unit: str) -> Plain:
    return parse_money(text, unit=unit or "元")


def _number(spec: FactSpec, text: str, unit: str) -> Plain:
    plain = half_width(text)
    allowed = {spec.unit, "%"} if spec.kind is Kind.PERCENT else {spec.unit}
    if unit and unit not in allowed:
        raise DomainError(
            _("单位应为“%(unit)s”，不能是“%(given)s”。") % {"unit": spec.unit, "given": unit},
            code="unit_unfit",
        )
    for suffix in sorted(filter(None, allowed), key=len, reverse=True):
        if plain.endswith(suffix):
            plain = plain.removesuffix(suffix).strip()
            break
    above, below = parse_decimal(plain).as_integer_ratio()
    if above * 10**spec.scale % below:
        if spec.scale:
            raise DomainError(_("最多 %(scale)d 位小数。") % {"scale": spec.scale}, code="value_precision")
        raise DomainError(_("请填写整数。"), code="value_precision")
    return above if below == 1 else Fraction(above, below)


def _bool(spec: FactSpec, text: str, unit: str) -> Plain:
    return parse_bool(text)


def _date(spec: FactSpec, text: str, unit: str) -> Plain:
    return parse_date(text)


def _choice(spec: FactSpec, text: str, unit: str) -> Plain:
    for value, label in spec.choices:
        if text in (value, label):
            return value
    raise DomainError(
        _("“%(text)s”不是可选值，请填写：%(labels)s。")
        % {"text": text, "labels": "、".join(label for _value, label in spec.choices)},
        code="choice_invalid",
    )


def _choices(spec: FactSpec, text: str, unit: str) -> Plain:
    if text in NO:
        return frozenset()
    parts = [part.strip() for part in SEPARATOR.split(text)]
    return frozenset(str(_choice(spec, part, unit)) for part in parts if part)


def _code(spec: FactSpec, text: str, unit: str) -> Plain:
    try:
        return canonical(spec.hierarchy or Hierarchy.PREFIX, text)
    except ValueError:
        raise DomainError(_("“%(text)s”不是有效代码。") % {"text": text}, code="code_invalid") from None


_PARSERS: dict[Kind, Callable[[FactSpec, str, str], Plain]] = {
    Kind.MONEY: _money,
    Kind.NUMBER: _number,
    Kind.PERCENT: _number,
    Kind.INTEGER: _number,
    Kind.BOOL: _bool,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.CODE: _code,
}
