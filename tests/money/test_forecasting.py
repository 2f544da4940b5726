"""How budget lines stand: quarters at the turn of the year, sums of several lines, what is short."""

import datetime as dt

import pytest

from policies.models import BudgetLine
from policies.money.forecasting import Quarter, Standing, quarter_of, quarters_from, standings
from policies.money.speed import by
from tests.money.factories import WAN, Desk


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (dt.date(2026, 1, 1), (2026, 1)),
        (dt.date(2026, 3, 31), (2026, 1)),
        (dt.date(2026, 4, 1), (2026, 2)),
        (dt.date(2026, 12, 31), (2026, 4)),
    ],
)
def test_the_quarter_of_a_day(day, quarter):
    assert quarter_of(day) == quarter


def test_quarters_go_on_into_the_next_year():
    assert quarters_from(dt.date(2026, 11, 22)) == [(2026, 4), (2027, 1), (2027, 2), (2027, 3)]


def test_lines_are_added_quarter_by_quarter():
    one = Standing(None, 100, 10, 20, 5, 5, [Quarter(2026, 4, 10), Quarter(2027, 1, 70)])
    two = Standing(None, 50, 0, 0, 0, 30, [Quarter(2026, 4, 30)])
    total = Standing.sum([one, two])
    assert (total.left, total.coming, total.short) == (120, 110, 0)
    assert [quarter.fen for quarter in total.quarters] == [40, 70]
    assert (one.left, one.coming, one.short) == (70, 80, 10)
    assert Standing.sum([]).bars[0] == ("paid", 0, 0)


def test_bars_end_where_all_is_spent():
    bars = Standing(None, 100, 30, 50, 40, 0).bars
    name, at, width = bars[-2]
    assert name == "prepared"
    assert at + width == pytest.approx(100, abs=0.05)


@pytest.mark.django_db
def test_a_line_stands_as_its_payments_do():
    desk = Desk()
    desk.settled(desk.award(100 * WAN))
    desk.released(desk.award(50 * WAN))
    desk.prepared(desk.award(20 * WAN))
    desk.award(30 * WAN)
    (line,) = standings(BudgetLine.objects.filter(pk=desk.line.pk), dt.date(2026, 11, 22))
    assert (line.paid, line.reserved, line.prepared, line.waiting) == (
        100 * WAN,
        50 * WAN,
        20 * WAN,
        30 * WAN,
    )
    assert (line.left, line.coming) == (850 * WAN, 50 * WAN)
    assert line.quarters[0] == Quarter(2026, 4, 50 * WAN)


@pytest.mark.django_db
def test_days_from_eligible_to_paid_and_the_oldest_open():
    desk = Desk()
    now = desk.at + dt.timedelta(days=100)
    assert by("item", now, None, days=365) == []
    for days in (10, 20, 30):
        award = desk.award(WAN)
        batch = desk.released(award)
        desk.at = award.made_at + dt.timedelta(days=days, minutes=-2)
        desk.settle(batch)
    desk.award(5 * WAN)
    waiting = now - desk.at
    (row, total) = by("department", now + dt.timedelta(days=1), None, days=365)
    assert (row.paid, row.open, row.open_fen) == (3, 1, 5 * WAN)
    assert row.median_days == pytest.approx(20, abs=0.01)
    assert row.ninety_days == pytest.approx(28, abs=0.01)
    assert row.oldest_days == pytest.approx(waiting.total_seconds() / 86400 + 1, abs=0.01)
    assert (total.key, total.paid) == (None, 3)
    assert by("item", now, desk.line.department, days=1)[-1].paid == 0
