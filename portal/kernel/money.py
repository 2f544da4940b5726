"""Money is `int` fen in code and `bigint` fen in the database; this module reads and shows it.

A fen is 0.01 yuan (元); 万元 is 10,000 yuan and 亿元 is 100,000,000 yuan.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.language import reads_chinese
from portal.kernel.numbers import MAX_LENGTH, half_width, parse_decimal

FEN_PER_YUAN: Final = 100
WAN: Final = 10_000 * FEN_PER_YUAN
YI: Final = 10_000 * WAN
MAX_FEN: Final = 10**17
"""Ten trillion times more than a county's year; ninety such sums still fit a bigint."""

UNITS: Final = {
    "分": 1,
    "元": FEN_PER_YUAN,
    "千元": 1_000 * FEN_PER_YUAN,
    "万": WAN,
    "万元": WAN,
    "百万元": 100 * WAN,
    "千万元": 1_000 * WAN,
    "亿": YI,
    "亿元": YI,
    "yuan": FEN_PER_YUAN,
}
_WRITTEN = re.compile(
    r"(?:人民币|RMB|¥)?\s*(?P<number>[^\s分元千万百亿]+?)\s*(?P<unit>yuan|[分元千万百亿]*)整?"
)


def parse_money(text: str | int | Decimal, *, unit: str = "元") -> int:
    """The amount in fen. `unit` holds where the text names none; a unit in the text wins.

    Negative amounts are read (a loss is one); who wants none refuses them. Raises DomainError for what
    is no exact number of fen (0.001 元), for NaN, exponents, unknown units and beyond `MAX_FEN`.
    """
    if isinstance(text, (bool, float)):
        raise TypeError("Money is never a float or a bool: pass what the person typed.")
    plain = half_width(str(text))
    if not plain:
        raise DomainError(_("请填写金额。"), code="money_missing")
    written = _WRITTEN.fullmatch(plain) if len(plain) <= MAX_LENGTH else None
    if written is None:
        raise DomainError(
            _("“%(text)s”不是有效金额，请填写如 86.5 万元 或 865,000 元。") % {"text": plain[:MAX_LENGTH]},
            code="money_invalid",
        )
    factor = UNITS.get(written["unit"] or unit)
    if factor is None:
        raise DomainError(
            _("不认识单位“%(unit)s”，请用元、万元或亿元。") % {"unit": written["unit"] or unit},
            code="money_unit",
        )
    above, below = parse_decimal(written["number"]).as_integer_ratio()
    fen, rest = divmod(above * factor, below)
    if rest:
        raise DomainError(_("金额最小到分，请不要超过两位小数（按元计）。"), code="money_precision")
    if abs(fen) > MAX_FEN:
        raise DomainError(_("金额太大，请核对数字与单位。"), code="money_too_large")
    return fen


def format_money(fen: int) -> str:
    """For reading: `86.5 万元`; below 10,000 yuan in 元, from 100 million in 亿元; at most two decimals.

    Who does not count in 万 reads `865,000 yuan`.
    """
    if not reads_chinese():
        return _("%(number)s 元") % {"number": _decimals(fen, FEN_PER_YUAN)}
    if abs(fen) < WAN:
        return _("%(number)s 元") % {"number": _decimals(fen, FEN_PER_YUAN)}
    if abs(fen) < YI:
        return _("%(number)s 万元") % {"number": _decimals(fen, WAN)}
    return _("%(number)s 亿元") % {"number": _decimals(fen, YI)}


def exact_money(fen: int) -> str:
    """The figure to the fen, in yuan: `865,123.45 元`."""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    sign = "-" if fen < 0 else ""
    return _("%(number)s 元") % {"number": f"{sign}{yuan:,}" + (f".{rest:02d}" if rest else "")}


def yuan(fen: int | None) -> Decimal | None:
    """The exact number of yuan, to the fen, for the cells of a file; nothing of nothing."""
    return None if fen is None else Decimal(fen).scaleb(-2)


def money_text(fen: int) -> str:
    """For files and forms, which read it back exactly: whole 万元 and their simple parts in 万元, else 元."""
    unit, name = (WAN, "万元") if fen >= WAN and fen % (WAN // 100) == 0 else (FEN_PER_YUAN, "元")
    text = f"{Decimal(fen) / unit:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {name}"


def money_range(low: int | None, high: int | None) -> str:
    """An interval in fen: `20 万元至 50 万元`, `最高 50 万元`, `不低于 20 万元`; None is no bound."""
    if low is None and high is None:
        return _("金额待定")
    if high is None:
        return _("不低于 %(low)s") % {"low": format_money(low or 0)}
    if low == high:
        return format_money(high)
    if not low:
        return _("最高 %(high)s") % {"high": format_money(high)}
    return _("%(low)s至 %(high)s") % {"low": format_money(low), "high": format_money(high)}


def _decimals(fen: int, unit: int) -> str:
    shown = (Decimal(fen) / unit).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{shown:,.2f}".rstrip("0").rstrip(".")
