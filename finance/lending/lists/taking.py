"""A list that a bank brings is kept, then booked whole or not at all; the same one twice changes nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.files.base import File

from finance.lending.booking import Drawing, Entry, Paying, book_drawing, book_paying
from finance.lending.holding import require_work, take_turns
from finance.lending.lists.reading import Line, ListPreview, preview
from finance.lending.lists.workbook import content_of
from finance.lending.refusals import told
from finance.models import LoanApplication, LoanList, LoanListKind
from portal.kernel import brought
from portal.kernel.brought import Booked

if TYPE_CHECKING:
    from typing import Any

    from finance.acting import BankActor


def take_in(file: File[Any], kind: str, *, by: BankActor, at: dt.datetime) -> LoanList:
    """Keep the bytes for a look at them; those that came before are the row they were. Raises DomainError."""
    require_work(by)
    return LoanList.kept(content_of(file), file.name or "", by=by.user, at=at, bank=by.bank, kind=kind)


def book(file: LoanList, *, by: BankActor, at: dt.datetime) -> Booked:
    """Book every new line of the list. Raises ImportRefused with row and column where one is wrong.

    The list is locked, then come the turns of its firms, then its loans, each in the order of their ids: of
    two who book the same at once, or lists that speak of the same loans, the second one finds what the first
    one did.
    """
    require_work(by)

    def work(held: LoanList) -> ListPreview:
        seen = _judged(held, by, at)
        _book_lines(held, seen, Entry(by, at, held))
        return seen

    with told():
        return brought.book(LoanList.objects.filter(bank=by.bank), file, work, by=by.user, at=at)


def _judged(held: LoanList, by: BankActor, at: dt.datetime) -> ListPreview:
    """The list against loans that nobody else changes any more. Raises ImportRefused."""
    first = preview(held, by=by, at=at)
    first.require_sound()
    loans = {line.loan.pk for line in first.lines if line.loan is not None}
    if held.kind == LoanListKind.DRAWDOWNS:
        take_turns(line.loan.enterprise_id for line in first.lines if line.loan is not None)
    locked = LoanApplication.objects.select_for_update(of=("self",)).filter(pk__in=loans).order_by("pk")
    list(locked.values_list("pk"))
    again = preview(held, by=by, at=at)
    again.require_sound()
    return again


def _book_lines(held: LoanList, seen: ListPreview, entry: Entry) -> None:
    rows = LoanApplication.objects.select_related("enterprise", "bank", "consent__given_by", "renews")
    loans = {loan.pk: loan for loan in rows.filter(pk__in={line.loan.pk for line in seen.new if line.loan})}
    for line in seen.new:
        if line.loan is not None:
            _book_line(loans[line.loan.pk], line, held.kind, entry)


def _book_line(loan: LoanApplication, line: Line, kind: str, entry: Entry) -> None:
    if kind == LoanListKind.DRAWDOWNS:
        book_drawing(loan, Drawing(line.serial, line.fen, line.on), entry)
    else:
        book_paying(loan, Paying(line.serial, line.fen, line.interest_fen, line.on), entry)
