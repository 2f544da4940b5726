"""Doorbells: each task does its step from the database's word and is safe to repeat."""

from celery import shared_task
from django.utils import timezone


@shared_task
def sweep_loans() -> int:
    """Sweeper: let stand still what waits for a consent, let lapse what is over, mark deadlines, remind."""
    from finance.lending.consenting import watch
    from finance.lending.reminding import remind
    from finance.lending.sweeping import sweep
    from finance.models import LoanClock

    now = timezone.now()
    watch(now)
    sweep(now)
    LoanClock.objects.mark(now)
    return remind(now)


@shared_task
def tell_pool_fuses() -> int:
    """Sweeper: pools that fused; those who run them are told."""
    from finance.pools.watching import tell_fuses

    return tell_fuses(timezone.now())


@shared_task
def tell_pool_admissions() -> int:
    """Every morning: what came into pools yesterday, told to those who may object. How many loans."""
    from finance.pools.watching import tell_admissions

    return tell_admissions(timezone.now())


@shared_task
def scan_pools() -> int:
    """Sweeper: every figure of pools that must hold; alarms for those that do not. How many are broken."""
    from finance.pools.watching import scan_books

    return scan_books(timezone.now())


@shared_task
def rank_banks() -> int:
    """Once a day: the rankings of months that are over and have none yet. How many were taken."""
    from finance.rankings.snapshot import take_missing

    return take_missing(at=timezone.now())


@shared_task(acks_late=True)
def draw_whitelist(pk: int) -> None:
    """Draw a list up. Safe to ring twice; a run whose worker was killed begins anew."""
    from finance.whitelists.working import work_off

    work_off(pk)


@shared_task
def ring_waiting_whitelists() -> int:
    """Sweeper: ring again for runs that wait or whose worker may be gone; after a day give them up."""
    from finance.whitelists.working import ring_waiting

    return ring_waiting(timezone.now())
