"""What a cell of a spreadsheet says. Everything goes through text and the one strict parser of its kind."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money
from portal.kernel.numbers import plain_characters

DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
MOST_DIGITS: Final = 15
"""A spreadsheet keeps no more digits of a number."""
MOST_SIGNS: Final = 40
EMPTY: Final = ("", "-", "—")


def plain(value: Any) -> str:
    """The cell as text; of an empty one nothing. A float is written as short as it can be read back."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**MOST_DIGITS:
        value = int(value)
    text = plain_characters(str(value))
    return "" if text in EMPTY else text


def label(value: Any) -> str:
    """A number of a loan or a booking. Raises DomainError for what a spreadsheet has already spoilt."""
    if isinstance(value, int | float) and abs(value) >= 10**MOST_DIGITS:
        raise DomainError(
            _("数字太长，表格软件已丢失末尾几位。请把这一列设为文本格式，重新填写。"), code="spoilt"
        )
    text = plain(value)
    if not text:
        raise DomainError(_("请填写。"), code="missing")
    if len(text) > MOST_SIGNS:
        raise DomainError(_("最多 %(most)d 个字符。") % {"most": MOST_SIGNS}, code="too_long")
    return text


def day(value: Any) -> dt.date:
    """A day, as a date cell or written out. Raises DomainError."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = plain(value)
    if not text:
        raise DomainError(_("请填写日期。"), code="missing")
    written = DAY.fullmatch(text)
    if written is not None:
        numbers = [int(part) for part in written.groups() if part]
        try:
            return dt.date(*numbers)
        except ValueError:
            pass
    raise DomainError(_("“%(text)s”不是日期，请填写如 2026-11-03。") % {"text": text[:20]}, code="day")


def money(value: Any, *, needed: bool = True) -> int:
    """Fen, in yuan where no unit is written; nothing is 0 where it is not needed. Raises DomainError."""
    text = plain(value)
    if not text and not needed:
        return 0
    if isinstance(value, bool):
        raise DomainError(_("请填写金额。"), code="money_invalid")
    fen = parse_money(text)
    if fen < 0:
        raise DomainError(_("金额不能为负。冲正请联系平台。"), code="negative")
    return fen
