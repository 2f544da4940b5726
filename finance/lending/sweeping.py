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
from finance.lending.ending import end_consent
from finance.models import LoanApplication, LoanClock
from finance.models.loan_clock import INSTALMENT, MATURE, OPEN, SIGN, WAIT
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
            held = (
                LoanApplication.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("enterprise", "bank", "consent__given_by", "product_version")
                .filter(pk=loan)
                .first()
            )
            running = LoanClock.objects.running().filter(pk=clock, due_at__lte=now).first()
            if held is None or running is None:
                return False
            _OVER[running.target](held, now)
    except (DomainError, DatabaseError):
        log.exception("The time of loan %s is over, and that could not be written", loan)
        return False
    return True


def _lapse(held: LoanApplication, now: dt.datetime) -> None:
    """Nobody took it on: the enterprise is told, and the office where a bank did not answer."""
    event = advance(held, "lapse", actor=None, public=True, at=now)
    deadlines.turn(held, at=now)
    if held.bank is not None:
        words = _("%(bank)s没有在时限内受理您的贷款申请，可一键改为面向全部银行") % {"bank": held.bank}
        with in_language_of_record():
            telling.tell_office(held, event, _("银行没有在时限内答复，申请已失效"))
    else:
        words = _("没有银行在时限内接您的贷款申请，可以调整金额、期限再申请，或请金融部门对接")
        with in_language_of_record():
            telling.tell_office(held, event, _("面向全部银行的申请无人接单，请对接"))
    telling.tell_enterprise(held, event, words)
    end_consent(held, _("时限内无人受理"), at=now)


def _expire(held: LoanApplication, now: dt.datetime) -> None:
    event = advance(held, "expire", actor=None, public=True, at=now)
    deadlines.turn(held, at=now)
    with in_language_of_record():
        telling.tell_enterprise(held, event, _("贷款批准已过期，没有签约；还需要的请重新申请"))
        telling.tell_bank(held, event, _("批准后没有签约，已过期"))
    end_consent(held, _("批准已过期"), at=now)


@in_language_of_record()
def _miss_instalment(held: LoanApplication, now: dt.datetime) -> None:
    """Its bank has told of no payment that covers it; where it has, the next one is waited for."""
    line = plans.behind(held, timezone.localdate(now))
    if line is None or not held.owed_fen:
        deadlines.turn(held, at=now)
        return
    said = {
        "number": line.instalment.number,
        "on": line.instalment.due_on,
        "missing": format_money(line.missing_fen),
    }
    reason = _("第 %(number)d 期（%(on)s 应还）还差 %(missing)s 没有还") % said
    fall_behind(held, reason, actor=None, at=now)


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
    INSTALMENT: _miss_instalment,
    MATURE: _mature,
}
"""What it means that a time that was waited for is over."""
