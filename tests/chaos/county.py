"""What a run begins with: awards in confirmed batches; how they are released, swept, and paid anew."""

import datetime as dt
import time
from collections.abc import Callable
from functools import partial

from django.db import InterfaceError, OperationalError, connections, transaction
from django.utils import timezone

from policies.models import AccountCheck, InstructionFile, PayeeAccount, PaymentBatch
from policies.money import collecting, delivering, watching
from policies.money.awards import waiting
from policies.money.releasing import release as release_batch
from portal.accounts.second_factor import totp_code_at
from portal.embedded.treasury.moods import MODES
from portal.kernel.errors import DomainError
from tests.chaos.boundaries import Deed, at_once, die_at_each
from tests.chaos.tasks import AGES
from tests.money.factories import Desk
from tests.money.many import owed

BATCHES = 2 * len(MODES)
"""Two for each mode of the treasury."""
RIVALS = 3
"""Processes that release the same batch at the same time."""
PATIENCE = 60
DELIVERY_SECONDS = 5


class County:
    """A payment desk with its confirmed batches."""

    def __init__(self, payments: int) -> None:
        with transaction.atomic():
            self.desk = Desk(appropriated_fen=10**13, at=timezone.now() - dt.timedelta(days=1))
            awards = owed(self.desk, payments)
        size = -(-payments // min(BATCHES, payments))
        parts = [awards[start : start + size] for start in range(0, payments, size)]
        self.batches = [self.desk.confirmed(*part) for part in parts]

    def release(self, batch: PaymentBatch) -> int:
        """Released once, however many processes die of it; returns how many did."""
        return die_at_each(self._releasing(batch))

    def rush(self, batch: PaymentBatch, meanwhile: Deed = lambda: None) -> None:
        """Released once, by one of several processes that try at the same time."""
        at_once([self._releasing(batch)] * RIVALS, meanwhile)

    def sweep(self, wait: Callable[[], None]) -> dict[str, int]:
        """Everything that sweepers do, by processes that die at each commit; how many did, by deed.

        `wait` waits for the treasury, between what is told it and what it answers.
        """
        now = timezone.now()
        died = {"deliver": die_at_each(partial(delivering.deliver_waiting, now))}
        wait()
        died["collect"] = die_at_each(partial(collecting.collect, now))
        died["lose patience"] = die_at_each(partial(watching.watch_silence, now + AGES))
        died["deliver again"] = die_at_each(partial(delivering.deliver_again, now))
        wait()
        died["collect again"] = die_at_each(partial(collecting.collect, now))
        return died

    def pay_again(self) -> PaymentBatch | None:
        """A confirmed batch of all that came back, to accounts given and checked anew; None: nothing did."""
        connections.close_all()
        back = list(waiting(self.desk.line).select_related("enterprise"))
        if not back:
            return None
        with transaction.atomic():
            accounts = PayeeAccount.objects.bulk_create(
                PayeeAccount(
                    enterprise=award.enterprise,
                    holder=award.enterprise.name,
                    bank="中国农业银行垫江县支行",
                    number=f"6228{len(self.batches):03d}{award.enterprise_id:012d}",
                    given_by=self.desk.confirmer,
                    given_at=self.desk.at,
                )
                for award in back
            )
            AccountCheck.objects.bulk_create(
                AccountCheck(
                    account=one,
                    outcome="matched",
                    checked_by=self.desk.preparer,
                    checked_at=self.desk.at,
                )
                for one in accounts
            )
        batch = self.desk.confirmed(*back)
        self.batches.append(batch)
        return batch

    def wait_for_delivery(self, batch: PaymentBatch) -> None:
        """Until the treasury has the file, or for a while: it is in this mode that it takes the batch."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while time.monotonic() < deadline:
            connections.close_all()
            if not InstructionFile.objects.filter(batch=batch, delivered_at=None).exists():
                return
            time.sleep(0.1)

    def _releasing(self, batch: PaymentBatch) -> Deed:
        """The releaser's deed: with one code, again and again while the server is away."""
        connections.close_all()  # the server may have been another one the last time
        at, releaser = self.desk.tick(), self.desk.releaser
        code = totp_code_at(releaser, at)

        def deed() -> None:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    release_batch(batch, code, by=releaser, at=at)
                except DomainError as refusal:
                    if refusal.code != "transition_refused":  # a process released it with its last breath
                        raise
                except (InterfaceError, OperationalError):  # the server is just coming back
                    if time.monotonic() > deadline:
                        raise
                    connections.close_all()
                    time.sleep(0.1)
                    continue
                return

        return deed
