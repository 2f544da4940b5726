"""What stands of money against raw SQL of the application role: what was said, states, what is added to.

Each case is refused by one trigger or privilege alone: without it nothing would.
"""

import pytest
from django.apps import apps
from django.db import connection

from policies.models import enjoying, money
from policies.money import batches, corrections, delivering, intake
from portal.accounts.roles import Role
from portal.kernel.database import is_append_only
from tests.accounts.factories import UserFactory
from tests.databases import needs_two_roles
from tests.money.breaches import (
    NOW,
    accepted,
    asked,
    came,
    correction,
    drafted,
    freeze,
    in_draft,
    instruction,
    preparing,
    proposed,
    received,
    twin_of,
    unsettled,
)
from tests.money.factories import Desk, official, payment_of
from tests.money.forging import confirm, release
from tests.money.refusing import denied, refused, run
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
LATER = "2026-03-02T09:00Z"


def released_payment():
    return payment_of(Desk().released())


def settled_payment():
    return payment_of(Desk().settled())


def thawed():
    frozen = asked()
    change(frozen, thawed_by_id=UserFactory().pk, thawed_at=NOW)
    return frozen


def delivered(tmp_path, settings):
    settings.TREASURY_OUTBOX = tmp_path
    file = instruction()
    assert delivering.deliver(file.pk, at=file.written_at)
    return file


def applied():
    desk = Desk()
    return desk.settle(desk.released())


STANDING = {
    "policies_payment_stands: whom it pays": (in_draft, {"account_id": 10**9}),
    "policies_payment_stands: its number": (in_draft, {"id": 10**9}),
    "policies_payment_stands: the sum": (released_payment, {"amount_fen": 1}),
    "policies_payment_stands: when it was sent": (released_payment, {"sent_at": NOW}),
    "policies_payment_stands: when it was paid": (settled_payment, {"settled_at": NOW}),
    "policies_payment_stands: why": (settled_payment, {"reason": "改"}),
    "policies_paymentbatch_stands: of a draft": (drafted, {"number": "PC-1"}),
    "policies_paymentbatch_stands: of a prepared one": (lambda: Desk().prepared(), {"title": "改"}),
    "policies_paymentbatch_stands: the sum": (lambda: Desk().prepared(), {"total_fen": 1}),
    "policies_paymentbatch_stands: the digest": (lambda: Desk().confirmed(), {"digest": "0" * 64}),
    "policies_paymentbatch_stands: the round": (lambda: Desk().confirmed(), {"round": 2}),
    "policies_paymentbatch_stands: when": (lambda: Desk().released(), {"released_at": NOW}),
    "policies_freeze_stands: live": (freeze, {"reason": "没事了"}),
    "policies_freeze_stands: thawed by nobody": (freeze, {"thawed_at": NOW}),
    "policies_freeze_stands: asked": (asked, {"thaw_asked_at": LATER}),
    "policies_freeze_stands: thawed": (thawed, {"thawed_at": None, "thawed_by_id": None}),
    "policies_instructionfile_stands: its content": (instruction, {"content": b"x"}),
    "policies_instructionfile_stands: its number": (instruction, {"number": "ZF-1"}),
    "policies_returnfile_stands: its content": (received, {"content": b"x"}),
    "policies_returnfile_stands: its name": (received, {"name": "x"}),
    "policies_returnfile_stands: applied": (applied, {"name": "x"}),
    "policies_correction_stands: the sum": (correction, {"amount_fen": 2}),
    "policies_correction_stands: why": (accepted, {"reason": "改"}),
}


@pytest.mark.parametrize(("make", "values"), STANDING.values(), ids=STANDING)
def test_what_was_said_stands(make, values, request):
    row = make()
    refused(request.node.callspec.id.partition(":")[0], lambda: change(row, **values))


def test_a_file_is_delivered_once(tmp_path, settings):
    file = delivered(tmp_path, settings)
    refused("policies_instructionfile_stands", lambda: change(file, delivered_at=None))


STEPS = {
    "prepared": (drafted, preparing),
    "confirmed": (lambda: Desk().prepared(), lambda row, **more: confirm(row, UserFactory(), **more)),
    "released": (lambda: Desk().confirmed(), lambda row, **more: release(row, UserFactory(), **more)),
    "settled": (unsettled, lambda row, **more: change(row, state="settled", settled_at=NOW, **more)),
    "cancelled": (lambda: Desk().draft(), lambda row, **more: change(row, state="cancelled", **more)),
}


@pytest.mark.parametrize(("make", "step"), STEPS.values(), ids=STEPS)
def test_with_a_step_nothing_else_of_a_batch_changes(make, step):
    batch = make()
    refused("policies_paymentbatch_stands", lambda: step(batch, title="改"))
    step(batch)


def born_sent():
    payment = in_draft()
    copy(payment, award_id=twin_of(payment).pk, state="sent", sent_at=NOW)


def born_confirmed():
    copy(Desk().confirmed(), number="PC-X")


def born_applied():
    came(number="HD-X", instruction=instruction(), state="applied")


def born_accepted():
    proposed(amount_fen=1, state="accepted", decided_by=UserFactory(), decided_at=NOW, reason="x")


BORN = {
    "payment": born_sent,
    "paymentbatch": born_confirmed,
    "returnfile": born_applied,
    "correction": born_accepted,
}


@pytest.mark.parametrize(("table", "bear"), BORN.items())
def test_nothing_is_born_further_on(table, bear):
    refused(f"policies_{table}_state_transitions", bear)


def cancelled():
    desk = Desk()
    batch = desk.draft()
    batches.cancel(batch, "不付了", by=desk.preparer, at=desk.tick())
    return batch


def put_away():
    file = received()
    file = intake.judge(file.pk, at=file.received_at)
    intake.dismiss(file, "重复", by=official(Role.PAYMENT_PREPARER), at=file.received_at)
    return file


def rejected():
    row = correction()
    corrections.dismiss(row, "无误", by=official(Role.LEADER), at=row.proposed_at)
    return row


BACK = {
    "payment": (settled_payment, {"state": "unknown", "settled_at": None}),
    "paymentbatch": (cancelled, {"state": "draft", "round": 2}),
    "returnfile": (put_away, {"state": "quarantined"}),
    "correction": (rejected, {"state": "accepted"}),
}


@pytest.mark.parametrize(("table", "case"), BACK.items())
def test_no_step_is_taken_back(table, case):
    make, values = case
    row = make()
    refused(f"policies_{table}_state_transitions", lambda: change(row, **values))


def unwritten(row, **values):
    """A copy of which no event tells, so that no foreign key holds it."""
    copy(row, **values)
    return type(row).objects.latest("pk")


def twin():
    payment = in_draft()
    return unwritten(payment, award_id=twin_of(payment).pk)


DELETED = {
    "policies_freeze_stands": freeze,
    "policies_instructionfile_stands": instruction,
    "policies_payment_state_transitions": twin,
    "policies_paymentbatch_state_transitions": lambda: unwritten(Desk().draft(), number="PC-X"),
    "policies_returnfile_state_transitions": received,
    "policies_correction_state_transitions": correction,
}


@pytest.mark.parametrize(("constraint", "make"), DELETED.items())
def test_nothing_of_it_is_deleted(constraint, make):
    row = make()
    refused(constraint, lambda: delete(row))


def added_to():
    """Tables of money and of lists whose rows are only ever added."""
    models = [apps.get_model("policies", name) for room in (money, enjoying) for name in room.__all__]
    return sorted(model._meta.db_table for model in models if is_append_only(model))


@needs_two_roles
@pytest.mark.parametrize("table", added_to())
@pytest.mark.parametrize("words", ["UPDATE {} SET id = id", "DELETE FROM {}"], ids=["UPDATE", "DELETE"])
def test_what_is_written_is_not_written_anew(words, table):
    denied(lambda: run(words.format(table)))


@needs_two_roles
def test_what_the_ledger_writes_nobody_else_adds_to():
    denied(lambda: run("INSERT INTO policies_transfer DEFAULT VALUES"))


def test_an_inventory_of_what_is_added_to_is_not_empty():
    assert len(added_to()) > 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = ANY(%s)", [added_to()])
        assert cursor.fetchone() == (len(added_to()),)
