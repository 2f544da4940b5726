"""The supervisor's figures: what each counts, and what not."""

import datetime as dt

import pytest
from django.utils import timezone

from appeals import handling, surveying
from appeals.dispatching import Target, dispatch, return_order, transfer, undo
from appeals.enums import Outcome, Satisfaction
from appeals.filing import withdraw
from appeals.models import WorkOrder
from appeals.supervision.measures import MEASURES, NOBODY, PROVIDERS, figures
from appeals.supervision.table import place_of, table
from portal.accounts.roles import Role
from portal.kernel.durations import closely
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.supervision.pages import again, counted, ended, rate

pytestmark = pytest.mark.django_db


def test_an_order_without_a_clock_is_neither_on_time_nor_late(lights):
    order = make.answered(lights)
    order.clocks.all().delete()
    assert counted("judged") == set()
    assert counted("answered") == {order.pk}
    lines, _total = table(WorkOrder.objects.all(), timezone.now())
    assert next(cell.words for cell in lines[0].cells if cell.key == "on_time") == "—"


def test_late_is_answered_at_the_end_or_not_yet_after_it(lights):
    on_time, late, running = make.answered(lights), make.answered(lights), make.handling(lights)
    met = late.clocks.get(target="single").met_at
    ended(late, due=met)
    ended(on_time, due=on_time.clocks.get(target="single").met_at + dt.timedelta(microseconds=1))
    assert counted("on_time") == {on_time.pk}
    assert counted("late") == {late.pk}
    ended(running, due=timezone.now())
    assert counted("late") == {late.pk, running.pk}
    assert counted("judged") == {on_time.pk, late.pk, running.pk}
    assert counted("overdue") == {running.pk}
    running.clocks.filter(met_at=None).update(paused_at=timezone.now())
    assert counted("overdue") == set()


def test_a_cancelled_order_is_counted_nowhere(lights):
    order = make.handling(lights)
    withdraw(order.appeal, "不用了", by=None)
    assert all(counted(key) == set() for key in MEASURES)


def test_a_return_counts_with_who_gave_it_back_and_once_over_all(lights):
    first, second = DepartmentFactory(), DepartmentFactory()
    order = make.dispatched(first)
    return_order(order, "不归我们", second, by=None)
    dispatch(order, Target(second), by=None)
    return_order(order, "也不归我们", lights, by=None)
    by_place, total = figures(WorkOrder.objects.all(), timezone.now())
    assert [by_place[each.pk]["returned"].count for each in (first, second)] == [1, 1]
    assert lights.pk not in by_place
    assert total["returned"].count == 1
    assert counted("returned", first.pk) == {order.pk}


def test_a_return_that_was_taken_back_is_none(lights):
    user = make.official(Role.HANDLER, lights)
    order = make.dispatched(lights)
    return_order(order, "不归我们", DepartmentFactory(), by=user)
    assert counted("returned") == {order.pk}
    undo(order, by=user)
    assert counted("returned") == set()
    return_order(order, "还是不归我们", DepartmentFactory(), by=user)
    assert counted("returned") == {order.pk}


def test_bad_answers_count_an_appeal_once_or_twice_and_never_both(lights):
    order = make.answered(lights)
    rate(order)
    assert (counted("once"), counted("twice")) == ({order.pk}, set())
    second = again(order)
    rate(second)
    assert (counted("once"), counted("twice")) == (set(), {second.pk})
    supervision = WorkOrder.objects.get(kind="supervision")
    assert counted("supervised") == {supervision.pk}
    handling.accept(supervision, by=None)
    handling.answer(supervision, Outcome.SOLVED, "办好了", by=None)
    assert counted("supervised") == set()
    assert counted("twice") == {second.pk}


def test_a_reopened_appeal_is_open_once(lights):
    order = make.answered(lights)
    rate(order, Satisfaction.SATISFIED)
    assert counted("open") == set()
    reopened = surveying.reopen(order.appeal, "灯又坏了", by=None)
    assert counted("open") == {reopened.pk}
    assert counted("open", NOBODY) == {reopened.pk}


def test_medians_are_of_those_who_have_it_now(lights):
    other = DepartmentFactory()
    start = timezone.now() - dt.timedelta(days=10)
    for hours in (1, 5, 9):
        order = make.answered(lights)
        WorkOrder.objects.filter(pk=order.pk).update(
            held_at=start, answered_at=start + dt.timedelta(hours=hours)
        )
    moved = make.handling(other)
    transfer(moved, Target(lights), "归经信委", by=None)
    by_place, total = figures(WorkOrder.objects.all(), timezone.now())
    assert by_place[lights.pk]["answered"].median == dt.timedelta(hours=5)
    assert total["answered"].median == dt.timedelta(hours=5)
    assert other.pk not in by_place
    handling.accept(moved, by=None)
    assert moved.pk in counted("accepted", lights.pk)


def test_spans_and_places_in_words():
    assert closely(dt.timedelta(seconds=59)) == "1 分钟"
    assert closely(dt.timedelta(minutes=90)) == "1.5 小时"
    assert closely(dt.timedelta(minutes=59, seconds=59)) == "1.0 小时"
    assert closely(dt.timedelta(hours=23, minutes=58)) == "1.0 天"
    assert closely(dt.timedelta(hours=47.6)) == "2.0 天"
    assert [place_of(key) for key in ("", "7", "providers", "nobody", "-1", "x", "²", "0")] == [
        None,
        7,
        PROVIDERS,
        NOBODY,
        None,
        None,
        None,
        None,
    ]
