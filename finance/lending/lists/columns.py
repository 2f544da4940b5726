"""The columns of the lists that banks bring and take: what is written can be read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from finance.models import LoanListKind

NUMBER: Final = "number"
SERIAL: Final = "serial"
ON: Final = "on"
AMOUNT: Final = "amount"
PRINCIPAL: Final = "principal"
INTEREST: Final = "interest"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading; the first heading is the one that is written."""

    key: str
    heading: str
    also: tuple[str, ...] = ()
    needed: bool = True

    def is_headed(self, text: str) -> bool:
        """Whether a heading is this column's, brackets in full width or not."""
        return text.replace("(", "（").replace(")", "）").strip() in (self.heading, *self.also)


_NUMBER: Final = Column(NUMBER, "银行贷款编号", ("贷款编号", "合同编号"))
COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    LoanListKind.DRAWDOWNS: (
        _NUMBER,
        Column(SERIAL, "放款流水号", ("流水号",)),
        Column(ON, "放款日期", ("日期",)),
        Column(AMOUNT, "放款金额（元）", ("金额（元）", "放款金额")),
    ),
    LoanListKind.REPAYMENTS: (
        _NUMBER,
        Column(SERIAL, "还款流水号", ("流水号",)),
        Column(ON, "还款日期", ("日期",)),
        Column(PRINCIPAL, "归还本金（元）", ("本金（元）", "归还本金")),
        Column(INTEREST, "支付利息（元）", ("利息（元）", "支付利息"), needed=False),
    ),
}
"""Headings are the format's own, not the reader's language: a file means the same everywhere."""
TITLES: Final = {LoanListKind.DRAWDOWNS: _("放款清单"), LoanListKind.REPAYMENTS: _("还款清单")}
