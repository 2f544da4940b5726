"""What happens to a run, drawn by its seed: every fault at least once, every mode of the treasury too."""

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from portal.embedded.treasury.moods import MODES
from tests.chaos.servers import WORKERS, Rack

DEATHS = 0.04
"""Part of the commits of a worker that are its last deed."""
PAUSE = (0.1, 0.5)
"""Seconds between two faults, from and to."""
BELLS = ("deliver", "collect", "lose_patience", "ask_again")


class Mischief:
    """Faults upon a rack. `told` says each to whoever watches."""

    def __init__(self, rack: Rack, dice: random.Random, told: Callable[[str], None]) -> None:
        self.rack, self.dice, self.told = rack, dice, told
        self.modes = list(MODES)
        dice.shuffle(self.modes)
        self._mode = 0

    def faults(self, rounds: int) -> list[Callable[[], None]]:
        """In the order of this seed: `rounds` times every fault."""
        each = [
            self.kill_worker,
            self.kill_worker,
            self.kill_beat,
            self.wipe_redis,
            self.kill_redis,
            self.stop_postgres,
            self.double_bells,
            self.double_bells,
            self.double_answers,
            self.double_answers,
            self.kill_treasury,
            self.kill_treasury,
        ]
        drawn = each * rounds
        self.dice.shuffle(drawn)
        return drawn

    def run(self, faults: list[Callable[[], None]]) -> None:
        """One after the other, with a moment between."""
        for fault in faults:
            self.told(fault.__name__.replace("_", " "))
            fault()
            time.sleep(self.dice.uniform(*PAUSE))

    def kill_worker(self) -> None:
        """SIGKILL for a worker with its children, in whatever it is."""
        self.rack.revive(f"worker-{self.dice.choice(WORKERS)}", DEATHS, self.dice)

    def kill_beat(self) -> None:
        """SIGKILL for a beat."""
        self.rack.revive(f"beat-{self.dice.choice(WORKERS)}", 0, self.dice)

    def wipe_redis(self) -> None:
        """Every message is lost."""
        self.rack.wipe_redis()

    def kill_redis(self) -> None:
        """The broker is gone and comes back empty."""
        self.rack.restart_redis()

    def stop_postgres(self) -> None:
        """Immediate stop, crash recovery."""
        self.rack.restart_postgres()

    def change_treasury(self, mode: str = "") -> str:
        """The treasury is killed and comes back in `mode`, or in the next one, which is returned."""
        self._mode = self.modes.index(mode) if mode else self._mode + 1
        self.kill_treasury()
        return self.mode

    @property
    def mode(self) -> str:
        """How the treasury is."""
        return self.modes[self._mode % len(self.modes)]

    def kill_treasury(self) -> None:
        """SIGKILL for the treasury, and a new one over the same memory."""
        self.rack.treasury.kill()
        self.rack.treasury.start(self.mode)

    def double_bells(self) -> None:
        """Every sweeper is rung twice more, in any order, some later."""
        from celery import current_app

        bells = [*BELLS, *BELLS]
        self.dice.shuffle(bells)
        for bell in bells:
            try:
                current_app.send_task(
                    f"tests.chaos.tasks.{bell}", retry=False, countdown=self.dice.choice([0, 0, 1])
                )
            except OSError:  # Redis is away just now: a lost bell
                return

    def double_answers(self) -> None:
        """Answers of any age come in again, under other names."""
        inbox = self.rack.treasury.returns
        found = [path for path in (inbox / "done").glob("*.*") if path.is_file()]
        for path in self.dice.sample(sorted(found), min(5, len(found))):
            self._copy(path, inbox / f"again-{self.dice.randrange(10**6)}{path.suffix}")

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        unfinished = target.with_name(f".{target.name}")
        shutil.copyfile(source, unfinished)
        unfinished.replace(target)
