"""Many enterprises at once, for a desk of the factories: set-based, as thousands of payments want it."""

from __future__ import annotations

from enterprises.models import Enterprise
from policies.models import AccountCheck, Award, InstructionFile, PayeeAccount
from portal.notifications.models import Mailbox
from tests.accounts.factories import UserFactory
from tests.enjoying.taken import grant
from tests.enterprises.factories import uscc_of
from tests.money.factories import Desk, new_award

FIRST_USCC = 700_000
"""Above what the factory of enterprises counts to."""


def owed(desk: Desk, count: int) -> list[Award]:
    """Awards of so many new enterprises, each with a checked account and an amount of its own."""
    made = _enterprises(count)
    owner = UserFactory()
    accounts = PayeeAccount.objects.bulk_create(
        PayeeAccount(
            enterprise=one,
            holder=one.name,
            bank="重庆农村商业银行,垫江支行",
            number=f"6217{one.pk:012d}",
            given_by=owner,
            given_at=desk.at,
        )
        for one in made
    )
    AccountCheck.objects.bulk_create(
        AccountCheck(account=one, outcome="matched", checked_by=desk.preparer, checked_at=desk.at)
        for one in accounts
    )
    wanted = [new_award(desk.version, one, amount_fen=1_000_000 + number) for number, one in enumerate(made)]
    return grant(*wanted, at=desk.at)


def released(desk: Desk, count: int = 3) -> InstructionFile:
    """A released batch of so many new enterprises: its instruction file, not delivered yet."""
    return desk.released(*owed(desk, count)).instruction


def _enterprises(count: int) -> list[Enterprise]:
    mailboxes = Mailbox.objects.bulk_create(Mailbox(kind="enterprise") for _number in range(count))
    start = FIRST_USCC + Enterprise.objects.count()
    return Enterprise.objects.bulk_create(
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
