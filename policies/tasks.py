"""Doorbells: each task carries ids, does its step from the database's word and is safe to repeat."""

from celery import shared_task
from django.utils import timezone

from policies.enjoying import runs, schedule
from policies.models import ApplicationClock, ItemVersion
from policies.nightly import match_versions_in_force
from policies.push import ring_stuck, work
from policies.search.index import index_many, index_stale


@shared_task(acks_late=True)
def work_push(push_id: int) -> None:
    """Tell the enterprises that a push is for."""
    work(push_id)


@shared_task
def ring_stuck_pushes() -> int:
    """Sweeper: ring for pushes that were left lying."""
    return ring_stuck()


@shared_task(acks_late=True)
def index_item(item_id: int) -> int:
    """Bring search up to date with an item's versions."""
    return index_many(ItemVersion.objects.filter(item=item_id))


@shared_task
def match_all() -> int:
    """Each night: end what is over, match all versions in force, tell those they newly fit."""
    return match_versions_in_force(timezone.localdate())


@shared_task
def index_missing() -> int:
    """Sweeper: index published versions that search does not know, drop those not in force."""
    return index_stale()


@shared_task
def sweep_applications() -> int:
    """Sweeper: end notices whose days are over, mark deadlines near or past, remind in working hours."""
    from policies.reviewing.notices import end_notices
    from policies.reviewing.reminding import remind

    now = timezone.now()
    end_notices(now)
    ApplicationClock.objects.mark(now)
    return remind(now)


@shared_task(acks_late=True)
def work_enjoy_run(run_id: int) -> None:
    """Work an enjoy run off to its list."""
    runs.work(run_id)


@shared_task
def start_enjoy_runs() -> int:
    """Each morning: begin the runs whose turn has come."""
    return schedule.start_due(timezone.now())


@shared_task(ignore_result=True)
def propose_corrections() -> int:
    """Each night: awards that would be another sum with what is known by now; proposals that are open."""
    from policies.correcting.finding import propose_corrections

    return len(propose_corrections(timezone.now()))


@shared_task
def sweep_enjoy_runs() -> int:
    """Sweeper: ring for runs that lie, offer what was shown long enough, close what is done."""
    return schedule.sweep(timezone.now())
