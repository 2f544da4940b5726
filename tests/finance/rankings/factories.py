"""Versions of the ranking for tests, and records whose times and sums a test can reckon by hand."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from finance.acting import BankActor
from finance.lending import booking, deciding
from finance.lending.booking import Drawing, Paying
from finance.lending.deciding import Approval
from finance.measures import first_of_month, midnight
from finance.models import Bank, Indicator, LoanApplication, RankingVersion
from finance.rankings.indicators import VALUES, recorded
from finance.rankings.publishing import start_draft
from finance.rankings.snapshot import take
from portal.accounts.roles import Role
from tests.finance.lending.factories import officer
from tests.finance.pools.factories import official


def used() -> RankingVersion:
    """The version in use: the one of the reference data."""
    version = RankingVersion.objects.in_use("banks")
    assert version is not None
    return version


def drafted(**weights: int):
    """A draft with other weights, and who wrote it."""
    author = official(Role.EDITOR)
    draft = start_draft(by=author)
    for key, weight in weights.items():
        Indicator.objects.filter(version=draft, key=key).update(weight=weight)
    return draft, author


def months_back(back: int = 1):
    """The first of a month that is over."""
    return first_of_month(timezone.localdate(), back)


def taken(back: int = 1):
    """A frozen month."""
    return take(months_back(back), at=timezone.now())


THIS = first_of_month(timezone.localdate())
"""The month that the records of these tests are of: what they tell of happens in it unless told otherwise."""


def on(day: int, hour: int = 9, month: dt.date = THIS) -> dt.datetime:
    """A time in it, here; a day after the last one is in the month that follows."""
    return midnight(month) + dt.timedelta(days=day - 1, hours=hour)


def approved(loan: LoanApplication, fen: int, rate: str, at: dt.datetime) -> BankActor:
    """Taken on unless it is, examined and approved, all at once; by whom."""
    assert loan.bank is not None
    by = officer(loan.bank, "manager")
    if loan.state == "submitted":
        deciding.accept(loan, by=by, at=at)
    deciding.investigate(loan, by=by, at=at)
    deciding.approve(loan, Approval(fen, Decimal(rate), 12, sure=True), by=by, at=at)
    return by


def lent(
    loan: LoanApplication, fen: int, rate: str, *, at: dt.datetime, renews: LoanApplication | None = None
) -> BankActor:
    """All of it approved, signed and paid out at once; by whom."""
    by = approved(loan, fen, rate, at)
    deciding.sign(loan, f"HT-{loan.pk}", timezone.localdate(at), by=by, at=at, renews=renews)
    paid_out(loan, fen, by, at)
    return by


def paid_out(loan: LoanApplication, fen: int, by: BankActor, at: dt.datetime) -> None:
    """Money that goes out on the day on which it is booked."""
    drawing = Drawing(f"F{loan.pk}-{loan.drawn_fen}", fen, timezone.localdate(at))
    booking.draw(loan, drawing, by=by, at=at)


def paid_back(loan: LoanApplication, fen: int, by: BankActor, at: dt.datetime) -> None:
    """Principal that comes back on the day on which it is booked."""
    paying = Paying(f"H{loan.pk}-{loan.repaid_fen}", fen, 0, timezone.localdate(at))
    booking.repay(loan, paying, by=by, at=at)


def said(bank: Bank, month: dt.date = THIS) -> dict[str, float]:
    """What each indicator says of a bank in a month, without those that say nothing or none."""
    records = recorded(month)[bank.pk]
    found = {key: say(records) for key, say in VALUES.items()}
    return {key: float(value) for key, value in found.items() if value}
