"""When an application has ended, what the bank was let know for it ends with it."""

from __future__ import annotations

import datetime as dt

from enterprises.actors import Actor
from enterprises.consents import granting
from enterprises.models import MemberRole
from finance.models import LoanApplication


def end_consent(loan: LoanApplication, reason: str, *, at: dt.datetime) -> None:
    """Take back the consent that still holds, in the name of who gave it: so it says in the letter.

    Whether that person still is a member does not matter any more: the enterprise loses nothing by it.
    """
    consent = loan.consent
    if consent is None or not consent.is_live(at):
        return
    giver = Actor(consent.given_by, loan.enterprise, MemberRole.MANAGER)
    granting.revoke(giver, consent, reason, at=at)
