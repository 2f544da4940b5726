"""Work of the kernel that runs in a worker."""

from celery import shared_task

from portal.kernel.outbox import RELAY, deliver


@shared_task(name=RELAY, ignore_result=True)
def relay_outbox() -> int:
    """Deliver what waits in the outbox; rung on commit and by the beat."""
    return deliver()
