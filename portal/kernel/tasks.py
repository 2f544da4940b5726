"""Work of the kernel that runs in a worker."""

from celery import shared_task
from django.apps import apps

from portal.kernel.clocks import Clock, ClockQuerySet
from portal.kernel.outbox import RELAY, deliver
from portal.kernel.workdays import Calendar


@shared_task(name=RELAY, ignore_result=True)
def relay_outbox() -> int:
    """Deliver what waits in the outbox; rung on commit and by the beat."""
    return deliver()


@shared_task(ignore_result=True)
def reckon_announced_clocks() -> int:
    """Reckon the deadlines that waited for a year's holidays; returns how many. Harmless when none did."""
    calendar = Calendar.load()
    models = [model for model in apps.get_models() if issubclass(model, Clock)]
    return sum(ClockQuerySet(model).reckon_announced(calendar) for model in models)
