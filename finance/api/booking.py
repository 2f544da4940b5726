"""Rows of money that a bank's system sends: all of them are booked or none, and a serial is booked once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from finance.acting import BankActor
from finance.lending.booking import Drawing, Entry, Paying, book_drawing, book_paying
from finance.lending.correcting import reverse
from finance.lending.holding import hold_all, require_work, take_turns
from finance.lending.refusals import told
from finance.models import Drawdown, LoanApplication, Repayment
from portal.kernel.brought import Booked
from portal.kernel.errors import DomainError

Row = dict[str, Any]
FIGURES: Final = {Drawdown: ("amount_fen",), Repayment: ("principal_fen", "interest_fen")}


def book_rows(
    kind: type[Drawdown] | type[Repayment], rows: Sequence[Row], *, by: BankActor, at: dt.datetime
) -> Booked:
    """Book them in their order. Raises DomainError naming the row.

    Firms have their turns first, then loans are locked, each in the order of their ids.
    """
    require_work(by)
    with told():
        loans = _held(kind, {row["bank_number"] for row in rows}, by)
        serials = [row["serial"] for row in rows]
        found = list(kind.objects.filter(bank=by.bank, serial__in=serials))
        known = {one.serial: one for one in found if one.live}
        gone = {(one.serial, _said(kind, one)) for one in found if not one.live}
        before = len(known)
        for place, row in enumerate(rows, 1):
            try:
                if row["serial"] not in known:
                    _require_not_gone(kind, row, loans, gone)
                _book_row(kind, row, loans, known, Entry(by, at))
            except DomainError as error:
                said = {"place": place, "said": error}
                raise DomainError(_("第 %(place)d 条：%(said)s") % said, code=error.code) from error
    return Booked(len(known) - before, len(rows) - len(known) + before)


def _held(
    kind: type[Drawdown] | type[Repayment], numbers: set[str], by: BankActor
) -> dict[str, LoanApplication]:
    rows = LoanApplication.objects.visible_to(by).filter(bank_number__in=numbers)
    if kind is Drawdown:
        take_turns(rows.values_list("enterprise", flat=True))
    related = ("enterprise", "bank", "consent__given_by", "renews")
    return {loan.bank_number: loan for loan in hold_all(rows, *related)}


def _book_row(
    kind: type[Drawdown] | type[Repayment],
    row: Row,
    loans: dict[str, LoanApplication],
    known: dict[str, Any],
    entry: Entry,
) -> None:
    loan = loans.get(row["bank_number"])
    if loan is None:
        raise DomainError(_("本行没有这个编号的贷款，请核对。"), code="no_loan")
    earlier = known.get(row["serial"])
    if earlier is not None:
        _require_same(kind, row, loan, earlier)
    elif kind is Drawdown:
        drawing = Drawing(row["serial"], row["amount_fen"], row["on"])
        known[row["serial"]] = book_drawing(loan, drawing, entry)
    else:
        paying = Paying(row["serial"], row["principal_fen"], row["interest_fen"], row["on"])
        known[row["serial"]] = book_paying(loan, paying, entry)


def _require_same(
    kind: type[Drawdown] | type[Repayment], row: Row, loan: LoanApplication, earlier: Any
) -> None:
    if _said(kind, earlier) != (loan.pk, row["on"], *(row[name] for name in FIGURES[kind])):
        raise DomainError(_("这个流水号已登记过，内容不同，请核对。"), code="serial_used")


def _require_not_gone(
    kind: type[Drawdown] | type[Repayment], row: Row, loans: dict[str, LoanApplication], gone: set[Any]
) -> None:
    """A row that was booked and set right since is not booked again because a system repeats itself."""
    loan = loans.get(row["bank_number"])
    said = (loan and loan.pk, row["on"], *(row[name] for name in FIGURES[kind]))
    if (row["serial"], said) in gone:
        words = _("这一笔登记过、已冲正，没有再入账；确实发生的，请在贷款页面登记。")
        raise DomainError(words, code="reversed")


def _said(kind: type[Drawdown] | type[Repayment], row: Any) -> tuple[Any, ...]:
    return (row.loan_id, row.on, *(getattr(row, name) for name in FIGURES[kind]))


def reverse_row(
    kind: type[Drawdown] | type[Repayment], given: Row, *, by: BankActor, at: dt.datetime
) -> LoanApplication:
    """Let a row count no more, by its serial and the loan's number; the loan as it is then.

    Raises DomainError.
    """
    rows = kind.objects.filter(bank=by.bank, serial=given["serial"], loan__bank_number=given["bank_number"])
    mine = rows.filter(loan__in=LoanApplication.objects.visible_to(by)).select_related("loan")
    row = mine.order_by("-live", "-pk").first()
    if row is None:
        raise DomainError(_("本行这笔贷款没有这个流水号，请核对。"), code="no_row")
    reverse(row, given["reason"], by=by, at=at)
    row.loan.refresh_from_db()
    return row.loan
