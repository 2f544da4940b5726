"""A list that a bank brings is kept, then booked whole or not at all; the same one twice changes nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from finance.lending.booking import Drawing, Entry, Paying, book_drawing, book_paying
from finance.lending.holding import require_work, take_turns
from finance.lending.lists.reading import Line, Preview, preview
from finance.lending.lists.workbook import require_workbook
from finance.lending.refusals import told
from finance.models import LoanApplication, LoanList, LoanListKind, LoanListState
from portal.kernel.errors import DomainError
from portal.kernel.transitions import adopt, advance
from portal.kernel.uploads import MEGABYTE, Kind, UploadValidator, display_name

if TYPE_CHECKING:
    from typing import Any

    from finance.acting import BankActor

MOST_BYTES: Final = 5 * MEGABYTE
_sound: Final = UploadValidator([Kind.XLSX], MOST_BYTES)


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of a list: how many lines were booked now, and how many were in the books before."""

    new: int
    known: int


def take_in(file: File[Any], kind: str, *, by: BankActor, at: dt.datetime) -> LoanList:
    """Keep the bytes for a look at them; those that came before are the row they were. Raises DomainError."""
    require_work(by)
    try:
        _sound(file)
    except ValidationError as error:
        raise DomainError("\n".join(error.messages), code="file_refused") from error
    file.seek(0)
    content = file.read()
    require_workbook(content)
    row, _made = LoanList.objects.get_or_create(
        bank=by.bank,
        kind=kind,
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "content": content,
            "name": display_name(file.name or ""),
            "by": by.user,
            "received_at": at,
        },
    )
    return row


def book(file: LoanList, *, by: BankActor, at: dt.datetime) -> Booked:
    """Book every new line of the list. Raises ImportRefused with row and column where one is wrong.

    The list is locked, then come the turns of its firms, then its loans, each in the order of their ids: of
    two who book the same at once, or lists that speak of the same loans, the second one finds what the first
    one did.
    """
    require_work(by)
    with told():
        held = LoanList.objects.select_for_update().filter(pk=file.pk, bank=by.bank).first()
        if held is None:
            raise DomainError(_("没有这份清单。"), code="gone")
        if held.state == LoanListState.BOOKED:
            adopt(file, held)
            return Booked(0, held.booked + held.known)
        seen = _judged(held, by, at)
        _book_lines(held, seen, Entry(by, at, held))
        changes = {"booked": len(seen.new), "known": seen.known}
        advance(held, "book", actor=by.user, changes=changes, at=at)
    adopt(file, held)
    return Booked(len(seen.new), seen.known)


def _judged(held: LoanList, by: BankActor, at: dt.datetime) -> Preview:
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


def _book_lines(held: LoanList, seen: Preview, entry: Entry) -> None:
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
