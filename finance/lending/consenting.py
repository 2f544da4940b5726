"""What the end of a consent means for the application that it was given for.

Until there is a contract a bank decides by what it may read. Without a live consent nothing is approved or
signed, nothing is taken from the hall, and the bank's deadlines stand still until the enterprise consents
anew; the bank may say no all the while. What is only waited for runs on, so that no approval holds a pool's
room for ever. From the contract on all goes on as agreed.

Whoever revokes holds the loan before the consent (`hooks.revoking`), as every change of a loan does: of a
revocation and an approval at once the later one sees what the earlier one did. The trigger
`finance_loan_decided_under_consent` holds it against whoever writes past the services.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.dispatch import receiver
from django.utils.translation import gettext as _

from enterprises.consents import hooks
from enterprises.consents.hooks import Aftermath, consequences
from enterprises.consents.wording import end, moment
from enterprises.models import Consent, ConsentReading, GranteeKind
from finance.lending import deadlines
from finance.lending.holding import hold_all
from finance.models import LoanApplication, LoanClock, LoanEvent
from finance.models.loan_clock import CONSENT_ENDED, OPEN, SIGN, WAIT
from finance.models.loan_states import CONSENTED, UNDERWAY, LoanState
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money

S = LoanState
MOST: Final = 500
"""Loans a sweep looks at; the next one goes on."""
log = logging.getLogger(__name__)


def may_read(held: LoanApplication, at: dt.datetime) -> bool:
    """Whether the bank of a loan that is held may read now.

    Asked anew: what was read in one statement with the lock may be older than what it waited for.
    """
    return Consent.objects.live(at).filter(loans=held).exists()


def require_consent(held: LoanApplication, at: dt.datetime) -> None:
    """Raises DomainError where a bank would decide by what it may read no more."""
    if held.state in UNDERWAY and not may_read(held, at):
        held.refresh_from_db(fields=["consent"])
        raise DomainError(why_not(held), code="consent_ended")


def waits(loan: LoanApplication, now: dt.datetime) -> bool:
    """Whether the application waits for its enterprise to consent anew."""
    return loan.state in UNDERWAY and (loan.consent is None or not loan.consent.is_live(now))


def readings_of(loan: LoanApplication) -> QuerySet[ConsentReading]:
    """Who read what for the application, under every consent that was given for it, the newest first."""
    given = Consent.objects.filter(enterprise=loan.enterprise_id, reference=loan.number)
    rows = ConsentReading.objects.filter(consent__in=given).select_related("user", "consent__grantee")
    return rows.order_by("-pk")


def why_not(loan: LoanApplication) -> str:
    """To the bank: why nothing is approved or signed now, and what may be done."""
    consent = loan.consent
    if consent is not None and consent.revoked_at is not None:
        said = {"at": moment(consent.revoked_at)}
        words = _("企业已于 %(at)s 撤回授权，重新授权之前不能批准或签约。") % said
    else:
        words = _("企业的授权已到期，重新授权之前不能批准或签约。")
    return words + _("请联系企业重新授权；决定不办的，仍可写明理由告知企业。")


def stand_still(held: LoanApplication, at: dt.datetime) -> None:
    """Its consent has ended: that is written down, and the bank's deadlines wait for another one."""
    consent: Any = held.consent
    held.events.create(
        actor=consent.revoked_by,
        at=at,
        name="revoke" if consent.revoked_at else "consent_over",
        source=held.state,
        target=held.state,
        comment=consent.revoke_reason,
        public=True,
    )
    deadlines.reckon(held)


def watch(now: dt.datetime) -> int:
    """Let stand still what waits for its enterprise since its consent ended by itself; how many that were."""
    said = LoanEvent.objects.filter(
        subject=OuterRef("pk"), name__in=CONSENT_ENDED, at__gte=OuterRef("consent__given_at")
    )
    over = Q(consent__until__lte=now) | Q(consent__revoked_at__isnull=False)
    due = LoanApplication.objects.filter(over, ~Exists(said), state__in=UNDERWAY).order_by("pk")
    return sum(_watch(pk, now) for pk in list(due.values_list("pk", flat=True)[:MOST]))


def _watch(pk: int, now: dt.datetime) -> bool:
    """False where somebody was faster, or is at it right now."""
    rows = LoanApplication.objects.filter(pk=pk, state__in=UNDERWAY)
    try:
        with transaction.atomic():
            held = hold_all(rows, "consent", skip_locked=True).first()
            if held is None or not waits(held, now):
                return False
            since = held.consent.given_at if held.consent else now
            if held.events.filter(name__in=CONSENT_ENDED, at__gte=since).exists():
                return False
            stand_still(held, now)
    except (DomainError, DatabaseError):
        log.exception("That loan %s waits for a consent could not be written", pk)
        return False
    return True


@receiver(hooks.revoking)
def _hold(consent: Consent, **_sent: Any) -> None:
    """The loan first, then its consent."""
    list(LoanApplication.objects.select_for_update(of=("self",)).filter(consent=consent.pk).order_by("pk"))


@receiver(hooks.revoked)
def _revoked(consent: Consent, at: dt.datetime, **_sent: Any) -> None:
    """What has ended closed its consent itself, and nothing waits."""
    for held in LoanApplication.objects.filter(consent=consent.pk, state__in=CONSENTED).order_by("pk"):
        held.consent = consent
        stand_still(held, at)


@consequences(GranteeKind.BANK)
def aftermath_of(consent: Consent) -> Aftermath | None:
    """What a revocation would mean for the application that the consent is for."""
    loans = LoanApplication.objects.select_related("bank").filter(consent=consent.pk, state__in=CONSENTED)
    loan = loans.first()
    if loan is None:
        return None
    label = _("不贷了？也可以撤回申请") if loan.state in UNDERWAY else _("看这笔贷款")
    place = "#back" if loan.state in UNDERWAY else ""
    return Aftermath(tuple(following(loan)), loan.get_absolute_url() + place, label)


def following(loan: LoanApplication) -> list[str]:
    """What happens to an application whose consent the enterprise revokes, in sentences for it."""
    said = {"bank": loan.bank, "number": loan.number, "until": _until(loan)}
    if loan.bank is None:
        return [
            _("申请 %(number)s 从抢单大厅撤下，没有银行能接，直到您重新授权。") % said,
            _("%(until)s 前仍没有银行接单的，申请失效。") % said,
        ]
    found = [_("%(bank)s 马上看不到您的信息和联系方式。") % said]
    if loan.state not in UNDERWAY:
        return [*found, _("贷款 %(number)s 的合同照旧：放款、还款和担保补偿都不受影响。") % said]
    if loan.state == S.APPROVED:
        said["amount"] = format_money(loan.approved_fen or 0)
        words = _("申请 %(number)s 已批准的 %(amount)s 不能签约，直到您重新授权；银行可以撤回批准。")
        return [*found, words % said, _("%(until)s 前没有签约的，批准失效。") % said]
    words = _("申请 %(number)s 停下来等您：重新授权之前银行不能批准、签约，可以不办；银行的时限暂停计时。")
    found.append(words % said)
    if loan.state == S.SUBMITTED:
        found.append(_("%(until)s 前银行仍没有受理的，申请失效。") % said)
    return found


def _until(loan: LoanApplication) -> str:
    """When what is waited for is over, as long as something is."""
    waited: Any = LoanClock.objects.running().filter(target__in=(WAIT, OPEN, SIGN))
    due_at = waited.filter(loan=loan).order_by("due_at").values_list("due_at", flat=True).first()
    return end(due_at) if due_at else ""
