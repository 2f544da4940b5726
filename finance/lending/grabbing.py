"""Taking what is open to all banks (抢单): the loan's row lock decides, a unique row keeps it.

Whoever waits for the lock finds it taken and is told by whom and since when. The consent, given to whichever
bank takes it, finds its grantee in the same transaction, and if that fails nobody has taken anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from enterprises.codes import section_of
from enterprises.consents import granting
from enterprises.models import Industry
from finance.lending import deadlines, telling
from finance.lending.consenting import may_read
from finance.lending.grantees import grantee_of
from finance.lending.holding import hold, require_work
from finance.lending.refusals import told
from finance.models import LoanApplication, LoanGrab
from finance.models.loan_states import UNDERWAY, LoanState
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from finance.acting import BankActor


@dataclass(frozen=True, slots=True)
class Taken:
    """How it ended: whether the caller's bank has the loan, else who got it and when."""

    won: bool
    holder: str
    at: dt.datetime


def take(loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> Taken:
    """Take an open application for the bank. The winner who asks again has won.

    Raises DomainError when nobody can have it any more, or this bank may not (a viewer, an application of
    the same enterprise under way there, no grantee). Who asks is not to be guessed from the refusal: an
    application under way is said in the words of one that is gone.
    """
    require_work(by)
    try:
        return _take(loan, by, at)
    except DomainError as error:
        if error.code == "duplicate":
            raise _gone() from error
        raise


def section_names(industries: Collection[str]) -> dict[str, str]:
    """What banks are told of industries (codes) before they take an application: their section, in words."""
    sections = {code: section_of(code) for code in industries}
    names = dict(Industry.objects.filter(pk__in=set(sections.values()) - {None}).values_list("pk", "name"))
    return {code: names.get(section or "", "") for code, section in sections.items()}


def section_name(industry: str) -> str:
    """As `section_names`, of one."""
    return section_names([industry])[industry]


def _take(loan: LoanApplication, by: BankActor, at: dt.datetime) -> Taken:
    with told():
        held = hold(loan)
        earlier = LoanGrab.objects.select_related("bank").filter(loan=held).first()
        if earlier is not None:
            return Taken(earlier.bank_id == by.bank.pk, earlier.bank.name, earlier.at)
        _require_open(held, at)
        _require_fit(held, by)
        assert held.consent is not None  # noqa: S101 - the constraint finance_loan_with_consent
        granting.assign(held.consent, grantee_of(by.bank), at=at)
        changes = {"bank": by.bank, "branch": by.branch, "officer": by.user}
        event = advance(
            held, "take", actor=by.user, changes=changes, comment=by.bank.name, public=True, at=at
        )
        LoanGrab.objects.create(loan=held, bank=by.bank, by=by.user, at=at)
        deadlines.turn(held, at=at)
        with in_language_of_record():
            words = _("%(bank)s接了您的贷款申请，将与您联系") % {"bank": by.bank.name}
            telling.tell_enterprise(held, event, words)
    adopt(loan, held)
    return Taken(True, by.bank.name, at)


def _require_open(held: LoanApplication, at: dt.datetime) -> None:
    """Raises DomainError for what has a bank or waits for its enterprise to consent anew."""
    if held.state != LoanState.SUBMITTED or held.bank_id is not None or not may_read(held, at):
        raise _gone()


def _gone() -> DomainError:
    return DomainError(_("这笔需求已不在大厅里，请看其他的。"), code="closed")


def _require_fit(held: LoanApplication, by: BankActor) -> None:
    if not by.bank.live:
        raise DomainError(_("贵行不在平台上线，不能接单，请联系平台。"), code="not_live")
    underway = LoanApplication.objects.filter(enterprise=held.enterprise_id, bank=by.bank, state__in=UNDERWAY)
    if underway.exists():
        raise _gone()
