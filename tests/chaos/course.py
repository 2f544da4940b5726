"""The course of a run: what is done in which order, while everything dies."""

import random
import time
from collections.abc import Callable
from typing import Final

from django.db import connections

from policies.models import PaymentBatch
from tests.chaos import mischief, verdict
from tests.chaos.county import County
from tests.chaos.servers import Rack

CALM_SECONDS: Final = 60
CHECK_SECONDS: Final = 0.3
MOST_SHOWN: Final = 50


class Course:
    """`say` tells whoever watches. First `begin`, then the others in their order."""

    county: County

    def __init__(self, rack: Rack, dice: random.Random, say: Callable[[str], None]) -> None:
        self.rack, self.dice, self.say = rack, dice, say
        self.trouble = mischief.Mischief(rack, dice, say)

    def begin(self, payments: int) -> None:
        """Awards in confirmed batches."""
        self.county = County(payments)
        self.say(f"{payments} payments in {len(self.county.batches)} batches, prepared and confirmed")

    def sweep_by_the_dying(self) -> None:
        """The first batch, without workers: all that sweepers do, dying at each commit of it.

        The treasury loses, so that some are silent and asked about again.
        """
        mode = self.trouble.change_treasury("lose")
        batch = self.county.batches[0]
        died = {"release": self.county.release(batch)} | self.county.sweep(self._wait_for_treasury)
        told = ", ".join(f"{name} {count}" for name, count in died.items())
        self.say(f"{batch}, treasury of mode {mode}: processes that died at their commits: {told}")

    def suffer(self, rounds: int) -> None:
        """The other batches, each to a treasury of the next mode, among `rounds` of every fault."""
        self.rack.start_workers(mischief.DEATHS)
        batches = self.county.batches[1:]
        faults = self.trouble.faults(rounds)
        share = max(len(faults) // (len(batches) + 1), 1)
        for place, batch in enumerate(batches):
            self._release(batch, by_rivals=place % 2 == 0)
            self.county.wait_for_delivery(batch)
            self.trouble.run(faults[place * share : (place + 1) * share])
        self._pay_again()
        self.trouble.run(faults[len(batches) * share :])

    def calm(self) -> int:
        """Nothing dies any more: all is answered, what came back is paid anew; returns what stays open."""
        self.say("calm")
        for name in [name for name in self.rack.children if name.startswith("worker-")]:
            self.rack.revive(name, 0, self.dice)
        self.trouble.change_treasury("honest")
        left = self._wait_for_answers()
        while not left and self._pay_again():
            left = self._wait_for_answers()
        return left

    def judge(self) -> list[str]:
        """Everything that is wrong."""
        self.say(verdict.tally())
        wrong = verdict.findings(self.rack.treasury.entries())
        for finding in wrong[:MOST_SHOWN]:
            self.say(f"WRONG: {finding}")
        return wrong

    def _release(self, batch: PaymentBatch, *, by_rivals: bool) -> None:
        mode = self.trouble.change_treasury()
        if by_rivals:
            self.county.rush(batch, meanwhile=self.trouble.stop_postgres)
            how = "rivals, PostgreSQL stopped meanwhile"
        else:
            how = f"{self.county.release(batch)} processes that died at its commits, and one that lived"
        self.say(f"{batch} is released to a treasury of mode {mode} by {how}")

    def _pay_again(self) -> bool:
        """Release a batch of what has come back by now; whether anything has."""
        batch = self.county.pay_again()
        if batch is not None:
            self.county.rush(batch)
            self.say(f"{batch.payments.count()} that came back are paid anew, to new accounts: {batch}")
        return batch is not None

    def _wait_for_treasury(self) -> None:
        self.rack.treasury.wait()

    def _wait_for_answers(self) -> int:
        """Until everything is answered and taken up, or for a while; how many payments are open."""
        deadline = time.monotonic() + CALM_SECONDS
        while True:
            connections.close_all()
            left = verdict.open_payments()
            done = not left and self.rack.treasury.is_done() and not self.rack.treasury.told()
            if done or time.monotonic() > deadline:
                return left
            time.sleep(CHECK_SECONDS)
