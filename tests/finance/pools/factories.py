"""Pools, and loans in the states in which pools meet them; each state is reached as people would."""

import datetime as dt
import itertools
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from finance.acting import BankActor
from finance.models import (
    Bank,
    Drawdown,
    LoanApplication,
    PoolAdmission,
    PoolClaim,
    PoolSource,
    Repayment,
    RiskPool,
)
from finance.pools import claiming, funding
from finance.pools.admitting import admit
from finance.pools.claiming import Loss, Payment
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.second_factor import enable_totp, totp_code_at
from portal.kernel.transitions import advance
from tests.accounts.factories import PostingFactory, UserFactory
from tests.enterprises.consents.factories import GranteeFactory, consent_of
from tests.enterprises.factories import actor_of
from tests.finance.factories import BankFactory, BankOfficerFactory, office, published
from tests.papers import pdf_of

_numbers = itertools.count(1)
WAN = 1_000_000
"""Fen in 万元."""


def now() -> dt.datetime:
    return timezone.now()


def official(*roles: Role) -> User:
    """Somebody in the office that runs pools, with these roles."""
    user = UserFactory()
    for role in roles:
        PostingFactory(user=user, department=office(), role=role)
    return user


reviewer, leader = partial(official, Role.REVIEWER), partial(official, Role.LEADER)
preparer = partial(official, Role.PAYMENT_PREPARER)


def payer(*more: Role) -> User:
    """Who pays claims, with an authenticator."""
    user = official(Role.PAYMENT_RELEASER, *more)
    enable_totp(user)
    return user


def bank() -> Bank:
    """A bank that may be given consents."""
    made = BankFactory()
    made.grantee = GranteeFactory()
    made.save()
    return made


def actor(of: Bank) -> BankActor:
    """One of its officers."""
    post = BankOfficerFactory(bank=of)
    return BankActor(post.user, of, post.role)


def pool(*banks: Bank, capital: int = 30_000_000 * 100, **values: Any) -> RiskPool:
    """An open pool with a source: 3000 万元 at 1:10, bank 30 % and pool 70 %, unless told otherwise."""
    given = {
        "code": f"POOL-{next(_numbers)}",
        "name": "测试资金池",
        "department": office(),
        "leverage": Decimal(10),
        "bank_share": Decimal(30),
        "guarantee_share": Decimal(70),
    }
    made = RiskPool.objects.create(**given | values)
    made.banks.set(banks)
    if capital:
        funding.fund(made, PoolSource(name="县财政", amount_fen=capital), by=preparer(), at=now())
    made.refresh_from_db()
    return made


def loan(
    of: Bank, amount: int = 100 * WAN, state: str = "approved", method: str = "", owner: Any = None
) -> LoanApplication:
    """A loan of a new enterprise from the bank, in a state on the way from approved to written off."""
    owner, number = owner or actor_of(), f"DK-2026-{next(_numbers):06d}"
    given = consent_of(owner, of.grantee, reference=number)
    version = of.products.first().versions.first() if of.products.exists() else published(of)
    made = LoanApplication.objects.create(
        number=number,
        enterprise=owner.enterprise,
        filed_by=owner.user,
        mode="choose",
        product_version=version,
        bank=of,
        amount_fen=amount,
        term_months=12,
        purpose="turnover",
        contact_name="张三",
        contact_phone="13800000000",
    )
    step = partial(advance, made, actor=None)
    step("submit", changes={"submitted_at": now(), "consent": given})
    step("accept")
    step("investigate")
    approved = {
        "approved_fen": amount,
        "approved_rate": Decimal("4.3500"),
        "approved_months": 12,
        "method": method,
    }
    step("approve", changes=approved | {"approved_at": now()})
    if state != "approved":
        go(made, state)
    made.refresh_from_db()
    return made


LONG_AGO = dt.timedelta(days=30)
"""Since when the bank calls a loan overdue: long enough to claim."""
WAY = ("signed", "drawn", "overdue", "written_off")


def go(made: LoanApplication, state: str) -> None:
    """On from approved, by way of a drawdown of all of it."""
    steps = {"signed": "sign", "drawn": "draw", "overdue": "miss", "written_off": "write_off"}
    today, done = timezone.localdate(), WAY.index(made.state) + 1 if made.state in WAY else 0
    changes: dict[str, Any] = {
        "signed": {"signed_on": today, "bank_number": f"B{made.pk}"},
        "drawn": {"drawn_on": today, "matures_on": today + dt.timedelta(days=365), "mark": "again"},
    }
    for each in WAY[done : WAY.index(state) + 1]:
        at = now() - LONG_AGO if each == "overdue" else None
        advance(made, steps[each], actor=None, changes=changes.get(each), at=at)
        if each == "drawn":
            Drawdown.objects.create(
                loan=made,
                bank=made.bank,
                serial=f"D{made.pk}",
                on=today,
                amount_fen=made.approved_fen,
                at=now(),
            )


def repay(made: LoanApplication, principal: int) -> None:
    """The enterprise paid some of it back; all of it settles the loan."""
    if made.state == "drawn":
        advance(made, "repay", actor=None)
    serial = f"R{next(_numbers)}"
    Repayment.objects.create(
        loan=made,
        bank=made.bank,
        serial=serial,
        on=timezone.localdate(),
        principal_fen=principal,
        interest_fen=0,
        at=now(),
    )
    made.refresh_from_db()
    if made.owed_fen == 0:
        advance(made, "settle", actor=None)


def admitted(
    into: RiskPool, amount: int = 100 * WAN, state: str = "approved", method: str = ""
) -> PoolAdmission:
    """A loan of the pool's first bank, taken on, then brought to a state."""
    of = into.banks.first()
    lent = loan(of, amount, method=method)
    made = admit(into, lent, by=actor(of), at=now())
    if state != "approved":
        go(lent, state)
    made.refresh_from_db()
    return made


def paper(text: str = "借款合同") -> ContentFile:
    return ContentFile(pdf_of(text), name="合同.pdf")


def claim(of: PoolAdmission, loss: int | None = None, state: str = "filed") -> PoolClaim:
    """A claim for all of the loan, in a state on the way to payment."""
    said = Loss(
        loss or of.amount_fen, "企业停产，催收三次无果。", [paper(str(of.pk)), paper(f"催收 {of.pk}")]
    )
    made = claiming.file_claim(of, said, by=actor(of.bank), at=now())
    way = ["filed", "reviewed", "approved", "paid"]
    for each in way[1 : way.index(state) + 1]:
        sign(made, each)
    made.refresh_from_db()
    return made


def sign(made: PoolClaim, state: str) -> None:
    if state == "reviewed":
        claiming.review(made, by=reviewer(), at=now())
    elif state == "approved":
        claiming.approve(made, by=leader(), at=now())
    else:
        pay(made)


def payment(serial: str, on: dt.date | None = None, receipt: ContentFile | None = None) -> Payment:
    """With a receipt that is this voucher's, today unless told otherwise."""
    return Payment(serial, on or timezone.localdate(), receipt or paper(f"回单 {serial}"))


def pay(made: PoolClaim, given: Payment | None = None, *, by: User | None = None) -> None:
    """Paid and signed with the code of this moment; by somebody new unless told otherwise."""
    by, at = by or payer(), now()
    claiming.pay(made, given or payment(f"V{made.pk}"), totp_code_at(by, at), by=by, at=at)
