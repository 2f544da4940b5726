"""When an application has ended, what the bank was let know for it ends with it."""

from __future__ import annotations

import datetime as dt

from enterprises.consents import granting
from finance.models import LoanApplication


def end_consent(loan: LoanApplication, reason: str, *, at: dt.datetime) -> None:
    """Close the consent that still holds; one that the enterprise has revoked meanwhile stays so."""
    if loan.consent is not None:
        granting.close(loan.consent, reason, by=None, at=at)
