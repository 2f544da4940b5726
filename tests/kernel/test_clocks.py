"""Deadlines as rows: lights, pauses read from events, lateness, years that nobody knows yet. Year 2026."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.kernel.clocks import ClockQuerySet, Light
from portal.kernel.errors import DomainError
from portal.kernel.models import AnnouncedYear, WorkdayOverride
from portal.kernel.reckoning import RECKON, left_to_reckon
from portal.kernel.spans import Span, Unit, end_of_day
from portal.kernel.tasks import reckon_announced_clocks
from portal.kernel.workdays import LAST_KNOWN_YEAR, Calendar
from tests.accounts.factories import StaffFactory
from tests.kernel.papers.models import Deadline, Paper, PaperEvent

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEXT = LAST_KNOWN_YEAR + 1


def at(month, day, hour=9, year=2026):
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def begin(number=3, unit=Unit.WORKDAYS, start=None, warning=1):
    clock = Deadline.begin("answer", Span(number, unit, warning), at=start or at(3, 2), paper=Paper())
    clock.paper.save()
    clock.paper_id = clock.paper.pk
    clock.save()
    return clock


def happen(clock, *events):
    """Events of the clock's paper, (name, moment) each, and the clock that follows them."""
    for name, moment in events:
        PaperEvent.objects.create(subject=clock.paper, name=name, at=moment, target="draft")
    clock.reckon()
    return clock


def test_lights_go_from_green_to_yellow_to_red():
    clock = begin(3)
    assert clock.light(at(3, 3, 23)) == Light.GREEN
    assert clock.light(at(3, 4, 0)) == Light.YELLOW
    assert clock.light(at(3, 5, 23)) == Light.YELLOW
    assert clock.light(at(3, 6, 0)) == Light.RED


def test_a_clock_of_one_day_is_due_soon_from_its_start_unless_it_warns_on_the_day():
    assert begin(1).light(at(3, 2, 10)) == Light.YELLOW
    later = begin(1, warning=0)
    assert later.light(at(3, 2, 23)) == Light.GREEN
    assert later.light(at(3, 3, 0)) == Light.YELLOW


def test_what_is_due_over_a_weekend_is_warned_of_before_it():
    clock = begin(6, Unit.DAYS)  # Sunday → Monday
    assert clock.due_at == at(3, 10, 0)
    assert clock.light(at(3, 5, 23)) == Light.GREEN
    assert clock.light(at(3, 6)) == Light.YELLOW
    assert Deadline.objects.due_soon(at(3, 6)).get() == clock
    assert not Deadline.objects.due_soon(at(3, 5)).exists()
    assert not Deadline.objects.due_soon(at(3, 10, 0)).exists(), "that is late"


def test_a_met_clock_keeps_its_light():
    clock = begin(3)
    clock.meet(at(3, 3))
    assert clock.light(at(6, 1)) == Light.GREEN
    with pytest.raises(DomainError):
        clock.meet(at(3, 4))
    with pytest.raises(DomainError):
        clock.reckon()
    late = begin(3)
    late.meet(at(3, 7))
    assert late.light(at(3, 7)) == Light.RED


def test_it_stands_still_and_goes_on_as_the_events_say():
    clock = happen(begin(3), ("submit", at(3, 3)))
    assert clock.light(at(9, 1)) == Light.PAUSED
    assert not Deadline.objects.overdue(at(9, 1)).exists()
    happen(clock, ("back", at(3, 9)))  # lost: Wed, Thu, Fri, Mon
    assert clock.due_at == at(3, 12, 0)
    assert clock.warn_at == at(3, 10, 0)
    again = Deadline.objects.get()
    again.reckon()
    assert again.due_at == clock.due_at, "the same events give the same end"


def test_what_was_late_stays_late_through_a_pause():
    clock = begin(1)
    due = clock.due_at
    happen(clock, ("submit", at(3, 20)))
    assert clock.light(at(3, 21)) == Light.RED
    assert Deadline.objects.mark(at(3, 21)) == 1
    happen(clock, ("back", at(3, 25)))
    assert clock.due_at == due


def test_meeting_a_paused_clock_ends_the_pause():
    clock = happen(begin(3), ("submit", at(3, 3)))
    stale = Deadline.objects.get()
    clock.meet(at(3, 30))
    assert clock.paused_at is None
    assert clock.light(at(4, 1)) == Light.GREEN
    with pytest.raises(DomainError):
        stale.meet(at(3, 30))


def test_what_is_due_soon_or_late_is_marked_once_and_not_while_it_stands_still(django_assert_num_queries):
    late, soon, later = begin(1), begin(3), begin(5)
    still = happen(begin(1), ("submit", at(3, 2, 10)))
    with django_assert_num_queries(1 + 2):  # and the savepoint
        assert Deadline.objects.mark(at(3, 4)) == 2
    assert Deadline.objects.mark(at(3, 4)) == 0
    for clock in (late, soon, later, still):
        clock.refresh_from_db()
    assert (late.warned_at, late.breached_at) == (late.warn_at, late.due_at)
    assert (soon.warned_at, soon.breached_at) == (soon.warn_at, None)
    assert (later.warned_at, later.breached_at, still.warned_at) == (None, None, None)
    assert Deadline.objects.mark(at(3, 6, 0)) == 2, "one is late now, one due soon"


@pytest.mark.parametrize("moment", [at(3, 2), at(3, 4, 0), at(3, 5, 23), at(3, 6, 0), at(4, 1)])
def test_marks_and_lists_say_what_the_light_says(moment):
    clocks = [begin(number, unit) for number in (1, 2, 3, 5) for unit in Unit]
    clocks.append(happen(begin(3), ("submit", at(3, 3))))
    Deadline.objects.mark(moment)
    lights = {clock.pk: clock.light(moment) for clock in clocks}
    for rows, light in [
        (Deadline.objects.due_soon(moment), Light.YELLOW),
        (Deadline.objects.overdue(moment), Light.RED),
        (Deadline.objects.exclude(warned_at=None).filter(breached_at=None), Light.YELLOW),
        (Deadline.objects.exclude(breached_at=None), Light.RED),
    ]:
        assert set(rows.values_list("pk", flat=True)) == {pk for pk in lights if lights[pk] == light}


def test_what_is_met_late_was_late_though_no_sweep_came_by():
    clock = begin(1)
    clock.meet(clock.due_at)
    assert clock.breached_at == Deadline.objects.get(pk=clock.pk).breached_at == clock.due_at
    in_time = begin(1)
    in_time.meet(in_time.due_at - timedelta(microseconds=1))
    assert in_time.breached_at is None


def test_a_changed_calendar_moves_no_running_deadline():
    clock = begin(3)
    WorkdayOverride.objects.create(day=at(3, 4).date(), is_workday=False, reason="县里放假")
    assert reckon_announced_clocks() == 0
    assert Deadline.objects.get().due_at == clock.due_at
    assert begin(3).due_at == at(3, 7, 0)


def test_what_reaches_into_an_unknown_year_is_reckoned_when_it_is_announced():
    """Two holidays of the new year lie in one span; the other ends before it, the third is met."""
    start = at(12, 28, year=LAST_KNOWN_YEAR)
    days = [date(NEXT, 1, day) for day in range(1, 20) if date(NEXT, 1, day).weekday() < 5][:2]
    waiting, sure, met = begin(8, start=start), begin(1, start=start), begin(8, start=start)
    met.meet(at(12, 29, year=LAST_KNOWN_YEAR))
    before = waiting.due_at
    assert (waiting.provisional, sure.provisional) == (True, False)
    for day in days:
        WorkdayOverride.objects.create(day=day, is_workday=False, reason="国办发明电")
    assert reckon_announced_clocks() == 0, "typing a few days in is no announcement"
    AnnouncedYear.objects.create(year=NEXT, notice="国办发明电")
    assert reckon_announced_clocks() == 1
    assert reckon_announced_clocks() == 0
    waiting.refresh_from_db()
    assert not waiting.provisional
    last = Calendar.load().add_workdays(start.date(), 8)
    assert waiting.due_at == end_of_day(last) > before
    met.refresh_from_db()
    assert met.due_at == before


def test_the_button_rings_a_worker_and_the_list_says_how_many_are_left(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    client.force_login(StaffFactory(is_superuser=True))
    rung = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: rung.append(name))
    for _each in range(3):
        begin(8, start=at(12, 28, year=LAST_KNOWN_YEAR))
    begin(1, start=at(12, 28, year=LAST_KNOWN_YEAR))
    assert left_to_reckon() == {}, "nobody knows that year yet"
    year = AnnouncedYear.objects.create(year=NEXT, notice="国办发明电")
    assert left_to_reckon() == {NEXT: 3}
    page = reverse("admin:kernel_announcedyear_changelist")
    with django_capture_on_commit_callbacks(execute=True):
        said = client.post(page, {"action": "reckon", "_selected_action": [year.pk]}, follow=True)
    assert "正在后台重新计算 3 个暂定时限" in said.content.decode()
    assert rung == [RECKON]
    assert Deadline.objects.filter(provisional=True).count() == 3, "nothing was reckoned within the request"
    assert [each.left_to_reckon for each in said.context["cl"].result_list] == [3]
    reckon_announced_clocks()
    assert left_to_reckon().total() == 0


def test_reckoning_reads_the_events_of_many_at_once(django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr("portal.kernel.clocks.CHUNK", 4)
    for _each in range(9):
        happen(begin(8, start=at(12, 28, year=LAST_KNOWN_YEAR)), ("submit", at(12, 29, year=LAST_KNOWN_YEAR)))
    with django_assert_max_num_queries(9 + 4 * 5):  # an UPDATE each; a chunk: savepoint twice, three reads
        assert ClockQuerySet(Deadline).reckon_announced(Calendar(announced=frozenset({NEXT}))) == 9
    assert not Deadline.objects.filter(provisional=True).exists()
    assert Deadline.objects.filter(paused_at=at(12, 29, year=LAST_KNOWN_YEAR)).count() == 9


def test_a_year_is_announced_once_its_days_are_typed_in():
    year = AnnouncedYear(year=NEXT, notice="国办发明电")
    with pytest.raises(ValidationError, match="逐日录入"):
        year.full_clean()
    WorkdayOverride.objects.create(day=date(NEXT, 1, 1), is_workday=False, reason="国办发明电")
    year.full_clean()
    with pytest.raises(IntegrityError, match="kernel_announcedyear_plausible"), transaction.atomic():
        AnnouncedYear.objects.create(year=1, notice="")


def test_the_database_refuses_nonsense():
    clock = begin()
    for changes, constraint in [
        ({"due_at": at(1, 1)}, "papers_deadline_in_order"),
        ({"met_at": at(3, 3), "paused_at": at(3, 3)}, "papers_deadline_met_not_paused"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Deadline.objects.filter(pk=clock.pk).update(**changes)
