"""Many at once on connections of their own: one payment, one signature, never more than the budget."""

from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from policies.correcting.finding import propose_corrections
from policies.models import Award, Correction, Payment, PaymentBatch, Transfer
from policies.money import batches, corrections, freezes, invariants, releasing, results
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.enjoying.taken import grant
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.money.factories import (
    WAN,
    Desk,
    account,
    answer,
    applied,
    new_award,
    official,
    payment_of,
    return_file,
    states_of,
)
from tests.policies import factories as policies
from tests.races import at_once, behind

pytestmark = pytest.mark.django_db(transaction=True)
OF_REVENUE = {"rate": "10%", "of": {"fact": "revenue", "period": "Y-1"}}
SPARE = 20
"""Connections that are left for others."""


def sorted_out(outcomes):
    """How many won, and the codes of those who were told."""
    told = [each.code for each in outcomes if isinstance(each, DomainError)]
    failed = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, DomainError)]
    assert not failed, failed
    return len(outcomes) - len(told), told


def again(batch):
    """The same row as another request reads it."""
    return PaymentBatch.objects.select_related("line").get(pk=batch.pk)


def signing(service, batch, by, desk):
    return partial(service, again(batch), desk.code(by), by=by, at=desk.at)


def taken(file, line, at):
    """A file of one line, booked: how many lines were new."""
    with transaction.atomic():
        new = results.settle([line], file, at)
        applied(file, at)
    return new


def crowd(actions):
    """At once as many as the server has connections for, the others right behind them."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        room = max(2, int(cursor.fetchone()[0]) - SPARE)
    lanes = [actions[start::room] for start in range(min(room, len(actions)))]
    return [outcome for lane in at_once(*(partial(one_by_one, lane) for lane in lanes)) for outcome in lane]


def one_by_one(actions):
    return [outcome_of(action) for action in actions]


def outcome_of(action):
    try:
        return action()
    except Exception as error:
        return error


def test_of_two_hundred_confirmers_one_confirms():
    desk = Desk()
    batch = desk.prepared()
    people = [official(Role.PAYMENT_CONFIRMER) for _ in range(200)]
    desk.tick()
    won, told = sorted_out(crowd([signing(batches.confirm, batch, by, desk) for by in people]))
    assert (won, set(told)) == (1, {"transition_refused"})
    assert batch.signatures.count() == 1
    assert again(batch).confirmed_by == batch.signatures.get().by


def test_fifty_releases_against_one_budget_spend_no_fen_too_much():
    desk = Desk(appropriated_fen=79_999_999)
    ready = [desk.confirmed() for _ in range(50)]
    people = [official(Role.PAYMENT_RELEASER) for _ in ready]
    desk.tick()
    tries = [signing(releasing.release, batch, by, desk) for batch, by in zip(ready, people, strict=True)]
    won, told = sorted_out(crowd(tries))
    assert (won, set(told)) == (7, {"overspent"})
    assert desk.books() == (70_000_000, 0)
    assert Transfer.objects.count() == Payment.objects.filter(state="sent").count() == 7
    assert not invariants.broken()


def test_of_two_releases_of_one_batch_one_releases():
    desk = Desk()
    batch = desk.confirmed()
    people = [desk.releaser, official(Role.PAYMENT_RELEASER), official(Role.PAYMENT_RELEASER)]
    desk.tick()
    won, told = sorted_out(at_once(*(signing(releasing.release, batch, by, desk) for by in people)))
    assert (won, told) == (1, ["transition_refused"] * 2)
    assert Transfer.objects.count() == 1
    assert not invariants.broken()


def test_confirming_against_changing():
    desk = Desk()
    for _ in range(5):
        batch, owed = desk.prepared(), desk.award()
        desk.tick()

        def change(batch=batch, owed=owed):
            batches.send_back(again(batch), "少一笔", by=desk.preparer, at=desk.at)
            batches.add(again(batch), [owed], by=desk.preparer, at=desk.at)
            batches.prepare(again(batch), by=desk.preparer, at=desk.at)

        sorted_out(at_once(signing(batches.confirm, batch, desk.confirmer, desk), change))
        now = again(batch)
        if now.state == "confirmed":
            assert now.digest == batches.digest(now) == batch.digest
            assert now.payments.count() == 1
        else:
            assert (now.state, now.confirmed_by, now.payments.count()) == ("prepared", None, 2)


def test_preparing_against_adding():
    desk = Desk()
    for _ in range(5):
        batch, owed = desk.draft(desk.award()), desk.award()
        sorted_out(
            at_once(
                partial(batches.prepare, again(batch), by=desk.preparer, at=desk.at),
                partial(batches.add, again(batch), [owed], by=desk.preparer, at=desk.at),
            )
        )
        now = again(batch)
        assert now.digest == batches.digest(now)
        assert now.count == now.payments.count()


@pytest.mark.parametrize("scope", ["everything", "line", "batch"])
def test_freezing_against_releasing(scope):
    desk = Desk()
    for _ in range(5):
        batch = desk.confirmed()
        target = {"everything": None, "line": desk.line, "batch": batch}[scope]
        desk.tick()
        frozen, released = at_once(
            partial(freezes.freeze, target, "举报", by=desk.preparer, at=desk.at),
            signing(releasing.release, batch, desk.releaser, desk),
        )
        sorted_out([frozen, released])
        stopped = isinstance(released, DomainError)
        assert states_of(batch.payments.all()) == ["prepared" if stopped else "sent"]
        freezes.ask_thaw(frozen, by=desk.preparer, at=desk.at)
        freezes.thaw(frozen, by=desk.confirmer, at=desk.at)
    assert not invariants.broken()


def test_releasing_against_a_change_of_account():
    desk = Desk()
    for _ in range(5):
        batch = desk.confirmed()
        payment = payment_of(batch)
        desk.tick()
        sorted_out(
            at_once(
                partial(account, payment.enterprise, checked=False),
                signing(releasing.release, batch, desk.releaser, desk),
            )
        )
        assert payment_of(batch).account_id == payment.account_id
    assert not invariants.broken()


def test_one_award_into_two_batches():
    desk = Desk()
    for _ in range(5):
        owed, drafts = desk.award(), [desk.draft(), desk.draft(), desk.draft()]
        adds = [partial(batches.add, again(one), [owed], by=desk.preparer, at=desk.at) for one in drafts]
        assert sorted_out(at_once(*adds)) == (1, ["paid_twice"] * 2)
    assert not invariants.broken()


def test_one_year_is_awarded_once():
    desk, enterprise = Desk(), EnterpriseFactory()
    wanted = [new_award(desk.version, enterprise)]
    make = partial(grant, *wanted, at=desk.at)
    assert sorted_out(at_once(make, make, make)) == (1, ["awarded_twice"] * 2)
    assert Award.objects.count() == 1


def test_the_same_answer_in_two_files_is_booked_once():
    desk = Desk()
    for _ in range(5):
        batch = desk.released()
        line = answer(payment_of(batch))
        files = [return_file(batch) for _ in range(3)]
        booked = at_once(*(partial(taken, file, line, desk.at) for file in files))
        assert sorted(booked) == [0, 0, 1]
    assert desk.books() == (0, 50_000_000)
    assert not invariants.broken()


def test_silence_against_an_answer():
    desk = Desk()
    for _ in range(5):
        batch = desk.released()
        late = desk.tick(days=3)
        file, line = return_file(batch), answer(payment_of(batch))
        sorted_out(at_once(partial(results.overdue, late), partial(taken, file, line, late)))
        assert payment_of(batch).state == "paid"
    assert not invariants.broken()


def test_two_looks_at_what_was_corrected_propose_once_while_officials_decide():
    desk, enterprise = Desk(version=policies.published(rule_amount=OF_REVENUE)), EnterpriseFactory()
    give_value(enterprise, "region", text="500231101")
    year = timezone.localdate().year - 1
    give_value(enterprise, "revenue", period=year, scaled=100 * WAN)
    evidence = {"as_of": timezone.localdate().isoformat(), "known_at": timezone.now().isoformat()}
    desk.settled(desk.award(10 * WAN, enterprise=enterprise, evidence=evidence))
    give_value(enterprise, "revenue", period=year, scaled=130 * WAN)
    looks = [partial(propose_corrections, timezone.now())] * 3
    at_once(*looks)
    row, by = Correction.objects.get(), official(Role.LEADER)
    outcomes = at_once(partial(corrections.accept, row, "属实", by=by, at=desk.tick()), *looks)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert Correction.objects.get().state == "accepted", "nothing is proposed on what was just decided"
    assert Award.objects.filter(source="correction").count() == 1


def test_silence_passes_over_what_is_being_answered_and_waits_for_nobody():
    """Both lock the payments of a batch: in one order, or they would wait for each other for ever."""
    desk = Desk()
    batch = desk.released(desk.award(), desk.award())
    first, second = batch.payments.order_by("pk")
    later = desk.tick(days=9)
    booking = partial(Payment.objects.select_for_update(no_key=True).get, pk=first.pk)
    assert behind(booking, partial(results.overdue, later)) == 1
    assert states_of([first, second]) == ["sent", "unknown"]
    assert results.overdue(later) == 1
