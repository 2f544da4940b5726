"""Doorbells: each task does its step from the database's word and is safe to repeat."""

from celery import shared_task
from django.utils import timezone


@shared_task
def fall_to_hall() -> int:
    """Sweeper: what was picked and not answered in time goes to the grab hall."""
    from appeals.picking import fall_to_hall as fall

    return fall(timezone.now())


@shared_task
def close_ended_windows() -> int:
    """Sweeper: what nobody grabbed in its window goes back to the desk."""
    from appeals.windows import close_ended

    return close_ended(timezone.now())


@shared_task
def review_standings() -> tuple[int, int]:
    """Each night: warn and remove providers whose stars the rules say so of."""
    from appeals.standing import review_standings as review

    reviewed = review()
    return reviewed.warned, reviewed.removed
