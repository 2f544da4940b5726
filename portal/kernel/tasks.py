"""Work of the kernel that runs in a worker."""

from celery import shared_task

from portal.kernel.outbox import RELAY, deliver
from portal.kernel.reckoning import RECKON, reckon_announced


@shared_task(name=RELAY, ignore_result=True)
def relay_outbox() -> int:
    """Deliver what waits in the outbox; rung on commit and by the beat."""
    return deliver()


@shared_task(name=RECKON, ignore_result=True)
def reckon_announced_clocks() -> int:
    """Reckon the deadlines that waited for a year's holidays; rung by its announcement and by the beat."""
    return reckon_announced()
