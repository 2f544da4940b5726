"""Clocks of loans: which run in which state is data; the caller's transaction holds the loan."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from finance.lending import plans
from finance.models import LoanApplication, LoanClock, LoanTarget
from finance.models.loan_clock import (
    ANSWER,
    BEGIN,
    BY_CONSENT,
    DECIDE,
    DRAW,
    INSTALMENT,
    MATURE,
    OPEN,
    RECOVER,
    SIGN,
    WAIT,
)
from finance.models.loan_states import PAYING, LoanState
from portal.kernel.clocks import Clock
from portal.kernel.spans import Span, Unit
from portal.kernel.workdays import Calendar

S = LoanState
OF_A_BANK: Final = (ANSWER, WAIT)
OF_ALL_BANKS: Final = (OPEN,)
RUNNING: Final[dict[str, tuple[str, ...]]] = {
    S.ACCEPTED: (BEGIN,),
    S.DUE_DILIGENCE: (DECIDE,),
    S.APPROVED: (SIGN,),
    S.SIGNED: (DRAW,),
    S.DRAWN: (MATURE,),
    S.REPAYING: (MATURE,),
    S.OVERDUE: (RECOVER,),
}
"""Clocks by state; of what is submitted those above, and none of what has ended."""


def targets_of(loan: LoanApplication) -> tuple[str, ...]:
    """What runs while the loan stands where it does."""
    if loan.state == S.SUBMITTED:
        return OF_ALL_BANKS if loan.bank_id is None else OF_A_BANK
    return RUNNING.get(loan.state, ())


def turn(loan: LoanApplication, *, at: dt.datetime) -> None:
    """The loan has come to its state: what ran for the one before is met, what runs in this one begins."""
    wanted = targets_of(loan)
    running = {clock.target: clock for clock in LoanClock.objects.filter(loan=loan, met_at=None)}
    instalment = running.pop(INSTALMENT, None)
    for target, clock in running.items():
        if target not in wanted:
            clock.meet(at)
    for target in wanted:
        if target not in running:
            clock = LoanClock.begin(target, _span(loan, target, at), at=at, loan=loan, bank_id=loan.bank_id)
            clock.save()
            if clock.pauses():
                clock.reckon()
    _turn_instalment(loan, instalment, at)


def again(loan: LoanApplication, *, at: dt.datetime) -> None:
    """The loan is where it was, asked anew: all clocks of the state begin anew."""
    for clock in LoanClock.objects.filter(loan=loan, met_at=None):
        clock.meet(at)
    turn(loan, at=at)


def reckon(loan: LoanApplication) -> None:
    """A consent has ended or was given anew: the deadlines that go by it stand still, or go on."""
    for clock in LoanClock.objects.filter(loan=loan, target__in=BY_CONSENT, met_at=None):
        clock.reckon()


def anew(loan: LoanApplication, target: str, *, at: dt.datetime) -> None:
    """What one of the clocks waits for has moved: it begins anew with the next `turn`."""
    for clock in LoanClock.objects.filter(loan=loan, target=target, met_at=None):
        clock.meet(at)


def _turn_instalment(loan: LoanApplication, running: Clock | None, at: dt.datetime) -> None:
    """The clock of the next instalment, another one when that is met or the plan is another.

    Of the last one the loan's maturity is the clock. One whose days are over is not waited for any more.
    """
    span = _instalment_span(loan, timezone.localdate(at)) if loan.state in PAYING else None
    of = {"loan": loan, "bank_id": loan.bank_id}
    wanted = LoanClock.begin(INSTALMENT, span, at=at, **of) if span else None
    if running is not None:
        if wanted is not None and wanted.due_at == running.due_at:
            return
        running.meet(at)
    if wanted is not None:
        wanted.save()


def _instalment_span(loan: LoanApplication, today: dt.date) -> Span | None:
    """Until the bank has had its days to tell of the next payment; the warning comes before that day."""
    kept = LoanTarget.objects.get(key=INSTALMENT).span
    for line in plans.lines_of(loan, today):
        days = (line.instalment.due_on - today).days + kept.number
        if not line.met and days > 0 and line.instalment.due_on != loan.matures_on:
            last = Calendar.load().workday_from(today + dt.timedelta(days))
            warning = (last - line.instalment.due_on).days + kept.warning
            return Span(days, Unit.DAYS, min(warning, days))
    return None


def _span(loan: LoanApplication, target: str, at: dt.datetime) -> Span:
    """As kept as data; a decision within the days that the product promises, a maturity by its day."""
    span = LoanTarget.objects.get(key=target).span
    if target == MATURE and loan.matures_on is not None:
        days = max(1, (loan.matures_on - timezone.localdate(at)).days)
        return Span(days, Unit.DAYS, min(span.warning, days))
    promised = loan.product_version.answer_days if loan.product_version else None
    if target == DECIDE and promised:
        return Span(promised, Unit.WORKDAYS, min(span.warning, promised))
    return span
