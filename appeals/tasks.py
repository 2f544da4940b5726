"""Doorbells: each task does its step from the database's word and is safe to repeat."""

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from appeals.enums import Intake, OrderKind, OrderState
from appeals.models import Appeal, OrderClock, RoutingModel, WorkOrder

PATIENCE: Final = timedelta(minutes=2)
MOST_MISSED: Final = 500


@shared_task
def sweep_clocks() -> int:
    """Sweeper: mark which deadlines are near or past, and remind of them in working hours."""
    from appeals.reminding import remind

    now = timezone.now()
    OrderClock.objects.mark(now)
    return remind(now)


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
def close_unrated() -> int:
    """Sweeper: answers that nobody rated in time are closed; silence is not satisfaction."""
    from appeals.surveying import close_unrated as close

    return close(timezone.now())


@shared_task
def review_standings() -> tuple[int, int]:
    """Each night: warn and remove providers whose stars the rules say so of."""
    from appeals.standing import review_standings as review

    reviewed = review()
    return reviewed.warned, reviewed.removed


@shared_task
def suggest(appeal_id: int) -> None:
    """Suggest who should handle an appeal. Trains first where nothing is trained yet."""
    from appeals.suggesting import training
    from appeals.suggesting.suggest import suggest as make

    appeal = Appeal.objects.filter(pk=appeal_id).first()
    if appeal is None:
        return
    if not RoutingModel.objects.exists():
        training.train()
    make(appeal)


@shared_task
def suggest_missing() -> int:
    """Sweeper: ring for appeals that wait, or came back, without a suggestion; returns how many."""
    back = WorkOrder.objects.filter(kind=OrderKind.LEAD, state=OrderState.RETURNED).values("appeal")
    waiting = Appeal.objects.filter(
        Q(intake=Intake.SUBMITTED) | Q(pk__in=back),
        suggestions=None,
        submitted_at__lt=timezone.now() - PATIENCE,
    )
    missed = list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST_MISSED])
    for pk in missed:
        suggest.delay(pk)
    return len(missed)


@shared_task
def train_routing() -> int | None:
    """Learn anew from duties and closed orders, when there is something new; returns the model's id."""
    from appeals.suggesting import training

    model = training.train()
    return model.pk if model else None
