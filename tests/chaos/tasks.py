"""The sweepers of the money part as an impatient beat rings them: silence is called so after a moment."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from policies.money import collecting, delivering, watching

AGES = dt.timedelta(days=60)


@shared_task(ignore_result=True)
def deliver() -> int:
    """Deliver what waits."""
    return delivering.deliver_waiting(timezone.now())


@shared_task(ignore_result=True)
def collect() -> int:
    """Take up what was answered."""
    return collecting.collect(timezone.now())


@shared_task(ignore_result=True)
def lose_patience() -> int:
    """Every payment without an answer is unknown, as after long waiting."""
    return watching.watch_silence(timezone.now() + AGES)


@shared_task(ignore_result=True)
def ask_again() -> int:
    """Deliver silent instructions again."""
    return delivering.deliver_again(timezone.now())
