"""Reminders of loans' deadlines: the officer, the bank's managers, then the finance office.

They climb as `portal.kernel.escalation` says. An enterprise whose approval ends soon is reminded by the clock
of signing alone, and nobody above it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending import plans, telling
from finance.lending.plans import Line
from finance.models import LoanClock, LoanEvent, LoanReminder, LoanTarget
from finance.models.loan_clock import INSTALMENT, MATURE, OPEN, SIGN, WAIT
from finance.models.loan_states import LoanWhom
from finance.models.vocabulary import Post
from portal.kernel.escalation import Ladder, Rung, climb, title_of, until_words
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.services import Draft, send_messages

LADDER: Final = Ladder(
    LoanClock,
    "loan",
    LoanEvent,
    LoanTarget,
    LoanReminder,
    aside=(WAIT, OPEN),
    mild=(SIGN, MATURE, INSTALMENT),
)


def remind(now: dt.datetime) -> int:
    """Tell of every clock whose next level is due; how many levels were taken. Nothing after hours."""
    return climb(LADDER, now, _tell)


def _tell(taken: dict[int, Rung], now: dt.datetime) -> None:
    """One message for each clock and level to whoever is to know."""
    clocks: Any = LoanClock.objects
    found = clocks.filter(pk__in=taken).select_related("loan__enterprise", "loan__bank").order_by("pk")
    paying = [clock.loan for clock in found if clock.target == INSTALMENT]
    lines = plans.lines_of_each(paying, timezone.localdate(now))
    labels = dict(LoanTarget.objects.values_list("key", "label"))
    drafts: list[Draft] = []
    for clock in found:
        rung = taken[clock.pk]
        if clock.target in LADDER.mild:
            drafts.append(_to_enterprise(clock, rung, lines.get(clock.loan_id, [])))
        else:
            what = labels.get(clock.target, clock.target)
            drafts.extend(_to_bank(clock, rung, title_of(what, clock.due_at, rung)))
    send_messages(drafts)


@in_language_of_record()
def _to_enterprise(clock: LoanClock, rung: Rung, lines: list[Line]) -> Draft:
    loan = clock.loan
    words = {"until": until_words(clock.due_at)}
    if clock.target == INSTALMENT:
        title = _instalment_words(lines)
    elif clock.target == SIGN:
        title = _("贷款批准将在 %(until)s失效，请尽快与银行签约") % words
    else:
        title = _("贷款将在 %(until)s到期，请备好还款资金") % words
    return Draft(
        loan.enterprise.mailbox_id, _key(clock, rung), "loan", title, str(loan), loan.get_absolute_url()
    )


def _instalment_words(lines: list[Line]) -> str:
    """The first instalment that is not met: the clock itself runs some days longer."""
    line = next((line for line in lines if not line.met), None)
    if line is None:  # paid since
        return _("贷款本期已还，无需操作")
    said = {"day": line.instalment.due_on, "fen": format_money(line.missing_fen)}
    return _("贷款本期应在 %(day)s 还 %(fen)s，请备好还款资金") % said


def _to_bank(clock: LoanClock, rung: Rung, title: str) -> list[Draft]:
    loan = clock.loan
    at_office = rung.whom == LoanWhom.OFFICE
    if at_office:
        users = telling.office_people()
    elif rung.whom == LoanWhom.MANAGER:
        users = telling.people_of(loan, Post.MANAGER)
    else:
        users = [loan.officer_id] if loan.officer_id else []
        users = [user for user in users if user in telling.people_of(loan)] or telling.people_of(loan)
    body = f"{loan.bank} · {loan.number} · {telling.asked_words(loan)}"
    url = "" if at_office else f"/bank/{loan.bank_id}/loans/{loan.number}/"
    return [Draft(box, _key(clock, rung), "bank_loan", title, body, url) for box in telling.boxes_of(users)]


def _key(clock: LoanClock, rung: Rung) -> str:
    return f"loanclock:{clock.pk}:{rung.level}"
