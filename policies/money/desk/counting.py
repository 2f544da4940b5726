"""How much waits behind each page of the payment desk, for those who land on it."""

from __future__ import annotations

from policies.models.money.correction import CorrectionState
from policies.models.money.exchange import FileState
from policies.models.money.payment import PaymentState
from policies.money.desk.accounts import to_check
from policies.money.desk.acting import corrections_at, payments_at, returned_at
from policies.money.desk.freezes import freezes_at
from portal.accounts.desks import Desk


def counts_at(desk: Desk) -> dict[str, int]:
    """By the url name of a page: what nobody has dealt with yet; five queries."""
    return {
        "desk_money_accounts": to_check().count(),
        "desk_money_payments": payments_at(desk).filter(state=PaymentState.UNKNOWN).count(),
        "desk_money_files": returned_at(desk)
        .filter(state__in=(FileState.WAITING, FileState.QUARANTINED))
        .count(),
        "desk_money_freezes": freezes_at(desk).live().filter(thaw_asked_at__isnull=False).count(),
        "desk_money_corrections": corrections_at(desk).filter(state=CorrectionState.PROPOSED).count(),
    }
