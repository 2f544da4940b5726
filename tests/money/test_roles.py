"""Each step of money is of a post in the department whose money it is: the same post elsewhere is none."""

import pytest

from policies.models import PaymentBatch
from policies.money import batches, corrections, freezes
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.money.factories import Desk, official, payment_of
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


def drafted(desk):
    return desk.draft(desk.award())


def frozen(desk):
    return freezes.freeze(desk.line, "核查", by=desk.preparer, at=desk.at)


def asked(desk):
    row = frozen(desk)
    freezes.ask_thaw(row, by=desk.preparer, at=desk.at)
    return row


def clawback(desk):
    owed = desk.award()
    desk.settled(owed)
    (row,) = corrections.propose([corrections.Difference(owed, 1, {"why": "更正"})], at=desk.at)
    corrections.accept(row, "属实", by=official(Role.LEADER), at=desk.at)
    return row


STEPS = {
    "drop": (Role.PAYMENT_PREPARER, drafted, lambda row, **by: batches.drop(payment_of(row), "不付了", **by)),
    "prepare": (Role.PAYMENT_PREPARER, drafted, batches.prepare),
    "send back": (
        Role.PAYMENT_CONFIRMER,
        Desk.prepared,
        lambda row, **by: batches.send_back(row, "少一笔", **by),
    ),
    "cancel": (Role.PAYMENT_PREPARER, drafted, lambda row, **by: batches.cancel(row, "不付了", **by)),
    "ask thaw": (Role.PAYMENT_CONFIRMER, frozen, freezes.ask_thaw),
    "thaw": (Role.PAYMENT_CONFIRMER, asked, freezes.thaw),
    "recover": (Role.LEADER, clawback, lambda row, **by: corrections.recover(row, "收据 1 号", **by)),
}


@pytest.mark.parametrize(("role", "make", "step"), STEPS.values(), ids=STEPS)
def test_is_of_the_post_in_that_department(role, make, step):
    desk = Desk()
    row = make(desk)
    stranger = official(role, DepartmentFactory())
    told("no_role", lambda: step(row, by=stranger, at=desk.at))
    step(row, by=official(role), at=desk.at)


def test_a_batch_that_is_gone_is_told_of():
    desk = Desk()
    batch = PaymentBatch(pk=0, line=desk.line)
    told("gone", lambda: batches.prepare(batch, by=desk.preparer, at=desk.at))
