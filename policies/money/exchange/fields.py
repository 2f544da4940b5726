"""Single values of a return file: what each column may hold, and what is said of what it may not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _

from policies.money.exchange.formats import INVISIBLE, LONGEST_TEXT, Outcome
from portal.kernel.money import MAX_FEN
from portal.kernel.spreadsheets import FORMULA

SHOWN: Final = 40
"""Characters of a wrong value that are repeated to whoever reads the reasons."""
MOST_PAYMENT: Final = 2**63 - 1
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,39}", re.ASCII)
_WHOLE = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{6,32}", re.ASCII)
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Wrong(Exception):  # noqa: N818 - reads as what it is
    """A value that its column cannot hold: a code for machines and words for people."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def parse(column: str, text: str) -> Any:
    """The value of a column. Raises Wrong."""
    return _PARSERS[column](text)


def shown(text: str) -> str:
    """A wrong value fit to be repeated."""
    seen = INVISIBLE.sub("�", text)
    return seen if len(seen) <= SHOWN else f"{seen[:SHOWN]}……"


def _amount(text: str) -> int:
    if _WHOLE.fullmatch(text) and int(text) <= MAX_FEN:
        return int(text)
    words = _("金额“%(text)s”无效：须是大于零的整数，以分为单位，用半角数字，不带小数点和分隔符。")
    raise Wrong("amount", words % {"text": shown(text)})


def _payment(text: str) -> int:
    if _WHOLE.fullmatch(text) and int(text) <= MOST_PAYMENT:
        return int(text)
    raise Wrong("payment", _("支付编号“%(text)s”无效。") % {"text": shown(text)})


def _count(text: str) -> int:
    if _WHOLE.fullmatch(text):
        return int(text)
    raise Wrong("count", _("笔数“%(text)s”无效：须是大于零的整数。") % {"text": shown(text)})


def _day(text: str) -> dt.date:
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise Wrong("date", _("日期“%(text)s”无效：须如 2026-11-22。") % {"text": shown(text)})


def _outcome(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError:
        words = _("结果“%(text)s”无效：只能是 paid（已支付）或 returned（已退回）。")
        raise Wrong("outcome", words % {"text": shown(text)}) from None


def _message(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Wrong("message", _("附言超过 %(most)d 字。") % {"most": LONGEST_TEXT})
    if text.lstrip(" ").startswith(FORMULA):
        raise Wrong("formula", _("附言“%(text)s”会被表格软件当作公式。") % {"text": shown(text)})
    return text.strip()


def _matching(pattern: re.Pattern[str], code: str) -> Callable[[str], str]:
    def parsed(text: str) -> str:
        if pattern.fullmatch(text):
            return text
        raise Wrong(code, _WORDS[code]() % {"text": shown(text)})

    return parsed


_WORDS: Final[dict[str, Callable[[], str]]] = {
    "number": lambda: _("编号“%(text)s”无效：只能用字母、数字和连字符，不超过 40 位。"),
    "serial": lambda: _("银行流水号“%(text)s”无效：只能用字母、数字和连字符，不超过 40 位。"),
    "account": lambda: _("账号“%(text)s”无效：须是 6 至 32 位数字。"),
    "sha256": lambda: _("校验值“%(text)s”无效：须是 64 位十六进制小写字母和数字。"),
}
_PARSERS: Final[dict[str, Callable[[str], Any]]] = {
    "number": _matching(_NUMBER, "number"),
    "instruction": _matching(_NUMBER, "number"),
    "serial": _matching(_NUMBER, "serial"),
    "account": _matching(_ACCOUNT, "account"),
    "sha256": _matching(_SHA256, "sha256"),
    "date": _day,
    "value_date": _day,
    "count": _count,
    "total": _amount,
    "amount": _amount,
    "payment": _payment,
    "outcome": _outcome,
    "message": _message,
}
