"""What was booked wrong counts no more (冲正): the row stands, a reversal says why, the loan is as before.

A reversal is refused, in words, where something was built on what it takes back: a pool's claim, a pool that
has let go of the loan, a loan that renews it. The bank's serial may be booked again, with what is right.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending import deadlines, plans, telling
from finance.lending.booking import fall_behind, make_up
from finance.lending.holding import hold, require_bank, take_turns
from finance.lending.marks import first_again, renewals_again
from finance.lending.plans import months_later
from finance.lending.refusals import told
from finance.models import Drawdown, LoanApplication, LoanReversal, PoolClaim, ReleaseReason, Repayment
from finance.models.loan_clock import MATURE
from finance.models.loan_states import OWED, PAYING, LoanState
from finance.models.pool_cover import ClaimState
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.money import exact_money
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from finance.acting import BankActor

S = LoanState


def reverse(row: Drawdown | Repayment, reason: str, *, by: BankActor, at: dt.datetime) -> LoanReversal:
    """Let it count no more. Raises DomainError without a reason, twice, and where more was built on it."""
    if not reason.strip():
        raise DomainError(_("请写明冲正的原因，企业会看到。"), code="no_reason")
    with told():
        if isinstance(row, Drawdown):  # before the loan: who marks its first one holds others of the firm's
            take_turns([row.loan.enterprise_id])
        held = hold(row.loan)
        require_bank(by, held)
        _require_standing(row)
        _require_nothing_built(held)
        _tell(held, row, reason.strip(), by, at)
        was_matured = _matured(held, at)
        if isinstance(row, Drawdown):
            made = _take_back_drawdown(held, row, LoanReversal(drawdown=row, reason=reason.strip()), by, at)
        else:
            made = _take_back_repayment(held, row, LoanReversal(repayment=row, reason=reason.strip()), by, at)
        renewals_again(held, at=at)
        plans.lay_out(held, at=at)
        _decide_again(held, was_matured=was_matured, at=at)
        deadlines.turn(held, at=at)
    return made


def words_of(row: Drawdown | Repayment) -> str:
    """What is set right, for people."""
    if isinstance(row, Drawdown):
        said = {"serial": row.serial, "on": row.on, "amount": exact_money(row.amount_fen)}
        return _("放款 %(amount)s（%(on)s，流水号 %(serial)s）") % said
    said = {"serial": row.serial, "on": row.on, "amount": exact_money(row.principal_fen)}
    said["interest"] = exact_money(row.interest_fen)
    return _("还款本金 %(amount)s、利息 %(interest)s（%(on)s，流水号 %(serial)s）") % said


def _require_standing(row: Drawdown | Repayment) -> None:
    if not type(row).objects.standing().filter(pk=row.pk).exists():
        raise DomainError(_("这一笔已经冲正过，没有任何变化。"), code="reversed")


def _require_nothing_built(held: LoanApplication) -> None:
    claims = PoolClaim.objects.filter(admission__loan=held).exclude(state=ClaimState.REFUSED)
    if claims.exists():
        words = _(
            "这笔贷款的代偿申请是按现在的账目算的，不能冲正；代偿还没有拨付的，请先联系金融主管部门退回申请。"
        )
        raise DomainError(words, code="claimed")
    admission = getattr(held, "admission", None)
    if admission is not None and admission.release_reason == ReleaseReason.REPAID:
        words = _("这笔贷款结清时已从资金池“%(pool)s”出池、额度已放回，不能冲正；请联系金融主管部门。")
        raise DomainError(words % {"pool": admission.pool}, code="released")


def _take_back_repayment(
    held: LoanApplication, row: Repayment, made: LoanReversal, by: BankActor, at: dt.datetime
) -> LoanReversal:
    """A loan that was repaid is owed again; one of which nothing has come back is only drawn."""
    was_behind = held.state == S.REPAID and _settled_behind(held)
    if held.state == S.REPAID:
        advance(held, "reopen", actor=by.user, public=True, at=at)
    _require_running(held)
    _write(made, by, at)
    held.repaid_fen -= row.principal_fen
    if held.state == S.REPAYING and not held.repayments.standing().exists():
        advance(held, "unpay", actor=by.user, public=True, at=at)
    if was_behind and held.owed_fen and not _matured(held, at):
        with in_language_of_record():
            fall_behind(held, _("结清更正，恢复为逾期"), actor=by.user, at=at)
    return made


def _take_back_drawdown(
    held: LoanApplication, row: Drawdown, made: LoanReversal, by: BankActor, at: dt.datetime
) -> LoanReversal:
    """A loan of which nothing went out is signed again, and another may be the enterprise's first."""
    _require_running(held)
    if held.renewals.filter(drawn_on__isnull=False).exists():
        raise DomainError(_("这笔贷款已被续贷，不能冲正放款；请先冲正续贷那笔。"), code="renewed")
    others = held.drawdowns.standing().exclude(pk=row.pk)
    first = others.aggregate(first=Min("on"))["first"]
    paid = held.repayments.standing()
    early = paid.filter(on__lt=first) if first else paid
    if held.drawn_fen - row.amount_fen < held.repaid_fen or early.exists():
        raise DomainError(_("这笔放款之后已登记还款，请先冲正那些还款，再冲正放款。"), code="paid_back")
    _write(made, by, at)
    held.drawn_fen -= row.amount_fen
    if first is None:
        changes = {"drawn_on": None, "matures_on": None, "mark": ""}
        advance(held, "undraw", actor=by.user, changes=changes, public=True, at=at)
        first_again(held.enterprise_id, at=at)
    elif not others.filter(on=held.drawn_on).exists():
        _begin_on(held, first, at)
    return made


def _begin_on(held: LoanApplication, day: dt.date, at: dt.datetime) -> None:
    """The first money went out on another day: the loan's time is reckoned from it."""
    held.drawn_on, held.matures_on = day, months_later(day, held.approved_months or 0)
    LoanApplication.objects.filter(pk=held.pk).update(drawn_on=day, matures_on=held.matures_on)
    deadlines.anew(held, MATURE, at=at)


def _matured(held: LoanApplication, at: dt.datetime) -> bool:
    return held.matures_on is not None and held.matures_on < timezone.localdate(at)


@in_language_of_record()
def _decide_again(held: LoanApplication, *, was_matured: bool, at: dt.datetime) -> None:
    """Whether it is behind, by what counts now: past its last day with something owed it is, else it is not.

    What its bank itself marked before that day stays, also where it was taken for repaid meanwhile.
    """
    matured = _matured(held, at)
    if held.state == S.OVERDUE and was_matured and not matured and not _marked_by_bank(held):
        advance(held, "recover", actor=None, comment=_("更正后还没有到期"), public=True, at=at)
    make_up(held, at=at)
    if held.state in PAYING and matured and held.owed_fen:
        fall_behind(held, _("更正后到期未还清"), actor=None, at=at)


def _marked_by_bank(held: LoanApplication) -> bool:
    missed = held.events.filter(name="miss").order_by("-pk").first()
    return missed is not None and missed.actor_id is not None


def _settled_behind(held: LoanApplication) -> bool:
    """Whether it was overdue when it was taken for repaid."""
    settled = held.events.filter(name="settle").order_by("-pk").first()
    return settled is not None and settled.source == S.OVERDUE


def _write(made: LoanReversal, by: BankActor, at: dt.datetime) -> None:
    made.by, made.at = by.user, at
    made.save()


def _require_running(held: LoanApplication) -> None:
    if held.state not in OWED:
        words = _("这笔贷款“%(state)s”，现在不能冲正；已结清的请先冲正还款，再冲正放款。")
        raise DomainError(words % {"state": held.get_state_display()}, code="not_now")


@in_language_of_record()
def _tell(
    held: LoanApplication, row: Drawdown | Repayment, reason: str, by: BankActor, at: dt.datetime
) -> None:
    said = _("%(what)s。原因：%(reason)s") % {"what": words_of(row), "reason": reason}
    event = held.events.create(
        actor=by.user,
        at=at,
        name="reverse",
        source=held.state,
        target=held.state,
        comment=said,
        public=True,
    )
    title = _("%(bank)s更正了一笔放款登记") if isinstance(row, Drawdown) else _("%(bank)s更正了一笔还款登记")
    if held.state == S.REPAID:
        said += "\n" + _(
            "贷款更正为未结清。授权已随结清停止，请在贷款页面重新授权，银行才能继续查看您的信息。"
        )
    telling.tell_enterprise(held, event, title % {"bank": held.bank}, said)
