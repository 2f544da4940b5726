"""Reconciliation: two sources side by side, and a difference stands first."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.models import Payment, ReturnLine
from policies.money import intake
from policies.money.reconciling import Moved, by_batch, by_day, other_days
from portal.kernel.database import as_owner
from portal.kernel.transitions import advance
from tests.databases import needs_two_roles
from tests.money.answering import answers_to, written
from tests.money.factories import Desk
from tests.money.many import released

pytestmark = pytest.mark.django_db
CHINA = dt.timezone(dt.timedelta(hours=8))
NIGHT = dt.datetime(2026, 3, 10, 0, 30, tzinfo=CHINA)
"""Half past midnight: in UTC still the day before."""


@pytest.fixture
def county():
    return Desk(at=NIGHT - dt.timedelta(days=1))


def told(file, answers, number="HD-1", at=NIGHT):
    """A file, taken up at a moment; its own date is today's, its entries may be older."""
    return intake.judge(intake.receive(number, written(file, answers, number), by=None, at=at).pk, at=at)


def test_batches_that_are_even_stand_behind_those_that_wait(county):
    even, waiting, silent = (released(county, 2) for _number in range(3))
    told(even, answers_to(even))
    told(waiting, answers_to(waiting, start=10)[:1], "HD-2")
    broken = written(silent, answers_to(silent, start=20), "HD-3").replace(b"YK", b"YX", 1)
    intake.judge(intake.receive("HD-3", broken, by=None, at=NIGHT).pk, at=NIGHT)
    rows = by_batch()
    assert [row.batch.instruction.number for row in rows] == [silent.number, waiting.number, even.number]
    assert not any(row.differs for row in rows)
    assert [(row.open_count, row.ours.paid_count, row.theirs.paid_count) for row in rows] == [
        (2, 0, 0),
        (1, 1, 1),
        (0, 2, 2),
    ]
    assert rows[2].ours.paid_fen == even.total_fen
    assert by_batch(county.line, year=2026) == rows
    assert by_batch(year=2025) == []


def test_what_came_back_counts_as_returned_on_both_sides(county):
    file = released(county, 3)
    told(file, answers_to(file))
    told(file, answers_to(file, "returned", 50)[:1], "HD-2")
    (row,) = by_batch()
    assert row.ours == row.theirs
    assert (row.ours.paid_count, row.ours.returned_count) == (2, 1)


def test_a_file_in_quarantine_stands_above_what_is_open(county):
    first, second = released(county, 1), released(county, 1)
    told(first, [*answers_to(first), *answers_to(second, start=9)])
    rows = by_batch()
    assert [(row.batch, row.quarantined) for row in rows] == [(first.batch, 1), (second.batch, 0)]


def test_days_are_those_of_china_and_what_is_carried_is_said(county):
    file = released(county, 2)
    yesterday, today = dt.date(2026, 3, 9), dt.date(2026, 3, 10)
    first, second = answers_to(file, day=yesterday)
    told(file, [first])
    told(file, [second], "HD-2", at=NIGHT - dt.timedelta(hours=1))
    fen = dict(Payment.objects.values_list("pk", "amount_fen"))
    rows = {row.day: row for row in by_day(yesterday, today)}
    assert rows[yesterday].theirs == Moved(post=sum(fen.values()))
    assert rows[yesterday].ours == Moved(post=fen[second.payment])
    assert rows[yesterday].carried_fen == fen[first.payment]
    assert rows[today].ours == Moved(post=fen[first.payment])
    assert rows[today].carried_fen == 0
    assert [line.payment_id for line in other_days(yesterday, today)] == [first.payment]
    assert [row.day for row in by_day(today, today)] == [today]


def test_a_file_is_booked_on_the_day_it_is_applied(county):
    """It came on the day of the bank's entry, and stood in quarantine for three more."""
    file, day = released(county, 1), timezone.localdate(NIGHT)
    back = intake.receive("HD-1", written(file, answers_to(file, day=day)), by=None, at=NIGHT)
    advance(back, "quarantine", actor=None, changes={"reasons": ["未恢复"]}, at=NIGHT)
    later = NIGHT + dt.timedelta(days=3)
    intake.judge_again(back, by=county.preparer, at=later)
    (line,) = other_days(day, day)
    assert line.booked_on == timezone.localdate(later)
    assert list(other_days(day, day, [county.line])) == [line]
    assert not other_days(day, day, [Desk().line])


def test_what_came_back_is_told_from_what_never_left(county):
    file, day = released(county, 3), timezone.localdate(NIGHT)
    never, back, kept = answers_to(file, "returned", 50, day)[0], *answers_to(file, day=day)[1:]
    told(file, [never, back, kept])
    told(file, answers_to(file, "returned", 60, day)[1:2], "HD-2")
    (row,) = by_day(day, day)
    assert not row.differs
    assert row.ours == Moved(post=back.amount + kept.amount, reverse=back.amount, release=never.amount)
    assert row.carried_fen == 0


@needs_two_roles
@pytest.mark.django_db(transaction=True)
def test_a_difference_stands_first(transactional_db):
    """Only the owner of the tables can make one: a line of the treasury is taken away."""
    county = Desk()
    first, second = released(county, 1), released(county, 1)
    told(first, answers_to(first))
    told(second, answers_to(second, start=9), "HD-2")
    assert not any(row.differs for row in by_batch())
    with as_owner():
        ReturnLine.objects.filter(file__number="HD-1")._raw_delete(using="default")
    rows = by_batch()
    assert [(row.batch, row.differs) for row in rows] == [(first.batch, True), (second.batch, False)]


def test_the_queries_do_not_grow(county, django_assert_num_queries):
    for number in range(3):
        file = released(county, 1)
        told(file, answers_to(file, start=10 * number + 1), f"HD-{number}")
    with django_assert_num_queries(4):
        by_batch()
    with django_assert_num_queries(2):
        by_day(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
