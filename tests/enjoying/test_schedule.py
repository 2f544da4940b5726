"""Runs that begin by themselves: each turn once, also with two beats; a turn waits for the list before."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from policies.enjoying import confirming, offering, schedule
from policies.models import EnjoyPlan, EnjoyRun
from policies.models.enjoying.vocabulary import Every
from tests.enjoying import factories as make


def plan(every, month=1, day=1):
    return EnjoyPlan(every=every, month=month, day=day)


@pytest.mark.parametrize(
    ("given", "day", "slot"),
    [
        (plan(Every.YEAR, 3, 10), "2026-03-09", ""),
        (plan(Every.YEAR, 3, 10), "2026-03-10", "2026"),
        (plan(Every.YEAR, 3, 10), "2026-12-31", "2026"),
        (plan(Every.QUARTER, 2, 5), "2026-05-04", ""),
        (plan(Every.QUARTER, 2, 5), "2026-05-05", "2026Q2"),
        (plan(Every.QUARTER, 2, 5), "2026-07-05", ""),
        (plan(Every.QUARTER, 1, 1), "2026-10-01", "2026Q4"),
        (plan(Every.MONTH, 1, 15), "2026-11-14", ""),
        (plan(Every.MONTH, 1, 15), "2026-11-15", "2026-11"),
        (plan(""), "2026-11-15", ""),
    ],
)
def test_turns_at_their_boundary(given, day, slot):
    assert given.slot_on(dt.date.fromisoformat(day)) == slot


@pytest.mark.django_db
def test_a_turn_begins_once():
    version = make.version()
    EnjoyPlan.objects.create(item=version.item, every=Every.YEAR)
    assert (schedule.start_due(make.now()), schedule.start_due(make.now())) == (1, 0)
    run = EnjoyRun.objects.get()
    assert (run.slot, run.started_by) == (str(make.now().year), None)
    confirming.cancel(run, "重来", by=make.reviewer(), at=make.now())
    assert schedule.start_due(make.now()) == 0  # an official's cancelling is not undone by the clock


@pytest.mark.django_db
def test_a_turn_waits_for_the_list_before():
    version = make.version()
    EnjoyPlan.objects.create(item=version.item, every=Every.YEAR)
    earlier = make.begun(version)
    assert schedule.start_due(make.now()) == 0
    confirming.cancel(earlier, "重来", by=make.reviewer(), at=make.now())
    assert schedule.start_due(make.now()) == 1


@pytest.mark.django_db
def test_a_plan_of_an_item_that_is_not_in_force_starts_nothing():
    version = make.version(mode="apply")
    EnjoyPlan.objects.create(item=version.item, every=Every.MONTH)
    assert schedule.start_due(make.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_begin_one():
    version = make.version()
    EnjoyPlan.objects.create(item=version.item, every=Every.YEAR)
    now = make.now()

    def beat(_number):
        try:
            return schedule.start_due(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as beats:
        assert sum(beats.map(beat, range(4))) == 1
    assert EnjoyRun.objects.count() == 1


@pytest.mark.django_db
class TestOneThatFailsHoldsUpNoOther:
    """A sweep comes each minute: what cannot be dealt with must not stand before all others for ever."""

    @staticmethod
    def failing_for(monkeypatch, module, name, which):
        work = getattr(module, name)

        def deed(row, **more):
            if row.pk == which.pk:
                raise ValueError("out of order")
            return work(row, **more)

        monkeypatch.setattr(module, name, deed)

    def test_beginning(self, monkeypatch, caplog):
        first, second = make.version(), make.version()
        for version in (first, second):
            EnjoyPlan.objects.create(item=version.item, every=Every.YEAR)
        self.failing_for(monkeypatch, schedule, "start", first.item)
        assert schedule.start_due(make.now()) == 1
        assert EnjoyRun.objects.get().item == second.item
        assert f"item {first.item_id} is not run" in caplog.text

    def test_offering_and_closing(self, monkeypatch, caplog):
        make.firm()
        first, second = make.noticed(), make.noticed()
        over = second.notice.closes_at
        self.failing_for(monkeypatch, offering, "offer", first)
        assert offering.offer_ready(over) == 1
        monkeypatch.undo()
        assert offering.offer_ready(over) == 1
        self.failing_for(monkeypatch, offering, "close", first)
        late = over + dt.timedelta(days=90)
        assert offering.close_due(late) == 1
        assert [run.state for run in EnjoyRun.objects.order_by("pk")] == ["offered", "closed"]
        assert f"enjoy run {first.pk} is not closed" in caplog.text


@pytest.mark.django_db
def test_a_run_begun_at_midnight_is_of_the_year_in_china():
    """Four in the afternoon of the last of December in London is the first of January here."""
    midnight = dt.datetime(2026, 12, 31, 16, tzinfo=dt.UTC)
    old, new = make.begun(at=midnight - dt.timedelta(seconds=1)), make.begun(at=midnight)
    assert (old.as_of, old.period) == (dt.date(2026, 12, 31), 2026)
    assert (new.as_of, new.period) == (dt.date(2027, 1, 1), 2027)
