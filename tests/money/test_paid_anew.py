"""退票 from end to end: paid, sent back, the account corrected, four fresh eyes, paid once in the end."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.models import InstructionFile, ReturnFile, ReturnLine, Transfer
from policies.money import accounts, batches, invariants, releasing, results
from policies.money.awards import waiting
from policies.money.desk.lines import faults_of
from policies.money.pages.tracks import tracks_of
from policies.money.received import received_by
from portal.accounts.roles import Role
from tests.money.factories import Desk, account, answer, member_of, official, payment_of, return_file
from tests.money.refusing import told

pytestmark = pytest.mark.django_db
PAID, BACK = dt.date(2026, 3, 3), dt.date(2026, 3, 5)


def track(owed):
    (found,) = tracks_of(owed.enterprise)
    return found


@pytest.fixture
def sent_back():
    """Paid on the third, and sent back on the fifth: the account had been closed."""
    desk = Desk()
    owed = desk.award(86_500)
    batch = desk.released(owed)
    payment = payment_of(batch)
    desk.take(batch, [answer(payment, value_date=PAID)])
    assert desk.books() == (0, 86_500)
    desk.take(batch, [answer(payment, "returned", value_date=BACK, message="账户已销户")])
    return desk, owed, batch


def test_from_the_return_to_the_second_payment(sent_back):
    desk, owed, batch = sent_back
    first = payment_of(batch)
    assert (first.state, first.reason) == ("returned", "账户已销户")
    assert desk.books() == (0, 0)
    assert list(waiting(desk.line)) == [owed]
    assert track(owed).state == "returned"

    given = accounts.give(
        member_of(owed.enterprise), owed.enterprise.name, "工行", "62220000111", at=desk.tick()
    )
    assert track(owed).state == "check"
    told("no_account", lambda: desk.draft(owed))
    accounts.check(given, "matched", by=official(Role.PAYMENT_PREPARER), at=desk.tick())

    again = desk.draft(owed)
    told("paid_twice", lambda: desk.draft(owed))
    second = payment_of(again)
    assert (second.pk != first.pk, second.account) == (True, given)
    desk.prepare(again)
    at = desk.tick()
    told(
        "transition_refused",
        lambda: releasing.release(again, desk.code(desk.releaser), by=desk.releaser, at=at),
    )
    told("no_role", lambda: batches.confirm(again, desk.code(desk.preparer), by=desk.preparer, at=at))
    desk.confirm(again)
    desk.release(again)
    assert [one.batch_id for one in again.signatures.all()] == [again.pk, again.pk]
    assert InstructionFile.objects.count() == 2
    content = bytes(again.instruction.content).decode()
    assert f"D,{second.pk}," in content
    assert "62220000111" in content
    desk.settle(again)

    assert track(owed).state == "paid"
    assert desk.books() == (0, 86_500)
    kinds = list(Transfer.objects.order_by("pk").values_list("payment", "kind"))
    assert kinds == [
        *[(first.pk, kind) for kind in ("reserve", "post", "reverse")],
        *[(second.pk, kind) for kind in ("reserve", "post")],
    ]
    tomorrow = timezone.localdate(desk.at) + dt.timedelta(days=1)
    assert received_by(owed.enterprise_id, owed.item, before=tomorrow)["item"] == 86_500
    assert not waiting(desk.line).exists()
    assert not invariants.broken()


@pytest.mark.parametrize(("day", "kept"), [(PAID, True), (BACK, True), (BACK + dt.timedelta(days=1), False)])
def test_a_word_that_comes_late_pays_nobody_twice(day, kept):
    """It was sent back first: what is dated until then is kept, what is dated later is for people."""
    desk = Desk()
    owed = desk.award()
    batch = desk.released(owed)
    first = payment_of(batch)
    desk.take(batch, [answer(first, "returned", value_date=BACK)])
    account(owed.enterprise)
    again = desk.settled(owed)
    before = desk.books(), list(Transfer.objects.values_list("pk", flat=True)), first.events.count()
    late = answer(first, value_date=day)
    if kept:
        desk.take(batch, [late])
        assert set(first.answers.values_list("outcome", flat=True)) == {"paid", "returned"}
    else:
        told("inconsistent", lambda: results.settle([late], return_file(batch), desk.tick()))
        assert first.answers.count() == 1
    assert (payment_of(batch).state, payment_of(again).state) == ("returned", "paid")
    after = desk.books(), list(Transfer.objects.values_list("pk", flat=True)), first.events.count()
    assert after == before
    assert not invariants.broken()


def test_the_same_word_under_another_serial_is_refused_in_words():
    desk = Desk()
    batch = desk.released()
    payment = payment_of(batch)
    desk.take(batch, [answer(payment, "returned", value_date=BACK)])
    desk.take(batch, [answer(payment, value_date=PAID)])
    for outcome in ("paid", "returned"):
        again = answer(payment, outcome, value_date=PAID)
        refusal = told(
            "inconsistent", lambda again=again: results.settle([again], return_file(batch), desk.tick())
        )
        assert "流水号不同" in str(refusal)
    assert ReturnLine.objects.count() == 2
    assert ReturnFile.objects.filter(state="applied").count() == 2


def given_again(owed, desk):
    used = accounts.current(owed.enterprise_id)
    return accounts.give(member_of(owed.enterprise), used.holder, used.bank, used.number, at=desk.tick())


def test_nothing_more_goes_to_the_account_that_it_came_back_from(sent_back):
    desk, owed, _batch = sent_back
    other = desk.award(enterprise=owed.enterprise, period=2025)
    for one in (owed, other):
        refusal = told("no_account", lambda one=one: desk.draft(one))
        assert "银行退回，待更正账户或重新核对" in str(refusal)
    assert owed.enterprise_id not in accounts.verified_of([owed.enterprise_id])
    assert track_states(owed) == {"returned"}


def track_states(owed):
    return {found.state for found in tracks_of(owed.enterprise)}


def test_the_same_account_given_again_is_checked_anew_and_paid(sent_back):
    desk, owed, _batch = sent_back
    before = accounts.current(owed.enterprise_id)
    told("checked", lambda: accounts.check(before, "matched", by=official(Role.PAYMENT_PREPARER), at=desk.at))
    again = given_again(owed, desk)
    assert (again.pk != before.pk, again.number) == (True, before.number)
    assert track(owed).state == "check"
    told("no_account", lambda: desk.draft(owed))
    accounts.check(
        again, "matched", by=official(Role.PAYMENT_PREPARER), at=desk.tick(), note="银行系统故障，账户无误"
    )
    assert given_again(owed, desk) == again, "no money came back from this one"
    assert payment_of(desk.settled(owed)).state == "paid"
    assert desk.books() == (0, 86_500)


def test_what_waits_in_other_batches_goes_nowhere_once_money_came_back():
    desk = Desk()
    first = desk.award()
    drawn, signed = (desk.award(enterprise=first.enterprise, period=year) for year in (2024, 2025))
    batch = desk.released(first)
    draft, confirmed = desk.draft(drawn), desk.confirmed(signed)
    desk.settle(batch, "returned")
    told("account_changed", lambda: desk.prepare(draft))
    told("account_changed", lambda: desk.release(confirmed))
    assert faults_of(draft) == [("银行退回，待更正账户或重新核对", 1)]
    assert desk.books() == (0, 0)
