"""Loans for tests: filed, taken on and lent by the services, as people would do it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from enterprises.actors import Actor
from finance.acting import BankActor
from finance.lending import booking, deciding, filing
from finance.lending.booking import Drawing, Paying
from finance.lending.deciding import Approval
from finance.lending.filing import Filing, Sharing
from finance.models import Bank, LoanApplication, LoanMode, LoanState, ProductVersion
from tests.enterprises.factories import actor_of, uscc_of
from tests.finance.factories import BankFactory, BankOfficerFactory, published

S = LoanState
WAN = 1_000_000
FACTS = ("revenue", "debt_ratio")
_codes = iter(range(800_000, 900_000))


def bank(**fields: Any) -> Bank:
    """A bank with a credit code: it can be let know."""
    return BankFactory(uscc=uscc_of(next(_codes)), **fields)


def officer(at: Bank, role: str = "officer", **user: Any) -> BankActor:
    """Somebody at work for the bank."""
    post = BankOfficerFactory(bank=at, role=role, **{f"user__{key}": value for key, value in user.items()})
    return BankActor(post.user, at, role, post.branch)


def sharing(at: dt.datetime, days: int = 90) -> Sharing:
    """Two facts and a credential."""
    return Sharing(FACTS, at + dt.timedelta(days=days), ("high_tech",))


def asked(at: dt.datetime, version: ProductVersion | None = None, **changes: Any) -> Filing:
    """800,000 yuan for a year: of a product, or open to all banks without one."""
    given: dict[str, Any] = {
        "mode": LoanMode.CHOOSE if version else LoanMode.OPEN,
        "amount_fen": 80 * WAN,
        "term_months": 12,
        "purpose": "turnover",
        "contact_name": "王会计",
        "contact_phone": "13800000000",
        "sharing": sharing(at),
        "version": version,
    }
    return Filing(**given | changes)


def filed(
    actor: Actor | None = None, version: ProductVersion | None = None, **changes: Any
) -> LoanApplication:
    """An application for a product of a bank of its own."""
    at = changes.pop("at", None) or timezone.now()
    offered = version or published(bank())
    return filing.file_loan(actor or actor_of(), asked(at, offered, **changes), at=at)


def opened(actor: Actor | None = None, **changes: Any) -> LoanApplication:
    """An application that is open to all banks."""
    at = changes.pop("at", None) or timezone.now()
    return filing.file_loan(actor or actor_of(), asked(at, **changes), at=at)


def put(state: str, loan: LoanApplication | None = None, by: BankActor | None = None) -> LoanApplication:
    """An application on its way to a state, each step by its service; not of those that time alone brings."""
    loan = loan or filed()
    assert loan.bank is not None
    by = by or officer(loan.bank, "manager")
    for name in WAYS[state]:
        STEPS[name](loan, by, timezone.now())
    loan.refresh_from_db()
    return loan


def draw(loan: LoanApplication, by: BankActor, fen: int, serial: str | None = None) -> None:
    """Money that goes out today."""
    drawing = Drawing(serial or f"F{loan.pk}-{loan.drawn_fen}", fen, timezone.localdate())
    booking.draw(loan, drawing, by=by, at=timezone.now())


def repay(loan: LoanApplication, by: BankActor, fen: int, interest: int = 0, serial: str = "") -> None:
    """Money that comes back today."""
    serial = serial or f"H{loan.pk}-{loan.repaid_fen}"
    paying = Paying(serial, fen, interest, timezone.localdate(), sure=True)
    booking.repay(loan, paying, by=by, at=timezone.now())


STEPS = {
    "accept": lambda loan, by, at: deciding.accept(loan, by=by, at=at),
    "decline": lambda loan, by, at: deciding.decline(loan, "不在服务范围", by=by, at=at),
    "investigate": lambda loan, by, at: deciding.investigate(loan, by=by, at=at),
    "refuse": lambda loan, by, at: deciding.refuse(loan, "现金流不足", by=by, at=at),
    "approve": lambda loan, by, at: deciding.approve(
        loan, Approval(50 * WAN, Decimal("4.3500"), 12, method="annuity"), by=by, at=at
    ),
    "sign": lambda loan, by, at: deciding.sign(loan, f"HT-{loan.pk}", timezone.localdate(at), by=by, at=at),
    "draw": lambda loan, by, at: draw(loan, by, 50 * WAN),
    "part": lambda loan, by, at: repay(loan, by, 10 * WAN, 2_000_00),
    "rest": lambda loan, by, at: repay(loan, by, 40 * WAN),
    "miss": lambda loan, by, at: booking.miss(loan, "未按期付息", by=by, at=at, sure=True),
    "write_off": lambda loan, by, at: booking.write_off(loan, "法院终结执行", by=by, at=at),
}
_EXAMINED = ("accept", "investigate")
_DRAWN = (*_EXAMINED, "approve", "sign", "draw")
WAYS: dict[str, tuple[str, ...]] = {
    S.SUBMITTED: (),
    S.DECLINED: ("decline",),
    S.ACCEPTED: ("accept",),
    S.DUE_DILIGENCE: _EXAMINED,
    S.REFUSED: (*_EXAMINED, "refuse"),
    S.APPROVED: (*_EXAMINED, "approve"),
    S.SIGNED: (*_EXAMINED, "approve", "sign"),
    S.DRAWN: _DRAWN,
    S.REPAYING: (*_DRAWN, "part"),
    S.REPAID: (*_DRAWN, "part", "rest"),
    S.OVERDUE: (*_DRAWN, "miss"),
    S.WRITTEN_OFF: (*_DRAWN, "miss", "write_off"),
}
