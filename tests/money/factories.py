"""Money for tests, led along its way by the services that lead it in the portal, on a clock of its own."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import Enterprise, MemberRole
from policies.models import Award, BudgetLine, ItemVersion, PayeeAccount, Payment, PaymentBatch, ReturnFile
from policies.models.money.payment import UNDERWAY
from policies.money import accounts, awards, batches, releasing, results
from policies.money.exchange.formats import ReturnedLine
from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from portal.accounts.second_factor import totp_code_at
from portal.kernel.transitions import advance
from tests.accounts.factories import PostingFactory, UserFactory
from tests.enjoying.taken import grant
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.policies import factories as policies

WAN = 1_000_000
"""Fen in 10,000 yuan."""
_numbers = itertools.count(1)


def official(role: Role, department: Department | None = None) -> User:
    """Somebody with a post and a second factor."""
    user = UserFactory(second_factor=True)
    PostingFactory(user=user, department=department or policies.economy(), role=role)
    return user


def budget(*versions: ItemVersion, appropriated_fen: int = 1000 * WAN) -> BudgetLine:
    """A line for the items of some versions."""
    line = BudgetLine.objects.create(
        code=f"垫财〔2026〕{next(_numbers)}号",
        label="惠企资金",
        year=2026,
        department=policies.economy(),
        appropriated_fen=appropriated_fen,
    )
    line.items.set(version.item_id for version in versions)
    return line


def member_of(enterprise: Enterprise) -> Actor:
    """Somebody who manages the enterprise."""
    membership = enterprise.memberships.first() or MembershipFactory(enterprise=enterprise)
    return Actor(membership.user, enterprise, MemberRole.MANAGER)


def account(
    enterprise: Enterprise | None = None,
    number: str = "",
    *,
    checked: bool = True,
    at: dt.datetime | None = None,
) -> PayeeAccount:
    """An account in the enterprise's own name."""
    enterprise, at = enterprise or EnterpriseFactory(), at or timezone.now()
    number = number or f"6222{next(_numbers):012d}"
    given = accounts.give(member_of(enterprise), enterprise.name, "垫江农商行", number, at=at)
    if checked:
        accounts.check(given, "matched", by=official(Role.PAYMENT_PREPARER), at=at)
    return given


def new_award(version: ItemVersion, enterprise: Enterprise, **changes: Any) -> awards.NewAward:
    """An award as an enjoy run makes it."""
    given: dict[str, Any] = {
        "item": version.item_id,
        "enterprise": enterprise.pk,
        "period": 2026,
        "version": version.pk,
        "amount_fen": 10 * WAN,
        "evidence": {"as_of": "2026-03-02", "known_at": "2026-03-02T00:00:00Z"},
        "exclusivity_group": version.exclusivity_group,
    }
    return awards.NewAward(**given | changes)


@dataclass
class Desk:
    """A budget line with its item and the three officials who pay from it."""

    appropriated_fen: int = 1000 * WAN
    version: ItemVersion = field(default_factory=policies.published)
    line: BudgetLine = field(init=False)
    at: dt.datetime = field(default_factory=lambda: timezone.now() - dt.timedelta(days=10))

    def __post_init__(self) -> None:
        self.line = budget(self.version, appropriated_fen=self.appropriated_fen)
        self.preparer = official(Role.PAYMENT_PREPARER)
        self.confirmer = official(Role.PAYMENT_CONFIRMER)
        self.releaser = official(Role.PAYMENT_RELEASER)

    def tick(self, **span: float) -> dt.datetime:
        """The next moment: two minutes later, when everybody's authenticator shows another code."""
        self.at += dt.timedelta(**span or {"minutes": 2})
        return self.at

    def code(self, user: User) -> str:
        """What the user's authenticator shows at the desk's moment."""
        return totp_code_at(user, self.at)

    def award(
        self, amount_fen: int = 10 * WAN, *, enterprise: Enterprise | None = None, **changes: Any
    ) -> Award:
        """What somebody with a checked account is owed."""
        enterprise = enterprise or EnterpriseFactory()
        if accounts.current(enterprise.pk) is None:
            account(enterprise, at=self.at)
        new = new_award(self.version, enterprise, amount_fen=amount_fen, **changes)
        return grant(new, at=self.tick())[0]

    def draft(self, *owed: Award, line: BudgetLine | None = None) -> PaymentBatch:
        """A batch being put together."""
        batch = batches.draft(line or self.line, "三月第一批", by=self.preparer, at=self.tick())
        if owed:
            batches.add(batch, owed, by=self.preparer, at=self.at)
        return batch

    def prepare(self, batch: PaymentBatch) -> PaymentBatch:
        batches.prepare(batch, by=self.preparer, at=self.tick())
        return batch

    def confirm(self, batch: PaymentBatch) -> PaymentBatch:
        at = self.tick()
        batches.confirm(batch, self.code(self.confirmer), by=self.confirmer, at=at)
        return batch

    def release(self, batch: PaymentBatch) -> PaymentBatch:
        at = self.tick()
        releasing.release(batch, self.code(self.releaser), by=self.releaser, at=at)
        return batch

    def prepared(self, *owed: Award) -> PaymentBatch:
        return self.prepare(self.draft(*(owed or [self.award()])))

    def confirmed(self, *owed: Award) -> PaymentBatch:
        return self.confirm(self.prepared(*owed))

    def released(self, *owed: Award) -> PaymentBatch:
        return self.release(self.confirmed(*owed))

    def settle(self, batch: PaymentBatch, outcome: str = "paid") -> ReturnFile:
        """The treasury answers for all that it still owes an answer, or takes all back that it has paid."""
        states = ("paid",) if outcome == "returned" and not open_of(batch) else UNDERWAY
        asked = batch.payments.filter(state__in=states).select_related("account")
        return self.take(batch, [answer(one, outcome) for one in asked])

    def take(self, batch: PaymentBatch, lines: Sequence[ReturnedLine]) -> ReturnFile:
        """A return file with these lines, applied."""
        file, at = return_file(batch), self.tick()
        results.settle(lines, file, at)
        return applied(file, at)

    def settled(self, *owed: Award) -> PaymentBatch:
        batch = self.released(*owed)
        self.settle(batch)
        batch.refresh_from_db()
        return batch

    def now(self) -> BudgetLine:
        """The line as it is."""
        return BudgetLine.objects.get(pk=self.line.pk)

    def books(self) -> tuple[int, int]:
        """Reserved and paid."""
        line = self.now()
        return line.reserved_fen, line.paid_fen


def open_of(batch: PaymentBatch) -> bool:
    """Whether the treasury still owes an answer."""
    return bool(batch.payments.filter(state__in=UNDERWAY).exists())


def payment_of(batch: PaymentBatch) -> Payment:
    """Its one payment."""
    return batch.payments.select_related("account", "award", "batch").get()


def answer(payment: Payment, outcome: str = "paid", /, **changes: Any) -> ReturnedLine:
    """What the treasury says of a payment."""
    number = next(_numbers)
    said: dict[str, Any] = {
        "line_no": number,
        "serial": f"LS{number}",
        "payment": payment.pk,
        "account": payment.account.number,
        "amount_fen": payment.amount_fen,
        "outcome": outcome,
        "value_date": dt.date(2026, 3, 3),
        "message": "" if outcome == "paid" else "账号户名不符",
    }
    return ReturnedLine(**said | changes)


def return_file(batch: PaymentBatch, **changes: Any) -> ReturnFile:
    """A file that came for a released batch."""
    number = f"HD-{next(_numbers)}"
    content = number.encode()
    given: dict[str, Any] = {
        "number": number,
        "instruction": batch.instruction,
        "name": f"{number}.csv",
        "content": content,
        "sha256": sha256(content).hexdigest(),
        "via": "folder",
        "received_at": timezone.now(),
    }
    return ReturnFile.objects.create(**given | changes)


def applied(file: ReturnFile, at: dt.datetime) -> ReturnFile:
    """The file, booked."""
    advance(file, "apply", actor=None, at=at)
    return file


def states_of(payments: Iterable[Payment]) -> list[str]:
    """Of payments, in the order of their ids."""
    found = Payment.objects.filter(pk__in=[one.pk for one in payments])
    return list(found.order_by("pk").values_list("state", flat=True))
