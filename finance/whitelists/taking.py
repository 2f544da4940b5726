"""Results that a bank brings are kept, then booked whole or not at all; the same twice changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from finance.lending.holding import require_work
from finance.lending.lists.workbook import content_of
from finance.models import Whitelist, WhitelistResult, WhitelistReturn
from finance.whitelists.pushing import held_for, require_pushed
from finance.whitelists.reading import Line, preview
from finance.whitelists.telling import tell_results
from portal.kernel import brought
from portal.kernel.brought import Booked, Preview
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from finance.acting import BankActor


@transaction.atomic
def take_in(file: File[Any], held: Whitelist, *, by: BankActor, at: dt.datetime) -> WhitelistReturn:
    """Keep the bytes for a look at them; those that came before are the row they were. Raises DomainError."""
    require_work(by)
    content = content_of(file)
    require_pushed(_held(by, held.pk))
    name = file.name or ""
    return WhitelistReturn.kept(content, name, by=by.user, at=at, bank=by.bank, whitelist=held)


@transaction.atomic
def book(file: WhitelistReturn, *, by: BankActor, at: dt.datetime) -> Booked:
    """Book every result that is new or changed. Raises ImportRefused with row and column where one is wrong.

    The list is held, then the file: of two who book the same at once the second finds what the first did.
    """
    require_work(by)
    listed = _held(by, file.whitelist_id)

    def work(kept: WhitelistReturn) -> Preview[Line]:
        require_pushed(listed)
        seen = preview(kept)
        seen.require_sound()
        _write(seen.new, by, at)
        return seen

    return brought.book(WhitelistReturn.objects.filter(bank=by.bank), file, work, by=by.user, at=at)


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
    tell_results(rows)
