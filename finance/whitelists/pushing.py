"""Confirming a list, pushing it to banks, and what banks report of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance.models import Bank, Whitelist, WhitelistEntry, WhitelistResult, WhitelistState
from finance.models.whitelist import EntryOutcome
from finance.whitelists.duties import CONFIRMING
from finance.whitelists.excluding import EXCLUDED, RESTORED
from finance.whitelists.telling import tell_banks, tell_firms, tell_results
from portal.accounts.duties import require_duty
from portal.kernel.errors import DomainError
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from finance.acting import BankActor
    from portal.accounts.models import User


MOST_WORDS: Final = 300
"""Characters of a bank's note."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a bank says of an entry; `amount_fen` when it granted credit."""

    outcome: str
    amount_fen: int | None = None
    note: str = ""


def digest_of_list(held: Whitelist) -> str:
    """SHA-256 over who is on it and why: enterprise and digest of the evidence, in their order."""
    rows = held.entries.filter(excluded="").order_by("pk").values_list("enterprise", "digest")
    return hashlib.sha256("".join(f"{pk}|{digest}\n" for pk, digest in rows).encode()).hexdigest()


def confirm(listed: Whitelist, *, by: User, at: dt.datetime, seen: str | None = None) -> None:
    """Answer for the list, as another person than who drew it up or changed it. Raises DomainError.

    `seen` is the digest of the list that the person looked at. Under the list's lock, which whoever takes an
    enterprise off it takes too: what is confirmed is what is there.
    """
    require_duty(by, listed.department, *CONFIRMING)
    with transaction.atomic():
        held = _hold(listed)
        if held.drafted_by_id == by.pk:
            raise DomainError(_("提出的人不能自己确认，请由另一人办理。"), code="four_eyes")
        if held.events.filter(actor=by, name__in=(EXCLUDED, RESTORED)).exists():
            raise DomainError(_("您增减过名单上的企业，请由另一人确认。"), code="own_hand")
        if not held.entries.filter(excluded="").exists():
            raise DomainError(_("名单上没有企业，请结束它。"), code="empty")
        if seen is not None and seen != digest_of_list(held):
            raise DomainError(_("名单刚才有变动，请核对下面的企业后再确认。"), code="stale")
        advance(held, "confirm", actor=by, changes={"confirmed_by": by, "confirmed_at": at}, at=at)
    adopt(listed, held)


def push(listed: Whitelist, banks: Sequence[Bank], *, by: User, at: dt.datetime) -> None:
    """Give it to banks and tell their people, and the enterprises on it. Raises DomainError."""
    require_duty(by, listed.department, *CONFIRMING)
    if not banks:
        raise DomainError(_("请选择推送给哪些银行。"), code="no_bank")
    with transaction.atomic():
        held = _hold(listed)
        if held.state == WhitelistState.CONFIRMED:  # else `advance` says why not
            held.banks.set(banks)
        advance(held, "push", actor=by, changes={"pushed_at": at}, at=at)
        tell_banks(held, banks, at)
        tell_firms(held, banks)
    adopt(listed, held)


def close(held: Whitelist, *, by: User, at: dt.datetime) -> None:
    """Banks report no more. Raises DomainError."""
    require_duty(by, held.department, *CONFIRMING)
    advance(held, "close", actor=by, at=at)


def report(entry: WhitelistEntry, said: Report, *, by: BankActor, at: dt.datetime) -> WhitelistResult:
    """Write down or correct what the bank came to; the enterprise is told of news. Raises DomainError."""
    if said.outcome not in EntryOutcome.values:
        raise DomainError(_("请选择结果。"), code="no_outcome")
    if not amount_agrees(said):
        raise DomainError(_("已授信的须填写授信金额，其他结果不填。"), code="amount")
    with transaction.atomic():
        held = held_for(by.bank, entry.whitelist_id)
        if entry.excluded or held is None:
            raise DomainError(_("这家企业没有推送给本行。"), code="not_yours")
        require_pushed(held)
        values = {"outcome": said.outcome, "amount_fen": said.amount_fen, "note": said.note[:MOST_WORDS]}
        result, _new = WhitelistResult.objects.update_or_create(
            entry=entry, bank=by.bank, defaults=values | {"by": by.user, "at": at}
        )
        tell_results([result])
    return result


def amount_agrees(said: Report) -> bool:
    """Whether an amount is there where credit was granted, and nowhere else, not even a zero."""
    if said.outcome != EntryOutcome.GRANTED:
        return said.amount_fen is None
    return said.amount_fen is not None and said.amount_fen > 0


def held_for(bank: Bank, pk: int) -> Whitelist | None:
    """A list that was pushed to the bank, held against whoever ends it."""
    return Whitelist.objects.select_for_update(of=("self",)).filter(pk=pk, banks=bank).first()


def require_pushed(held: Whitelist) -> None:
    """Raises DomainError once banks answer no more."""
    if held.state != WhitelistState.PUSHED:
        raise DomainError(_("名单已结束，不再填报。"), code="closed")


def _hold(listed: Whitelist) -> Whitelist:
    rows = Whitelist.objects.select_related("department")
    return rows.select_for_update(of=("self",)).get(pk=listed.pk)
