"""What time alone does: nobody took it on, nobody signed, all is paid or not. A loan at a time, each once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending import deadlines, plans, telling
from finance.lending.booking import close, fall_behind
from finance.lending.consenting import waits
from finance.lending.ending import end_consent
from finance.lending.holding import hold_all
from finance.models import LoanApplication, LoanClock
from finance.models.loan_clock import ANSWER, INSTALMENT, MATURE, OPEN, SIGN, WAIT
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.kernel.transitions import advance

log = logging.getLogger(__name__)
MOST: Final = 1000
"""Loans a sweep looks at; the next one goes on."""


def sweep(now: dt.datetime) -> int:
    """Let lapse, expire, end and fall behind what is due by now; returns how many did."""
    due: Any = LoanClock.objects.running().filter(target__in=_OVER, due_at__lte=now)
    found = due.order_by("due_at", "pk").values_list("pk", "loan")[:MOST]
    return sum(_over(clock, loan, now) for clock, loan in found)


def _over(clock: int, loan: int, now: dt.datetime) -> bool:
    """The time of one loan is over, unless somebody was faster or is at it right now."""
    try:
        with transaction.atomic():
            related = ("enterprise", "bank", "consent__given_by", "product_version")
            rows = LoanApplication.objects.filter(pk=loan)
            held = hold_all(rows, *related, skip_locked=True).first()
            running = LoanClock.objects.running().filter(pk=clock, due_at__lte=now).first()
            if held is None or running is None:
                return False
            _OVER[running.target](held, now)
    except (DomainError, DatabaseError):
        log.exception("The time of loan %s is over, and that could not be written", loan)
        return False
    return True


@in_language_of_record()
def _lapse(held: LoanApplication, now: dt.datetime) -> None:
    """Nobody took it on: the enterprise is told, and the office where a bank did not answer.

    Where the enterprise did not consent anew nobody is to blame: no bank could take it on. Nor is a bank
    whose own deadline, which stood still meanwhile, is not over yet.
    """
    waited = waits(held, now)
    event = advance(held, "lapse", actor=None, public=True, at=now)
    deadlines.turn(held, at=now)
    if waited:
        words = _("授权结束后没有重新授权，您的贷款申请已失效；还需要的请重新申请")
        telling.tell_bank(held, event, _("企业没有重新授权，申请已失效，不用再办"))
    elif held.bank is not None:
        words = _("%(bank)s没有在时限内受理您的贷款申请，可一键改为面向全部银行") % {"bank": held.bank}
        if held.clocks.filter(target=ANSWER, met_at=now, breached_at__isnull=False).exists():
            telling.tell_office(held, event, _("银行没有在时限内答复，申请已失效"))
    else:
        words = _("没有银行在时限内接您的贷款申请，可以调整金额、期限再申请，或请金融部门对接")
        telling.tell_office(held, event, _("面向全部银行的申请无人接单，请对接"))
    telling.tell_enterprise(held, event, words)
    end_consent(held, _("时限内无人受理"), at=now)


@in_language_of_record()
def _expire(held: LoanApplication, now: dt.datetime) -> None:
    event = advance(held, "expire", actor=None, public=True, at=now)
    deadlines.turn(held, at=now)
    telling.tell_enterprise(held, event, _("贷款批准已过期，没有签约；还需要的请重新申请"))
    telling.tell_bank(held, event, _("批准后没有签约，已过期"))
    end_consent(held, _("批准已过期"), at=now)


@in_language_of_record()
def _ask_for_instalment(held: LoanApplication, now: dt.datetime) -> None:
    """Its bank has told of no payment that covers it: both sides are to look, and the next one is waited for.

    Once for each instalment, and no more than that: the plan is an estimate, the bank says what is overdue.
    """
    late = [line for line in plans.lines_of(held, timezone.localdate(now)) if line.late]
    if late:
        words = _("按计划应于 %(on)s 还 %(fen)s，还没有登记到还款；以银行为准") % {
            "on": late[-1].instalment.due_on,
            "fen": format_money(late[-1].missing_fen),
        }
        event = held.events.create(
            at=now, name="check", source=held.state, target=held.state, comment=words, public=True
        )
        title = _("%(bank)s的贷款有一期待核对") % {"bank": held.bank}
        telling.tell_enterprise(held, event, title, words)
        telling.tell_in_charge(held, event, _("贷款有一期待核对，请核实并登记"), words)
    deadlines.turn(held, at=now)


@in_language_of_record()
def _mature(held: LoanApplication, now: dt.datetime) -> None:
    """What owes nothing is over, for nothing more goes out now; the rest is behind."""
    if held.owed_fen:
        fall_behind(held, _("到期未还清"), actor=None, at=now)
    else:
        close(held, actor=None, at=now)


_OVER: Final[dict[str, Callable[[LoanApplication, dt.datetime], None]]] = {
    WAIT: _lapse,
    OPEN: _lapse,
    SIGN: _expire,
    INSTALMENT: _ask_for_instalment,
    MATURE: _mature,
}
"""What it means that a time that was waited for is over."""
