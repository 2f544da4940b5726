"""What a bank takes away as Excel: its applications, and the lists in the columns in which it brings them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending.lists.columns import COLUMNS, TITLES
from finance.lending.lists.reading import DRAWABLE
from finance.models import Drawdown, LoanApplication, LoanListKind, Repayment
from finance.models.loan_states import OWED
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import Cell, Table

if TYPE_CHECKING:
    from finance.acting import BankActor

MOST: Final = 10_000
"""Lines of a file; more wants narrowing."""


def loans_table(loans: Iterable[LoanApplication], by: BankActor, now: dt.datetime) -> Table:
    """Applications as the desk lists them; what the consent lets it know is not among it."""
    head = (
        _("平台编号"),
        _("银行贷款编号"),
        _("企业"),
        _("统一社会信用代码"),
        _("产品"),
        _("状态"),
        _("提交日期"),
        _("申请金额（元）"),
        _("期限（月）"),
        _("批准金额（元）"),
        _("批准年利率（%）"),
        _("签约日"),
        _("首次放款日"),
        _("到期日"),
        _("已放款（元）"),
        _("已还本金（元）"),
        _("类别"),
    )
    return Table(_("贷款申请"), head, [_loan(loan) for loan in loans], _notes(by, now))


def movements_table(kind: str, by: BankActor, now: dt.datetime) -> Table:
    """What is booked of loans that the person sees, in the columns of the list: brought again it is known."""
    model: Any = Drawdown if kind == LoanListKind.DRAWDOWNS else Repayment
    rows = model.objects.standing().filter(bank=by.bank, loan__in=LoanApplication.objects.visible_to(by))
    found = rows.select_related("loan").order_by("-on", "-pk")[:MOST]
    return Table(
        str(TITLES[LoanListKind(kind)]), _head(kind), [_movement(row) for row in found], _notes(by, now)
    )


def blank_table(kind: str, by: BankActor, now: dt.datetime) -> Table:
    """The list to be filled in, with the numbers of the loans it can be about; blank rows are none."""
    states = DRAWABLE if kind == LoanListKind.DRAWDOWNS else OWED
    numbers = LoanApplication.objects.visible_to(by).filter(state__in=states).order_by("bank_number")
    width = len(COLUMNS[kind]) - 1
    lines = [[number, *[""] * width] for number in numbers.values_list("bank_number", flat=True)[:MOST]]
    notes = [
        _("日期写如 2026-11-03；金额单位为元，最多两位小数；编号和流水号设为文本格式。"),
        _("没有发生的行留空即可；同一流水号只入账一次。"),
        *_notes(by, now),
    ]
    return Table(str(TITLES[LoanListKind(kind)]), _head(kind), lines, notes)


def _head(kind: str) -> list[str]:
    return [column.heading for column in COLUMNS[kind]]


def _movement(row: Drawdown | Repayment) -> list[Cell]:
    start: list[Cell] = [row.loan.bank_number, row.serial, row.on]
    if isinstance(row, Drawdown):
        return [*start, yuan(row.amount_fen)]
    return [*start, yuan(row.principal_fen), yuan(row.interest_fen)]


def _loan(loan: LoanApplication) -> list[Cell]:
    return [
        loan.number,
        loan.bank_number,
        loan.enterprise.name,
        loan.enterprise.uscc,
        loan.product_version.name if loan.product_version else "",
        loan.state_words,
        timezone.localdate(loan.submitted_at) if loan.submitted_at else None,
        yuan(loan.amount_fen),
        loan.term_months,
        yuan(loan.approved_fen),
        None if loan.approved_rate is None else loan.approved_rate.normalize(),
        loan.signed_on,
        loan.drawn_on,
        loan.matures_on,
        yuan(loan.drawn_fen),
        yuan(loan.repaid_fen),
        str(loan.get_mark_display()),
    ]


def _notes(by: BankActor, now: dt.datetime) -> list[str]:
    said = {"bank": by.bank.name, "who": by.user.name, "at": f"{timezone.localtime(now):%Y-%m-%d %H:%M}"}
    return [_("%(bank)s · %(who)s · %(at)s 导出") % said]
