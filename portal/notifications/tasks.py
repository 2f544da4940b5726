"""Doorbells of what leaves the portal: each carries an id and is safe to be lost, doubled or killed.

Those that call other people's servers go to the queue `outbound`, which has workers of its own
(`CELERY_TASK_ROUTES`): a mail server that hangs delays other letters, and nothing else.
"""

from typing import Any, Final

from celery import shared_task
from django.utils.translation import gettext as _

from portal.kernel.sending import Sending
from portal.notifications.models import Delivery, WebhookDelivery

MOST_RUNG: Final = 500
PATIENCE: Final = 60
"""Seconds for one try, well within `portal.kernel.sending.LEASE`."""
RINGS_FOR: Final = 60
"""Seconds after which a doorbell that nobody answered is dropped unopened. Each sweep rings anew for
all that still waits; without an end, an hour of a hanging receiver would leave tens of thousands of bells."""


@shared_task(time_limit=PATIENCE, ignore_result=True)
def send_delivery(pk: int) -> bool:
    """Try one delivery."""
    from portal.notifications.outgoing import send

    return send(pk)


@shared_task(time_limit=PATIENCE, ignore_result=True)
def send_webhook(pk: int) -> bool:
    """Try one delivery to another system."""
    from portal.notifications.webhooks import send

    return send(pk)


@shared_task(ignore_result=True)
def ring_waiting() -> int:
    """Sweeper, also rung on commit: free what dead workers had taken, ring for what is due; how many."""
    return _ring(Delivery, send_delivery) + _ring(WebhookDelivery, send_webhook)


@shared_task(ignore_result=True)
def forget_bodies() -> int:
    """Each night: the words that other systems were told long ago go, that and how they were told stays."""
    from portal.notifications.webhooks import forget_bodies as forget

    return forget()


def _ring(model: type[Sending], task: Any) -> int:
    model.objects.free_stuck(_("发送中断，将重试。"))
    due = list(model.objects.due().values_list("pk", flat=True)[:MOST_RUNG])
    for pk in due:
        task.apply_async((pk,), expires=RINGS_FOR)
    return len(due)
