"""What the database holds of files: told is what was sent, booked what is judged, paid what a line is for."""

import importlib
from hashlib import sha256

import pytest

from policies.models import InstructionFile, Payment, ReturnFile
from policies.money import invariants
from tests.databases import needs_two_roles
from tests.money.factories import Desk, answer, payment_of, return_file
from tests.money.forging import release, send
from tests.money.refusing import denied, refused
from tests.policies import factories as policies
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
GUARDS = importlib.import_module("policies.migrations.0029_files_stand")._GUARDS


def told(batch, **changes):
    """Somebody with the application role puts an instruction where the sweeper finds it."""
    content = b"H,ZF-1"
    given = {"number": "ZF-1", "batch": batch, "content": content, "count": 1, "total_fen": 10_000_000}
    given |= {"sha256": sha256(content).hexdigest(), "written_at": "2026-03-02T08:00Z"}
    InstructionFile.objects.create(**given | changes)


def only_confirmed():
    told(Desk().confirmed())


def released_and_not_sent():
    """As if a batch were released past freeze, budget and account, all of which sending asks for."""
    desk = Desk()
    batch = desk.confirmed()
    release(batch, desk.releaser)
    told(batch)


def of_another_sum():
    desk = Desk()
    batch = desk.confirmed()
    release(batch, desk.releaser)
    send(payment_of(batch))
    told(batch, total_fen=100_000_000)


def line_of(state):
    """A line is added to a file that is not being judged."""
    desk = Desk()
    batch = desk.settled()
    file = ReturnFile.objects.get()
    if state != "applied":
        file = return_file(batch)
        change(file, state="quarantined", reasons='["不符"]')
    add_line(file, answer(payment_of(batch), "returned"))


def add_line(file, said):
    return file.lines.create(
        line_no=9,
        serial=said.serial,
        payment_id=said.payment,
        outcome=said.outcome,
        amount_fen=said.amount_fen,
        value_date=said.value_date,
    )


def out_of_another_line():
    """An award of an item that the line is not for."""
    desk, other = Desk(), Desk(version=policies.published())
    owed = other.award()
    batch = desk.draft(desk.award())
    Payment.objects.create(
        batch=batch,
        line=batch.line,
        award=owed,
        enterprise=owed.enterprise,
        account=owed.enterprise.payee_accounts.get(),
        amount_fen=owed.amount_fen,
    )


CASES = [
    ("policies_instructionfile_sent", only_confirmed),
    ("policies_instructionfile_sent", released_and_not_sent),
    ("policies_instructionfile_sent", of_another_sum),
    ("policies_returnline_judged", lambda: line_of("applied")),
    ("policies_returnline_judged", lambda: line_of("quarantined")),
    ("policies_payment_of_line", out_of_another_line),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES)
def test_the_database_refuses(constraint, provoke):
    refused(constraint, provoke)


def test_no_guard_is_left_out():
    assert {name for name, *_rest in GUARDS} == {name for name, _provoke in CASES}


def test_a_file_that_is_judged_again_keeps_its_bytes_and_number():
    file = return_file(Desk().released())
    change(file, state="quarantined", reasons='["不符"]')
    for values in ({"content": b"x"}, {"number": "HD-X"}, {"name": "x"}):
        refused(
            "policies_returnfile_stands",
            lambda values=values: change(file, state="received", reasons="[]", **values),
        )
    change(file, state="received", reasons="[]")
    assert ReturnFile.objects.get(pk=file.pk).state == "received"


def test_what_was_booked_is_not_judged_again():
    Desk().settled()
    file = ReturnFile.objects.get()
    refused("policies_returnfile_state_transitions", lambda: change(file, state="received"))


@needs_two_roles
def test_deliveries_are_added_and_never_changed():
    file = Desk().released().instruction
    first = file.deliveries.create(at="2026-03-02T08:00Z")
    copy(first)
    denied(lambda: change(first, at="2026-03-03T08:00Z"))
    denied(lambda: delete(first))


def test_a_line_of_a_file_that_was_never_applied_is_found():
    desk = Desk()
    batch = desk.released()
    desk.settle(batch, "returned")
    assert not invariants.broken()
    said = add_line(return_file(batch), answer(payment_of(batch)))
    (figure,) = invariants.broken()
    assert (figure.name, figure.detail) == ("files", said.serial)
