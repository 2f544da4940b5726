"""The bank's way from an application to a contract: each step by somebody of the bank, with its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending import deadlines, telling
from finance.lending.consenting import require_consent
from finance.lending.ending import end_consent
from finance.lending.holding import hold, require_bank, require_manager
from finance.lending.refusals import told
from finance.lending.story import bank_files
from finance.lending.terms import surprises
from finance.models import LoanApplication, LoanFile, ProductVersion
from finance.models.loan_states import ENDED, EXAMINED, LENT, LoanState
from finance.models.product import HIGHEST_RATE, MOST_MONTHS
from finance.models.vocabulary import Repayment
from finance.rates import format_rate
from portal.kernel.errors import DomainError
from portal.kernel.language import clauses, in_language_of_record
from portal.kernel.money import format_money
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from django.core.files.base import File

    from finance.acting import BankActor

MOST_FILES = 40


@dataclass(frozen=True, slots=True)
class Approval:
    """How much at what rate (percent a year) for how long; of what was grabbed, maybe under which product.

    `method`: how it is paid back, as in `Repayment`; empty where that was not agreed: it has no plan then.
    """

    amount_fen: int
    rate: Decimal
    months: int
    version: ProductVersion | None = None
    method: str = ""
    sure: bool = False
    """That terms beyond the product's or the enterprise's are meant (see `terms.surprises`)."""


def accept(loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> None:
    """Take it on; who does is the one the enterprise talks to. Raises DomainError."""

    def work(held: LoanApplication) -> None:
        event = advance(held, "accept", actor=by.user, changes={"officer": by.user}, public=True, at=at)
        with in_language_of_record():
            telling.tell_enterprise(held, event, _("%(bank)s已受理您的贷款申请") % {"bank": held.bank})

    _step(loan, by, at, work)


def decline(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime) -> None:
    """Not take it on; the enterprise is told why and may open it to all banks. Raises DomainError."""
    _require_words(reason)

    def work(held: LoanApplication) -> None:
        if held.bank is not None and held.mode == "open":
            raise DomainError(_("抢来的申请不能退回，不能办的请写明理由不予批准。"), code="grabbed")
        event = advance(held, "decline", actor=by.user, comment=reason.strip(), public=True, at=at)
        with in_language_of_record():
            words = _("%(bank)s没有受理您的贷款申请，可一键改为面向全部银行") % {"bank": held.bank}
            telling.tell_enterprise(held, event, words, _("原因：%(reason)s") % {"reason": reason.strip()})
            end_consent(held, _("银行未受理"), at=at)

    _step(loan, by, at, work)


def investigate(loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> None:
    """Begin with due diligence. Raises DomainError."""

    def work(held: LoanApplication) -> None:
        changes = {} if held.officer_id else {"officer": by.user}
        event = advance(held, "investigate", actor=by.user, changes=changes, public=True, at=at)
        with in_language_of_record():
            telling.tell_enterprise(held, event, _("%(bank)s开始尽职调查，请配合") % {"bank": held.bank})

    _step(loan, by, at, work)


def approve(loan: LoanApplication, given: Approval, *, by: BankActor, at: dt.datetime) -> None:
    """Say yes: an amount up to what was asked, a rate, a term.

    Raises DomainError: `unusual` (see `sure`), `consent_ended` where the enterprise must consent anew first.
    """

    def work(held: LoanApplication) -> None:
        require_consent(held, at)
        _require_approval(held, given)
        changes: dict[str, Any] = {
            "approved_fen": given.amount_fen,
            "approved_rate": given.rate,
            "approved_months": given.months,
            "approved_at": at,
        }
        if given.version is not None and held.product_version_id is None:
            if given.version.product.bank_id != held.bank_id:
                raise DomainError(_("请选本行的产品。"), code="product")
            changes["product_version"] = held.product_version = given.version
        changes["method"] = given.method
        event = advance(held, "approve", actor=by.user, changes=changes, public=True, at=at)
        with in_language_of_record():
            words = _("%(bank)s批准了您的贷款：%(amount)s，年利率 %(rate)s，%(months)d 个月") % {
                "bank": held.bank,
                "amount": format_money(given.amount_fen),
                "rate": format_rate(given.rate),
                "months": given.months,
            }
            telling.tell_enterprise(held, event, words, _("请尽快与银行签约，逾期批准失效。"))

    _step(loan, by, at, work)


def refuse(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime) -> None:
    """Say no, with the reason that the enterprise reads. Raises DomainError."""
    _require_words(reason)

    def work(held: LoanApplication) -> None:
        event = advance(held, "refuse", actor=by.user, comment=reason.strip(), public=True, at=at)
        with in_language_of_record():
            words = _("%(bank)s没有批准您的贷款申请") % {"bank": held.bank}
            telling.tell_enterprise(held, event, words, _("理由：%(reason)s") % {"reason": reason.strip()})
            end_consent(held, _("申请未获批准"), at=at)

    _step(loan, by, at, work)


def sign(
    loan: LoanApplication,
    bank_number: str,
    on: dt.date,
    *,
    by: BankActor,
    at: dt.datetime,
    renews: LoanApplication | None = None,
) -> None:
    """The contract, under the bank's own number; `renews` is the loan that it renews.

    Raises DomainError: `consent_ended` where the enterprise must consent anew first.
    """
    number = bank_number.strip()
    if not number:
        raise DomainError(_("请填写本行的贷款编号。"), code="no_number")

    def work(held: LoanApplication) -> None:
        require_consent(held, at)
        _require_day(held, on, at)
        changes = {"bank_number": number, "signed_on": on, "renews": renews}
        event = advance(held, "sign", actor=by.user, changes=changes, public=True, at=at)
        with in_language_of_record():
            telling.tell_enterprise(held, event, _("与%(bank)s的贷款合同已签订") % {"bank": held.bank})

    _step(loan, by, at, work)


def take_back(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime) -> None:
    """There is no contract after all: the manager says why, a pool lets go. Raises DomainError.

    What was approved stands written; it counts as refused, for an approval that does not hold is none.
    """
    _require_words(reason)

    def work(held: LoanApplication) -> None:
        require_manager(by)
        event = advance(held, "take_back", actor=by.user, comment=reason.strip(), public=True, at=at)
        with in_language_of_record():
            words = _("%(bank)s撤回了对您贷款的批准，不再签约") % {"bank": held.bank}
            telling.tell_enterprise(held, event, words, _("原因：%(reason)s") % {"reason": reason.strip()})
            end_consent(held, _("批准已撤回"), at=at)

    _step(loan, by, at, work)


def call_off(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime) -> None:
    """No money goes out under the contract: the manager says why, a pool lets go. Raises DomainError."""
    _require_words(reason)

    def work(held: LoanApplication) -> None:
        require_manager(by)
        event = advance(held, "call_off", actor=by.user, comment=reason.strip(), public=True, at=at)
        with in_language_of_record():
            words = _("与%(bank)s的贷款合同已终止，不再放款") % {"bank": held.bank}
            telling.tell_enterprise(held, event, words, _("原因：%(reason)s") % {"reason": reason.strip()})
            end_consent(held, _("合同终止，不再放款"), at=at)

    _step(loan, by, at, work)


def note(loan: LoanApplication, text: str, *, by: BankActor, at: dt.datetime) -> None:
    """Write down what was found; only the bank's people read it. Raises DomainError."""
    if not text.strip():
        raise DomainError(_("请写下情况。"), code="says_nothing")
    with told():
        held = hold(loan)
        require_bank(by, held)
        held.events.create(
            actor=by.user,
            at=at,
            name="note",
            source=held.state,
            target=held.state,
            comment=text.strip(),
        )


def attach(loan: LoanApplication, file: File[Any], *, by: BankActor, at: dt.datetime) -> LoanFile:
    """Keep a file of the due diligence. Raises DomainError."""
    kept = LoanFile.taken_in(file, loan=loan, bank=by.bank, added_by=by.user)
    kept.added_at = at
    with told():
        held = hold(loan)
        require_bank(by, held)
        if held.state in ENDED:
            raise DomainError(_("这笔申请已结束，不再收材料。"), code="not_now")
        if bank_files(held).count() >= MOST_FILES:
            raise DomainError(
                _("一笔申请最多 %(most)d 个文件。") % {"most": MOST_FILES}, code="too_many_files"
            )
        kept.save()
    return kept


def renewable(loan: LoanApplication) -> list[LoanApplication]:
    """Loans of the enterprise from the bank that this one may renew, the newest first."""
    earlier = LoanApplication.objects.filter(enterprise=loan.enterprise_id, bank=loan.bank_id, state__in=LENT)
    return list(earlier.exclude(pk=loan.pk).order_by("-drawn_on", "-pk")[:20])


def _step(
    loan: LoanApplication, by: BankActor, at: dt.datetime, work: Callable[[LoanApplication], None]
) -> None:
    """Hold the loan, see that it is the bank's, do the work, turn the clocks: all or nothing."""
    with told():
        held = hold(loan)
        require_bank(by, held)
        work(held)
        deadlines.turn(held, at=at)
    adopt(loan, held)


def _require_words(reason: str) -> None:
    if not reason.strip():
        raise DomainError(_("请写明原因，企业会看到。"), code="no_reason")


def _require_approval(held: LoanApplication, given: Approval) -> None:
    if held.state in EXAMINED and not 0 < given.amount_fen <= held.amount_fen:
        raise DomainError(
            _("批准金额须大于零、不超过申请的 %(asked)s。") % {"asked": format_money(held.amount_fen)},
            code="amount",
        )
    if given.method and given.method not in Repayment.values:
        raise DomainError(_("请选择还款方式。"), code="method")
    if not 0 < given.rate <= HIGHEST_RATE:
        raise DomainError(_("年利率须大于 0、不超过 36（单位 %）。"), code="rate")
    if not 1 <= given.months <= MOST_MONTHS:
        raise DomainError(_("期限为 1 至 %(most)d 个月。") % {"most": MOST_MONTHS}, code="term")
    if not given.sure and (found := surprises(held, given)):
        said = _("%(what)s。请核对；确实如此的，请勾选“已核对无误”再批准。")
        raise DomainError(said % {"what": clauses(found)}, code="unusual")


def _require_day(held: LoanApplication, on: dt.date, at: dt.datetime) -> None:
    if on > timezone.localdate(at):
        raise DomainError(_("签约日不能晚于今天。"), code="future")
    approved = held.approved_at
    if held.state == LoanState.APPROVED and approved and on < timezone.localdate(approved):
        raise DomainError(_("签约日不能早于批准日。"), code="too_early")
