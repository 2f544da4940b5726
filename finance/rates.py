"""One parser of interest rates: percent a year, four places, as banks write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.numbers import MAX_LENGTH, half_width

HIGHEST: Final = Decimal(36)
"""Percent a year; what is above is no rate for a firm, but a slip of the pen."""
PLACES: Final = 4
_SIGNS: Final = str.maketrans("．。％‰", "..%‰")
_RATE: Final = re.compile(r"(?P<whole>\d{1,4})(?:\.(?P<parts>\d+))?\s*(?P<sign>%|‰)?", re.ASCII)
_EXACT: Final = Decimal("0.0001")


def parse_rate(text: str) -> Decimal:
    """Percent a year with four places: `4.35`, `４．３５`, `4.35%` are 4.3500.

    Raises DomainError with what to write instead: for a comma (`4,35` may be 4.35 or 435), per mille (a day's
    rate or a month's), nothing, signs, more than four places, zero, and above 36 (`435` is told to be 4.35).
    """
    typed = half_width(text).translate(_SIGNS)
    shown = typed[:MAX_LENGTH]
    if not typed:
        raise DomainError(_("请填写年利率，如 4.35（单位 %）。"), code="rate_missing")
    if "," in typed or "，" in typed or "、" in typed:
        raise DomainError(
            _("“%(text)s”有逗号，看不出是小数点还是千分位。请用小数点写，如 4.35。") % {"text": shown},
            code="rate_comma",
        )
    written = _RATE.fullmatch(typed)
    if written is None:
        raise DomainError(
            _("“%(text)s”不是年利率，请只写百分数，如 4.35 或 4.35%%。") % {"text": shown},
            code="rate_invalid",
        )
    if written["sign"] == "‰":
        raise DomainError(
            _("“%(text)s”是千分数。请换算成年利率的百分数再填，如月息 3‰ 是 3.6%%。") % {"text": shown},
            code="rate_per_mille",
        )
    if len((written["parts"] or "").rstrip("0")) > PLACES:
        raise DomainError(
            _("“%(text)s”小数太多，年利率最多四位小数，如 4.3525。") % {"text": shown}, code="rate_precision"
        )
    rate = Decimal(f"{written['whole']}.{written['parts'] or '0'}")
    if rate == 0:
        raise DomainError(_("年利率须大于 0，如 4.35（单位 %）。"), code="rate_zero")
    if rate > HIGHEST:
        raise DomainError(_too_high(rate, shown), code="rate_too_high")
    return rate.quantize(_EXACT)


def format_rate(rate: Decimal) -> str:
    """For reading: at least two places, no idle zeros after them: `4.35%`, `4.3525%`, `3.00%`."""
    exact = f"{rate.quantize(_EXACT)}"
    whole, _point, parts = exact.partition(".")
    return f"{whole}.{parts[:2]}{parts[2:].rstrip('0')}%"


def rate_range(low: Decimal | None, high: Decimal | None) -> str:
    """`3.45%–4.35%`, `3.45% 起`, `不超过 4.35%`; empty where neither is known."""
    if low is None and high is None:
        return ""
    if high is None:
        return _("%(rate)s 起") % {"rate": format_rate(low or Decimal(0))}
    if low is None:
        return _("不超过 %(rate)s") % {"rate": format_rate(high)}
    return format_rate(low) if low == high else f"{format_rate(low)[:-1]}–{format_rate(high)}"


def _too_high(rate: Decimal, shown: str) -> str:
    said = _("“%(text)s”超过了年利率上限 36%%。") % {"text": shown}
    meant = rate / 100
    if rate == rate.to_integral_value() and 1 <= meant <= HIGHEST:
        return said + _("如果是 %(meant)s，请写上小数点：%(plain)s。") % {
            "meant": format_rate(meant),
            "plain": format_rate(meant)[:-1],
        }
    return said + _("请核对，按百分数填写，如 4.35。")
