"""Release: all of it or nothing, by a third person, never more than there is, never while it is frozen."""

import pghistory
import pytest

from policies.models import InstructionFile, PaymentEvent, Transfer
from policies.money import batches, freezes, invariants, releasing
from policies.money.exchange.instructing import regenerated
from portal.accounts.roles import Role
from portal.kernel.models import NumberSeries
from tests.accounts.factories import PostingFactory, UserFactory
from tests.money.factories import Desk, account, official, payment_of, states_of
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def release(desk, batch, by=None, **given):
    by = by or desk.releaser
    at = desk.tick()
    code = given.pop("code", None) or desk.code(by)
    return lambda: releasing.release(batch, code, by=by, at=at, **given)


def nothing_happened(desk, batch):
    batch.refresh_from_db()
    assert batch.state == "confirmed"
    assert set(states_of(batch.payments.all())) == {"prepared"}
    assert desk.books() == (0, 0)
    assert not Transfer.objects.exists()
    assert not InstructionFile.objects.exists()
    assert not batch.signatures.filter(step="release").exists()


def test_not_what_is_not_confirmed(desk):
    for batch in (desk.draft(desk.award()), desk.prepared()):
        told("transition_refused", release(desk, batch))


def test_not_twice(desk):
    told("transition_refused", release(desk, desk.released()))


@pytest.mark.parametrize("who", ["preparer", "confirmer"])
def test_not_by_who_signed_before(desk, who):
    batch, by = desk.confirmed(), getattr(desk, who)
    PostingFactory(user=by, department=desk.line.department, role=Role.PAYMENT_RELEASER)
    told("four_eyes", release(desk, batch, type(by).objects.get(pk=by.pk)))
    nothing_happened(desk, batch)


def test_not_without_the_post(desk):
    batch = desk.confirmed()
    told("no_role", release(desk, batch, desk.confirmer))
    told("no_role", release(desk, batch, UserFactory(is_superuser=True, second_factor=True)))
    nothing_happened(desk, batch)


def test_not_with_a_wrong_or_used_code(desk):
    first, second = desk.confirmed(), desk.confirmed()
    told("wrong_code", release(desk, second, code="123456"))
    code = desk.code(desk.releaser)
    releasing.release(first, code, by=desk.releaser, at=desk.at)
    told("used_code", lambda: releasing.release(second, code, by=desk.releaser, at=desk.at))
    second.refresh_from_db()
    assert second.state == "confirmed"


def test_not_one_fen_more_than_there_is():
    desk = Desk(appropriated_fen=10_000_000)
    batch = desk.confirmed(desk.award(10_000_000))
    line = desk.now()
    line.appropriated_fen -= 1
    line.save()
    assert line.code in str(told("overspent", release(desk, batch)))
    nothing_happened(desk, batch)
    line.appropriated_fen += 1
    line.save()
    desk.release(batch)
    assert desk.books() == (10_000_000, 0)


def test_not_what_others_have_used_up_meanwhile():
    desk = Desk(appropriated_fen=15_000_000)
    first, second = desk.confirmed(), desk.confirmed()
    desk.release(first)
    told("overspent", release(desk, second))
    second.refresh_from_db()
    assert second.state == "confirmed"


@pytest.mark.parametrize("scope", ["line", "batch", "everything"])
def test_not_while_it_is_frozen(desk, scope):
    batch = desk.confirmed()
    target = {"line": desk.line, "batch": batch, "everything": None}[scope]
    frozen = freezes.freeze(target, "收到举报", by=desk.confirmer, at=desk.tick())
    assert "收到举报" in str(told("frozen", release(desk, batch)))
    nothing_happened(desk, batch)
    freezes.ask_thaw(frozen, by=desk.confirmer, at=desk.tick())
    told("frozen", release(desk, batch))
    freezes.thaw(frozen, by=desk.preparer, at=desk.tick())
    desk.release(batch)


def test_not_to_an_account_that_was_changed_after_it_was_confirmed(desk):
    batch = desk.confirmed()
    enterprise = payment_of(batch).enterprise
    account(enterprise, checked=True)
    assert enterprise.name in str(told("account_changed", release(desk, batch)))
    nothing_happened(desk, batch)


def test_not_another_content_than_was_seen(desk):
    batch = desk.confirmed()
    told("content_changed", release(desk, batch, seen="0" * 64))
    nothing_happened(desk, batch)


def test_all_of_it_at_once(desk):
    batch = desk.confirmed(desk.award(1), desk.award(2), desk.award(4))
    file = release(desk, batch)()
    assert batch.state == "released"
    assert states_of(batch.payments.all()) == ["sent"] * 3
    assert desk.books() == (7, 0)
    assert sorted(Transfer.objects.values_list("kind", "amount_fen")) == [
        ("reserve", 1),
        ("reserve", 2),
        ("reserve", 4),
    ]
    assert set(Transfer.objects.values_list("at", flat=True)) == {batch.released_at}
    sent = PaymentEvent.objects.filter(name="send")
    assert set(sent.values_list("actor", "source", "target")) == {(desk.releaser.pk, "prepared", "sent")}
    assert sent.count() == 3
    assert (file.count, file.total_fen) == (3, 7)
    assert bytes(file.content) == regenerated(InstructionFile.objects.get(pk=file.pk))
    assert not invariants.broken()


def test_all_of_it_within_a_request_whose_history_is_kept(desk):
    batch = desk.confirmed(desk.award(1), desk.award(2))
    with pghistory.context(user=desk.releaser.pk):
        desk.release(batch)
    assert states_of(batch.payments.all()) == ["sent"] * 2
    assert PaymentEvent.objects.filter(name="send").count() == 2


def test_what_was_dropped_is_not_sent(desk):
    batch = desk.draft(desk.award(1), desk.award(2))
    batches.drop(batch.payments.get(amount_fen=2), "重", by=desk.preparer, at=desk.tick())
    desk.release(desk.confirm(desk.prepare(batch)))
    assert sorted(states_of(batch.payments.all())) == ["sent", "void"]
    assert desk.books() == (1, 0)
    assert not invariants.broken()


def test_a_number_is_not_lost_to_a_release_that_failed(desk):
    batch = desk.confirmed()
    frozen = freezes.freeze(None, "x", by=official(Role.LEADER), at=desk.tick())
    before = list(NumberSeries.objects.values_list("prefix", "last"))
    told("frozen", release(desk, batch))
    assert list(NumberSeries.objects.values_list("prefix", "last")) == before
    assert frozen.pk
