"""Sweeps that meet each other, are rung twice or die half way: each thing happens once all the same."""

import datetime as dt
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from appeals import deadlines, tasks
from appeals.dispatching import open_grab
from appeals.enums import OrderState
from appeals.models import OrderClock, OrderEvent, WorkOrder
from appeals.picking import pick_provider
from appeals.reminding import remind
from portal.kernel import escalation
from portal.kernel.models import WorkdayOverride, WorkingPeriod
from portal.kernel.outbox import OutboxEntry, deliver
from portal.kernel.workdays import LAST_KNOWN_YEAR
from portal.notifications.models import Message
from tests.accounts.factories import StaffFactory, UserFactory
from tests.appeals import factories as make
from tests.appeals.reminded import SHANGHAI, at, in_hand, staff
from tests.enterprises.factories import EnterpriseFactory
from tests.races import at_once
from tests.workers import Obstacle, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(3, 4)
MANY = 12


def all_at_once(*actions):
    """What each returned; nobody may have failed."""
    outcomes = at_once(*actions)
    assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
    return outcomes


def told():
    """How often each clock was reminded of: events, messages."""
    events = OrderEvent.objects.filter(name="remind").count()
    return events, OutboxEntry.objects.filter(payload__key__startswith="orderclock:").count()


def two_sweeps(monkeypatch, *changes):
    """Two that have both looked before either writes, and wait for each other; how often each told."""
    statement = escalation.CLIMB
    for old, new in (
        ("FROM {subject} o WHERE", "FROM {subject} o, pg_sleep(0.5) WHERE"),
        ("FOR NO KEY UPDATE SKIP LOCKED", "FOR NO KEY UPDATE OF o"),
        *changes,
    ):
        assert old in statement
        statement = statement.replace(old, new)
    monkeypatch.setattr(escalation, "CLIMB", statement)
    people = staff()
    for _order in range(MANY):
        in_hand(people)
    all_at_once(partial(remind, NOW), partial(remind, NOW))
    return told()


def test_two_sweeps_at_once_take_each_level_once(monkeypatch):
    assert two_sweeps(monkeypatch) == (MANY, MANY)


def test_check_then_write_would_take_it_twice(monkeypatch):
    events, _messages = two_sweeps(monkeypatch, ("AND c.level = due.was", ""))
    assert events > MANY


def test_many_sweeps_at_once_as_they_are():
    people = staff()
    for _order in range(MANY):
        in_hand(people)
    assert sum(all_at_once(*[partial(remind, NOW)] * 4)) == MANY
    assert told() == (MANY, MANY)
    OrderClock.objects.update(level=0, warned_at=None)
    assert sum(all_at_once(*[partial(OrderClock.objects.mark, NOW)] * 4)) == MANY


def test_what_somebody_is_at_is_left_to_the_next_sweep():
    """The sweep waits for no official who has an order, or a clock of it, in hand."""
    order, other = (in_hand(people) for people in [staff()] * 2)

    def sweep():
        return [OrderClock.objects.mark(NOW), remind(NOW)]

    with transaction.atomic():
        WorkOrder.objects.select_for_update().get(pk=order.pk)
        OrderClock.objects.select_for_update().get(order=order)
        (found,) = all_at_once(sweep)
    assert found == [1, 1]
    assert OrderClock.objects.get(order=other).level == 1
    assert sweep() == [1, 1]


@pytest.fixture
def always_open(transactional_db):
    """Offices that are open now, whatever day it is, and an order late since an hour."""
    WorkingPeriod.objects.all().delete()
    WorkingPeriod.objects.create(starts=dt.time.min, ends=dt.time.max)
    today = timezone.localdate()
    for day in (today - dt.timedelta(days=1), today, today + dt.timedelta(days=1)):
        WorkdayOverride.objects.create(day=day, is_workday=True, reason="测试")
    people = staff()
    orders = [in_hand(people) for _ in range(3)]
    late = timezone.now() - dt.timedelta(hours=1)
    OrderClock.objects.update(
        started_at=late - dt.timedelta(days=3), warn_at=late - dt.timedelta(days=1), due_at=late
    )
    return people, orders


def levels():
    return list(OrderClock.objects.order_by("pk").values_list("level", flat=True))


def messages():
    while deliver():
        pass
    found = Message.objects.filter(key__startswith="orderclock:")
    return sorted(found.values_list("mailbox__user", flat=True))


@pytest.mark.processes
@pytest.mark.slow
class TestWorkers:
    def test_a_sweep_rung_many_times_at_once_tells_once(self, always_open, celery_worker_process):
        people, _orders = always_open
        for _time in range(6):
            tasks.sweep_clocks.delay()
        wait_for(lambda: levels() == [2, 2, 2], "the sweep")
        celery_worker_process.stop()
        assert messages() == [people.handler.user.pk] * 3
        assert OrderEvent.objects.filter(name="remind").count() == 3
        assert not OrderClock.objects.filter(breached_at=None).exists()

    def test_a_worker_killed_half_way_has_told_nobody(self, always_open, celery_worker_process):
        people, _orders = always_open
        last = OrderClock.objects.latest("pk")
        obstacle = Obstacle(f"message:{people.handler.user.mailbox.pk}:orderclock:{last.pk}:red")
        tasks.sweep_clocks.delay()
        wait_for(waits_for_a_lock, "the sweep to come to the obstacle")
        celery_worker_process.kill()
        obstacle.clear()
        wait_for(lambda: not waits_for_a_lock(), "the sweep's session to end")
        assert (levels(), messages()) == ([0, 0, 0], [])
        celery_worker_process.start()
        tasks.sweep_clocks.delay()
        wait_for(lambda: levels() == [2, 2, 2], "the next sweep")
        celery_worker_process.stop()  # its relay may be delivering
        assert messages() == [people.handler.user.pk] * 3

    def test_the_announcement_of_a_year_is_followed_by_the_deadlines_that_waited(
        self, always_open, celery_worker_process, client
    ):
        year = LAST_KNOWN_YEAR + 1
        start = dt.datetime(LAST_KNOWN_YEAR, 12, 30, 10, tzinfo=SHANGHAI)
        order = always_open[1][0]
        deadlines.begin(order, "joint", at=start)
        waiting = OrderClock.objects.filter(order=order, target="joint")
        before = waiting.get().due_at
        holidays = [WorkdayOverride(day=dt.date(year, 1, day), is_workday=False) for day in range(1, 12)]
        WorkdayOverride.objects.bulk_create(holidays)
        client.force_login(StaffFactory(is_superuser=True))
        answer = client.post("/admin/kernel/announcedyear/add/", {"year": year, "notice": "国办发明电"})
        assert answer.status_code == 302
        wait_for(lambda: not waiting.get().provisional, "the task that the announcement rings for")
        assert waiting.get().due_at > before


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


class TestOthers:
    """The sweepers of windows, picks and silence: twice in a row, and two at once."""

    def sweep(self, task, order, state):
        assert sum(all_at_once(*[task] * 3)) == 1
        order.refresh_from_db()
        assert order.state == state
        events = order.events.count()
        assert task() == 0
        assert order.events.count() == events

    def test_a_window_that_ended(self):
        order = make.lead(make.file(category=make.CategoryFactory(market=True)))
        open_grab(order, by=None)
        past = timezone.now() - dt.timedelta(days=2)
        WorkOrder.objects.update(window_from=past, window_to=past + dt.timedelta(days=1))
        self.sweep(tasks.close_ended_windows, order, OrderState.WAITING)

    def test_a_pick_that_was_not_answered(self):
        category = make.CategoryFactory(market=True)
        member = make.ProviderMemberFactory(provider=make.ProviderFactory(categories=[category]))
        filing = make.filing(category=category)
        order = make.lead(pick_provider(EnterpriseFactory(), member.provider, filing, by=UserFactory()))
        backdate(order, "pick")
        self.sweep(tasks.fall_to_hall, order, OrderState.OPEN)
        assert order.events.filter(name="fall_to_grab").count() == 1

    def test_an_answer_that_nobody_rated(self):
        order = make.answered()
        backdate(order, "survey")
        self.sweep(tasks.close_unrated, order, OrderState.CLOSED)
        assert not hasattr(order, "survey")

    def test_all_are_rung_by_the_beat(self, settings):
        rung = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        names = ("sweep_clocks", "close_ended_windows", "fall_to_hall", "close_unrated")
        assert {f"appeals.tasks.{name}" for name in names} < rung
        assert "portal.kernel.tasks.reckon_announced_clocks" in rung


def backdate(order, target):
    past = timezone.now() - dt.timedelta(days=20)
    found = OrderClock.objects.filter(order=order, target=target)
    found.update(started_at=past, warn_at=past, due_at=past + dt.timedelta(days=1))
