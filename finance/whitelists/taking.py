"""Results that a bank brings are kept, then booked whole or not at all; the same twice changes nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from finance.lending.holding import require_work
from finance.lending.lists.taking import MOST_BYTES
from finance.lending.lists.workbook import require_workbook
from finance.models import LoanListState, Whitelist, WhitelistResult, WhitelistReturn
from finance.whitelists.pushing import held_for, require_pushed
from finance.whitelists.reading import Line, preview
from portal.kernel.errors import DomainError
from portal.kernel.transitions import adopt, advance
from portal.kernel.uploads import Kind, UploadValidator, display_name

if TYPE_CHECKING:
    from finance.acting import BankActor

_sound = UploadValidator([Kind.XLSX], MOST_BYTES)


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of a file: how many results are new or changed, and how many were so before."""

    new: int
    known: int


@transaction.atomic
def take_in(file: File[Any], held: Whitelist, *, by: BankActor, at: dt.datetime) -> WhitelistReturn:
    """Keep the bytes for a look at them; those that came before are the row they were. Raises DomainError."""
    require_work(by)
    try:
        _sound(file)
    except ValidationError as error:
        raise DomainError("\n".join(error.messages), code="file_refused") from error
    file.seek(0)
    content = file.read()
    require_workbook(content)
    require_pushed(_held(by, held.pk))
    row, _made = WhitelistReturn.objects.get_or_create(
        bank=by.bank,
        whitelist=held,
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "content": content,
            "name": display_name(file.name or ""),
            "by": by.user,
            "received_at": at,
        },
    )
    return row


@transaction.atomic
def book(file: WhitelistReturn, *, by: BankActor, at: dt.datetime) -> Booked:
    """Book every result that is new or changed. Raises ImportRefused with row and column where one is wrong.

    The list is held, then the file: of two who book the same at once the second finds what the first did.
    """
    require_work(by)
    listed = _held(by, file.whitelist_id)
    kept = WhitelistReturn.objects.select_for_update(of=("self",)).filter(pk=file.pk, bank=by.bank).first()
    if kept is None:
        raise DomainError(_("没有这份清单。"), code="gone")
    if kept.state == LoanListState.BOOKED:
        adopt(file, kept)
        return Booked(0, kept.booked + kept.known)
    require_pushed(listed)
    seen = preview(kept)
    seen.require_sound()
    _write(seen.new, by, at)
    changes = {"booked": len(seen.new), "known": seen.known}
    advance(kept, "book", actor=by.user, changes=changes, at=at)
    adopt(file, kept)
    return Booked(len(seen.new), seen.known)


def _held(by: BankActor, pk: int) -> Whitelist:
    held = held_for(by.bank, pk)
    if held is None:
        raise DomainError(_("这份名单没有推送给本行。"), code="not_yours")
    return held


def _write(lines: Sequence[Line], by: BankActor, at: dt.datetime) -> None:
    rows = [
        WhitelistResult(
            entry=line.entry,
            bank=by.bank,
            outcome=line.said.outcome,
            amount_fen=line.said.amount_fen,
            note=line.said.note,
            by=by.user,
            at=at,
        )
        for line in lines
    ]
    WhitelistResult.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["entry", "bank"],
        update_fields=["outcome", "amount_fen", "note", "by", "at"],
    )
