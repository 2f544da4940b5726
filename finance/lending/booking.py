"""Money of a loan as its bank tells of it: out, back, late, lost. Never more out than was approved.

The sums are the database's: a trigger adds up, a CHECK refuses. Here is decided what it means for the loan.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending import deadlines, plans, telling, terms
from finance.lending.ending import end_consent
from finance.lending.holding import hold, require_bank, require_manager, take_turns
from finance.lending.marks import mark_of, renewals_again
from finance.lending.plans import months_later
from finance.lending.refusals import told
from finance.models import Drawdown, LoanApplication, LoanList, Repayment
from finance.models.loan_states import OWED, LoanState
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from finance.acting import BankActor

S = LoanState


@dataclass(frozen=True, slots=True)
class Drawing:
    """Money that went out: the bank's own serial number, fen, day; `sure`: though it is very little."""

    serial: str
    amount_fen: int
    on: dt.date
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Paying:
    """Money that came back: the bank's own serial number, principal and interest in fen, day.

    `sure`: though it is very little.
    """

    serial: str
    principal_fen: int
    interest_fen: int
    on: dt.date
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """By whom something is booked, when, and from which list."""

    by: BankActor
    at: dt.datetime
    source: LoanList | None = None


def draw(loan: LoanApplication, drawing: Drawing, *, by: BankActor, at: dt.datetime) -> Drawdown:
    """Book money that went out. Raises DomainError above the approval, and for a serial that is used.

    `unusual`: it is so little that another unit may be meant (see `Drawing.sure`).
    """
    with told():
        take_turns([loan.enterprise_id])
        held = hold(loan)
        require_bank(by, held)
        if not drawing.sure:
            terms.require_plausible_drawing(held, drawing.amount_fen)
        drawn = book_drawing(held, drawing, Entry(by, at))
    adopt(loan, held)
    return drawn


def repay(loan: LoanApplication, paying: Paying, *, by: BankActor, at: dt.datetime) -> Repayment:
    """Book money that came back; with the last of the principal the loan is repaid.

    Raises DomainError; `unusual`: it is so little that another unit may be meant (see `Paying.sure`).
    """
    with told():
        held = hold(loan)
        require_bank(by, held)
        if not paying.sure:
            fen = paying.principal_fen + paying.interest_fen
            terms.require_plausible_paying(held, fen, timezone.localdate(at))
        repaid = book_paying(held, paying, Entry(by, at))
    adopt(loan, held)
    return repaid


def book_drawing(held: LoanApplication, drawing: Drawing, entry: Entry) -> Drawdown:
    """As `draw`, of a loan that is held by the caller after its `take_turns`, inside `told`."""
    _require_past(drawing.on, entry.at)
    if drawing.amount_fen <= 0:
        raise DomainError(_("放款金额须大于零。"), code="amount")
    if held.state not in (S.SIGNED, S.DRAWN, S.REPAYING):
        raise DomainError(_("这笔贷款还没有签约，或已结清、逾期，不能放款。"), code="not_now")
    if drawing.amount_fen > held.undrawn_fen:
        raise DomainError(
            _("放款合计会超过批准的 %(approved)s，最多还能放 %(left)s，没有入账。")
            % {"approved": format_money(held.approved_fen or 0), "left": format_money(held.undrawn_fen)},
            code="above_approval",
        )
    if held.state == S.SIGNED:
        _begin(held, drawing, entry)
    made = Drawdown.objects.create(
        loan=held,
        bank=entry.by.bank,
        serial=drawing.serial.strip(),
        amount_fen=drawing.amount_fen,
        on=drawing.on,
        source=entry.source,
        by=entry.by.user,
        at=entry.at,
    )
    held.drawn_fen += drawing.amount_fen
    plans.lay_out(held, at=entry.at)
    deadlines.turn(held, at=entry.at)
    return made


def book_paying(held: LoanApplication, paying: Paying, entry: Entry) -> Repayment:
    """As `repay`, of a loan that is held by the caller, inside `told`."""
    _require_past(paying.on, entry.at)
    if min(paying.principal_fen, paying.interest_fen) < 0 or not (paying.principal_fen + paying.interest_fen):
        raise DomainError(_("还款须有本金或利息，不能为负。"), code="amount")
    if held.state not in OWED:
        raise DomainError(_("这笔贷款没有待还的本金，请核对编号。"), code="not_now")
    if held.drawn_on and paying.on < held.drawn_on:
        raise DomainError(
            _("还款日早于首次放款日 %(day)s，没有入账。") % {"day": held.drawn_on}, code="before_drawn"
        )
    if paying.principal_fen > held.owed_fen:
        raise DomainError(
            _("归还本金超过余额 %(owed)s，没有入账。") % {"owed": format_money(held.owed_fen)},
            code="above_drawn",
        )
    if paying.interest_fen > held.drawn_fen:
        raise DomainError(
            _("利息 %(interest)s 比放款总额还多，请核对金额和单位，没有入账。")
            % {"interest": format_money(paying.interest_fen)},
            code="interest",
        )
    if held.state == S.DRAWN:
        advance(held, "repay", actor=entry.by.user, public=True, at=entry.at)
    made = Repayment.objects.create(
        loan=held,
        bank=entry.by.bank,
        serial=paying.serial.strip(),
        principal_fen=paying.principal_fen,
        interest_fen=paying.interest_fen,
        on=paying.on,
        source=entry.source,
        by=entry.by.user,
        at=entry.at,
    )
    held.repaid_fen += paying.principal_fen
    renewals_again(held, at=entry.at)
    if held.owed_fen == 0 and held.undrawn_fen == 0:
        close(held, actor=entry.by.user, at=entry.at)
    else:
        plans.lay_out(held, at=entry.at)
        make_up(held, at=entry.at)
        deadlines.turn(held, at=entry.at)
    return made


def settle(loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> None:
    """All that went out is back; the rest of the approval is let go. Raises DomainError."""
    with told():
        held = hold(loan)
        require_bank(by, held)
        if held.owed_fen:
            raise DomainError(
                _("还有本金 %(owed)s 没有归还，不能结清。") % {"owed": format_money(held.owed_fen)},
                code="owed",
            )
        close(held, actor=by.user, at=at)
    adopt(loan, held)


def close(held: LoanApplication, *, actor: object, at: dt.datetime) -> None:
    """As `settle`, of a loan that is held by the caller and owes nothing; `actor` None is the system."""
    event = advance(held, "settle", actor=actor, public=True, at=at)
    deadlines.turn(held, at=at)
    with in_language_of_record():
        telling.tell_enterprise(held, event, _("贷款已结清，感谢您守信还款"))
        end_consent(held, _("贷款已结清"), at=at)


def miss(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime, sure: bool = False) -> None:
    """The enterprise is behind with what it owes, so the bank says.

    Raises DomainError; `unusual`: by the plan nothing due is unpaid, and the bank has not said why, or not
    that it is `sure`. The event keeps that it was.
    """
    comment = reason.strip()
    with told():
        held = hold(loan)
        require_bank(by, held)
        if terms.goes_by_plan(held, timezone.localdate(at)):
            terms.require_meant(comment, sure=sure)
            with in_language_of_record():
                comment = _("%(reason)s（登记时按计划没有到期未还的款项，银行已核对）") % {"reason": comment}
        fall_behind(held, comment, actor=by.user, at=at)
    adopt(loan, held)


def fall_behind(held: LoanApplication, reason: str, *, actor: object, at: dt.datetime) -> None:
    """As `miss`, of a loan that is held by the caller; `actor` None is the system, on the day of maturity.

    Raises DomainError where nothing is owed: nobody is behind with nothing.
    """
    if not held.owed_fen:
        raise DomainError(_("这笔贷款没有未还的本金，不是逾期；不再放款的请结清。"), code="nothing_owed")
    event = advance(held, "miss", actor=actor, comment=reason, public=True, at=at)
    deadlines.turn(held, at=at)
    with in_language_of_record():
        said = {"owed": format_money(held.owed_fen), "bank": held.bank}
        words = _("贷款已逾期，尚欠本金 %(owed)s，请尽快与%(bank)s联系") % said
        telling.tell_enterprise(held, event, words)
        telling.tell_bank(held, event, _("贷款已逾期，请跟进催收"))


def recover(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime) -> None:
    """What was behind is made up for, or newly agreed. Raises DomainError."""
    with told():
        held = hold(loan)
        require_bank(by, held)
        if held.matures_on and held.matures_on <= timezone.localdate(at):
            raise DomainError(_("贷款已到期，还清本金才算恢复。"), code="matured")
        event = advance(held, "recover", actor=by.user, comment=reason.strip(), public=True, at=at)
        deadlines.turn(held, at=at)
        with in_language_of_record():
            telling.tell_enterprise(held, event, _("贷款已恢复正常还款"))
    adopt(loan, held)


@in_language_of_record()
def make_up(held: LoanApplication, *, at: dt.datetime) -> None:
    """Nobody is behind with nothing: an overdue loan that owes nothing any more is so no longer."""
    if held.state == S.OVERDUE and not held.owed_fen:
        words = _("已没有未还的本金")
        event = advance(held, "recover", actor=None, comment=words, public=True, at=at)
        telling.tell_enterprise(held, event, _("贷款没有未还的本金，不再是逾期"))


def write_off(loan: LoanApplication, reason: str, *, by: BankActor, at: dt.datetime) -> None:
    """The bank counts what is owed as lost; its manager says why. Raises DomainError."""
    if not reason.strip():
        raise DomainError(_("核销须写明依据。"), code="no_reason")
    with told():
        held = hold(loan)
        require_bank(by, held)
        require_manager(by)
        advance(held, "write_off", actor=by.user, comment=reason.strip(), at=at)
        deadlines.turn(held, at=at)
        with in_language_of_record():
            end_consent(held, _("贷款已核销"), at=at)
    adopt(loan, held)


def _begin(held: LoanApplication, drawing: Drawing, entry: Entry) -> None:
    """The first money: from now on it is a loan, of one kind or another; of two at once one is the first."""
    take_turns([held.enterprise_id])  # which the caller has
    lent = LoanApplication.objects.filter(enterprise=held.enterprise_id).lent()
    renewed = lent.filter(renewals=held).first()  # nothing may have gone out of it after all
    mark = mark_of(
        lent_before=lent.exclude(pk=held.pk).exists(),
        renews=renewed is not None,
        still_owed_fen=renewed.owed_fen if renewed else 0,
    )
    changes = {
        "drawn_on": drawing.on,
        "matures_on": months_later(drawing.on, held.approved_months or 0),
        "mark": mark,
    }
    event = advance(held, "draw", actor=entry.by.user, changes=changes, public=True, at=entry.at)
    with in_language_of_record():
        said = {"bank": held.bank, "amount": format_money(drawing.amount_fen)}
        words = _("%(bank)s已放款 %(amount)s") % said
        telling.tell_enterprise(held, event, words, _("到期日 %(day)s。") % {"day": held.matures_on})


def _require_past(on: dt.date, at: dt.datetime) -> None:
    if on > timezone.localdate(at):
        raise DomainError(_("日期不能晚于今天。"), code="future")
