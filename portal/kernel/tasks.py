"""Work of the kernel that runs in a worker."""

from celery import shared_task

from portal.kernel.outbox import BATCH, deliver


@shared_task(ignore_result=True)
def relay_outbox() -> int:
    """Deliver what waits in the outbox until nothing is due; rung on commit and by the beat."""
    delivered = 0
    while batch := deliver(BATCH):
        delivered += batch
    return delivered
