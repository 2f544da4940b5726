"""A county that pays: three officials, a budget line, checked accounts, batches up to released."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from enterprises.models import Enterprise
from policies.models import AccountCheck, Award, BudgetLine, InstructionFile, ItemVersion, PayeeAccount
from policies.money import batches
from policies.money.awards import NewAward
from policies.money.releasing import release
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.second_factor import enable_totp, totp_code_at
from portal.notifications.models import Mailbox
from tests.accounts.factories import PostingFactory, UserFactory
from tests.enjoying.taken import grant
from tests.enterprises.factories import uscc_of
from tests.policies import factories as make

YEAR = 2026
STEP = dt.timedelta(seconds=60)
"""Between two signatures of a scene: each takes a code of its own."""


@dataclass
class Scene:
    """Who pays what from which line. Its clock begins a while ago and goes on with each signature."""

    version: ItemVersion
    line: BudgetLine
    preparer: User
    confirmer: User
    releaser: User
    owner: User
    now: dt.datetime
    first_uscc: int = 700_000
    enterprises: list[Enterprise] = field(default_factory=list)

    def moment(self) -> dt.datetime:
        """The next one."""
        self.now += STEP
        return self.now

    def code(self, user: User) -> str:
        """What the user's authenticator shows at the last moment."""
        return totp_code_at(user, self.now)


def scene(*, appropriated_fen: int = 10**13, ago: dt.timedelta = dt.timedelta(days=1)) -> Scene:
    """Officials with authenticators, a published item, its budget line."""
    version = make.published()
    department = version.item.department
    line = BudgetLine.objects.create(
        code=f"2150{version.pk}",
        label="企业奖补",
        year=YEAR,
        department=department,
        appropriated_fen=appropriated_fen,
    )
    line.items.add(version.item)
    roles = (Role.PAYMENT_PREPARER, Role.PAYMENT_CONFIRMER, Role.PAYMENT_RELEASER)
    people = [PostingFactory(department=department, role=role).user for role in roles]
    for one in people:
        enable_totp(one)
    return Scene(version, line, *people, owner=UserFactory(), now=timezone.now() - ago)


def owed(of: Scene, count: int) -> list[Award]:
    """Awards of so many new enterprises, each with a checked account and an amount of its own."""
    mailboxes = Mailbox.objects.bulk_create(Mailbox(kind="enterprise") for _number in range(count))
    start = of.first_uscc + len(of.enterprises)
    made = Enterprise.objects.bulk_create(
        Enterprise(
            uscc=uscc_of(start + number),
            name=f"垫江第{start + number}制造有限公司",
            region_id="500231101",
            industry="36",
            entity_type="company",
            mailbox=mailbox,
        )
        for number, mailbox in enumerate(mailboxes)
    )
    of.enterprises += made
    accounts = PayeeAccount.objects.bulk_create(
        PayeeAccount(
            enterprise=one,
            holder=one.name,
            bank="重庆农村商业银行,垫江支行",
            number=f"6217{one.pk:012d}",
            given_by=of.owner,
            given_at=of.now,
        )
        for one in made
    )
    AccountCheck.objects.bulk_create(
        AccountCheck(account=one, outcome="matched", checked_by=of.preparer, checked_at=of.now)
        for one in accounts
    )
    wanted = [
        NewAward(
            item=of.version.item_id,
            enterprise=one.pk,
            period=YEAR,
            version=of.version.pk,
            amount_fen=1_000_000 + number,
            evidence={"rule_version": of.version.rule_version_id},
        )
        for number, one in enumerate(made)
    ]
    return grant(*wanted, at=of.now)


def confirmed(of: Scene, awards: list[Award]) -> batches.PaymentBatch:
    """A batch of the awards that waits to be released."""
    batch = batches.draft(of.line, "企业奖补", by=of.preparer, at=of.moment())
    batches.add(batch, awards, by=of.preparer, at=of.now)
    batches.prepare(batch, by=of.preparer, at=of.now)
    at = of.moment()
    batches.confirm(batch, of.code(of.confirmer), by=of.confirmer, at=at)
    return batch


def released(of: Scene, count: int = 3) -> InstructionFile:
    """A released batch of so many new enterprises: its instruction file, not delivered yet."""
    batch = confirmed(of, owed(of, count))
    at = of.moment()
    return release(batch, of.code(of.releaser), by=of.releaser, at=at)
