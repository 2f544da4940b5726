"""What a run begins with: awards in confirmed batches; and how a batch is released by the dying."""

import time

from django.db import OperationalError, connections, transaction

from policies.models import InstructionFile, PaymentBatch
from policies.money.releasing import release as release_batch
from portal.accounts.second_factor import totp_code_at
from portal.embedded.treasury.moods import MODES
from portal.kernel.errors import DomainError
from tests.chaos.boundaries import die_at_each
from tests.money.scene import Scene, confirmed, owed, scene

BATCHES = 2 * len(MODES)
"""Two for each mode of the treasury."""
TRIES = 20
DELIVERY_SECONDS = 5


class County:
    """A scene with its confirmed batches."""

    def __init__(self, payments: int) -> None:
        with transaction.atomic():
            self.scene: Scene = scene()
            awards = owed(self.scene, payments)
        size = -(-payments // min(BATCHES, payments))
        parts = [awards[start : start + size] for start in range(0, payments, size)]
        self.batches = [confirmed(self.scene, part) for part in parts]

    def release(self, batch: PaymentBatch) -> int:
        """Released once, however many processes die of it; returns how many did."""
        connections.close_all()  # the server may have been another one the last time
        at, releaser = self.scene.moment(), self.scene.releaser
        code = totp_code_at(releaser, at)

        def deed() -> None:
            for _try in range(TRIES):
                try:
                    release_batch(batch, code, by=releaser, at=at)
                except DomainError as refusal:
                    if refusal.code != "transition_refused":  # a process released it with its last breath
                        raise
                except OperationalError:  # the server is just coming back
                    connections.close_all()
                    continue
                return

        return die_at_each(deed)

    def wait_for_delivery(self, batch: PaymentBatch) -> None:
        """Until the treasury has the file, or for a while: it is in this mode that it takes the batch."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while time.monotonic() < deadline:
            connections.close_all()
            if not InstructionFile.objects.filter(batch=batch, delivered_at=None).exists():
                return
            time.sleep(0.1)
