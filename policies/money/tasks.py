"""Doorbells of the money part. Rows are the queue: a task may be lost, repeated or run beside itself."""

from celery import shared_task
from django.utils import timezone


@shared_task(ignore_result=True)
def deliver_instructions() -> int:
    """Sweeper: put released instruction files into the treasury's folder."""
    from policies.money.delivering import deliver_waiting

    return deliver_waiting(timezone.now())


@shared_task(ignore_result=True)
def collect_returns() -> int:
    """Sweeper: take up what the treasury answered."""
    from policies.money.collecting import collect

    return collect(timezone.now())


@shared_task(ignore_result=True)
def watch_silence() -> int:
    """Sweeper: payments without an answer become unknown, and those who pay are told."""
    from policies.money.watching import watch_silence

    return watch_silence(timezone.now())


@shared_task(ignore_result=True)
def deliver_again() -> int:
    """Each working morning: the same instruction files again whose payments stay silent."""
    from policies.money.delivering import deliver_again

    return deliver_again(timezone.now())


@shared_task(ignore_result=True)
def scan_books() -> int:
    """Sweeper: every figure that must hold; alarms for those that do not. Returns how many are broken."""
    from policies.money.watching import scan_books

    return scan_books(timezone.now())
