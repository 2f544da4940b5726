"""What the treasury says: booked whole, once, or not at all; silence is no answer."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from policies.models import PaymentEvent, ReturnLine, Transfer
from policies.money import invariants, results
from portal.kernel.models import WorkdayOverride
from portal.kernel.spans import end_of_day, start_of_day
from portal.kernel.workdays import add_workdays
from tests.money.factories import Desk, account, answer, payment_of, return_file, states_of
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def kinds(payment):
    return sorted(Transfer.objects.filter(payment=payment).values_list("kind", flat=True))


def settle(desk, batch, *lines):
    file = return_file(batch)
    return lambda: results.settle(lines, file, desk.tick())


class TestRefused:
    """One line is wrong, and nothing of the file is booked."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"amount_fen": 100_000_000},
            {"amount_fen": 9_999_999},
            {"account": "9999999999"},
            {"payment": 10**9},
        ],
        ids=["ten times as much", "a fen less", "another account", "a payment that is none"],
    )
    def test_a_line_that_contradicts(self, desk, changes):
        batch = desk.released(desk.award(), desk.award())
        first, second = batch.payments.select_related("account")
        refusal = told("inconsistent", settle(desk, batch, answer(first), answer(second, **changes)))
        assert len(refusal.reasons) == 1
        assert not ReturnLine.objects.exists()
        assert states_of([first, second]) == ["sent", "sent"]
        assert desk.books() == (20_000_000, 0)

    def test_every_reason_is_told(self, desk):
        batch = desk.released(desk.award(), desk.award())
        lines = [
            answer(one, amount_fen=1, line_no=no)
            for no, one in enumerate(batch.payments.select_related("account"), 2)
        ]
        refusal = told("inconsistent", settle(desk, batch, *lines))
        assert [reason[:5] for reason in refusal.reasons] == ["第 2 行", "第 3 行"]
        assert str(refusal).splitlines() == refusal.reasons

    def test_a_payment_of_another_batch(self, desk):
        mine, other = desk.released(), desk.released()
        told("inconsistent", settle(desk, mine, answer(payment_of(other))))

    def test_what_was_never_sent(self, desk):
        batch, other = desk.released(), desk.confirmed()
        file = return_file(batch)
        file.instruction = None  # as if nobody had asked what it answers
        told("inconsistent", lambda: results.settle([answer(payment_of(other))], file, desk.tick()))

    def test_the_same_payment_or_serial_twice_in_a_file(self, desk):
        batch = desk.released(desk.award(), desk.award())
        first, second = batch.payments.select_related("account")
        told("inconsistent", settle(desk, batch, answer(first), answer(first)))
        told("inconsistent", settle(desk, batch, answer(first, serial="A"), answer(second, serial="A")))

    def test_a_serial_that_says_another_thing_now(self, desk):
        batch = desk.released(desk.award(), desk.award())
        first, second = batch.payments.select_related("account")
        desk.take(batch, [answer(first, serial="A")])
        told("inconsistent", settle(desk, batch, answer(first, "returned", serial="A")))
        told("inconsistent", settle(desk, batch, answer(second, serial="A")))

    def test_paid_a_second_time_under_another_serial(self, desk):
        batch = desk.settled()
        told("inconsistent", settle(desk, batch, answer(payment_of(batch))))

    def test_paid_after_it_came_back(self, desk):
        batch = desk.released()
        desk.settle(batch, "returned")
        later = ReturnLine.objects.get().value_date + dt.timedelta(days=1)
        told("inconsistent", settle(desk, batch, answer(payment_of(batch), value_date=later)))


def test_paid_is_posted(desk):
    batch = desk.released()
    desk.settle(batch)
    payment = payment_of(batch)
    assert (payment.state, payment.settled_at) == ("paid", desk.at)
    assert kinds(payment) == ["post", "reserve"]
    assert desk.books() == (0, 10_000_000)
    batch.refresh_from_db()
    assert (batch.state, batch.settled_at) == ("settled", desk.at)
    assert not invariants.broken()


def test_returned_is_released_with_the_banks_words(desk):
    batch = desk.released()
    desk.settle(batch, "returned")
    payment = payment_of(batch)
    assert (payment.state, payment.reason) == ("returned", "账号户名不符")
    assert payment.events.latest("pk").comment == "账号户名不符"
    assert kinds(payment) == ["release", "reserve"]
    assert desk.books() == (0, 0)
    assert not invariants.broken()


def test_returned_without_a_word_says_so(desk):
    batch = desk.released()
    desk.take(batch, [answer(payment_of(batch), "returned", message="")])
    assert payment_of(batch).reason


def test_paid_and_then_returned_is_reversed_and_paid_anew_with_fresh_eyes(desk):
    owed = desk.award()
    batch = desk.settled(owed)
    desk.settle(batch, "returned")
    assert kinds(payment_of(batch)) == ["post", "reserve", "reverse"]
    assert desk.books() == (0, 0)
    account(owed.enterprise)
    again = desk.settled(owed)
    assert payment_of(again).pk != payment_of(batch).pk
    assert desk.books() == (0, 10_000_000)
    assert not invariants.broken()


def test_the_same_lines_again_change_nothing(desk):
    batch = desk.released()
    line = answer(payment_of(batch))
    desk.take(batch, [line])
    before = (desk.books(), PaymentEvent.objects.count(), ReturnLine.objects.count())
    assert results.settle([line], return_file(batch), desk.tick()) == 0
    assert before == (desk.books(), PaymentEvent.objects.count(), ReturnLine.objects.count())


def test_a_batch_settles_with_its_last_answer(desk):
    batch = desk.released(desk.award(), desk.award(), desk.award())
    first, second, third = batch.payments.select_related("account")
    desk.take(batch, [answer(first)])
    desk.take(batch, [answer(second, "returned")])
    batch.refresh_from_db()
    assert batch.state == "released"
    desk.take(batch, [answer(third)])
    batch.refresh_from_db()
    assert batch.state == "settled"
    assert desk.books() == (0, 20_000_000)


class TestSilence:
    def test_becomes_unknown_and_stays_booked(self, desk):
        batch = desk.released()
        sent = timezone.localdate(batch.released_at)
        over = end_of_day(add_workdays(sent, settings.TREASURY_PATIENCE))
        assert results.overdue(over - dt.timedelta(microseconds=1)) == 0
        assert results.overdue(over) == 1
        assert results.overdue(over + dt.timedelta(days=30)) == 0
        assert payment_of(batch).state == "unknown"
        assert desk.books() == (10_000_000, 0)
        assert not invariants.broken()

    @pytest.mark.parametrize("released", [dt.time(0), dt.time(23, 59, 59)], ids=["early", "late"])
    def test_waits_over_a_holiday_whatever_the_hour(self, settings, released):
        """Released on a Wednesday, the Thursday after is a holiday: three working days end with Tuesday."""
        settings.TREASURY_PATIENCE = 3
        wednesday = dt.date(2026, 3, 4)
        WorkdayOverride.objects.create(day=dt.date(2026, 3, 5), is_workday=False)
        desk = Desk(at=timezone.make_aware(dt.datetime.combine(wednesday, released)))
        batch = desk.confirmed(desk.award())
        desk.at = timezone.make_aware(dt.datetime.combine(wednesday, released)) - dt.timedelta(minutes=2)
        desk.release(batch)
        assert timezone.localdate(batch.released_at) == wednesday
        tuesday_ends = start_of_day(dt.date(2026, 3, 11))
        assert results.overdue(tuesday_ends - dt.timedelta(seconds=1)) == 0
        assert results.overdue(tuesday_ends) == 1

    def test_is_never_paid_anew(self, desk):
        owed = desk.award()
        desk.released(owed)
        results.overdue(desk.tick(days=20))
        told("paid_twice", lambda: desk.draft(owed))

    @pytest.mark.parametrize(("outcome", "books"), [("paid", (0, 10_000_000)), ("returned", (0, 0))])
    def test_ends_with_an_answer(self, desk, outcome, books):
        batch = desk.released()
        results.overdue(desk.tick(days=20))
        desk.settle(batch, outcome)
        assert payment_of(batch).state == outcome
        assert desk.books() == books
        assert not invariants.broken()

    def test_of_a_clock_that_was_set_back_makes_nothing_unknown(self, desk):
        batch = desk.released()
        assert results.overdue(batch.released_at - dt.timedelta(hours=1)) == 0
