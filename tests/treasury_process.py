"""The treasury as a real process between two folders, to be killed and asked anew; nothing of Django."""

import contextlib
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal.embedded.process import Child, Command, log_end, start
from portal.embedded.treasury.__main__ import put

PATIENCE = 30


class TreasuryProcess:
    """``python -m portal.embedded.treasury`` over `folder`. ``kill`` is a power cut."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.instructions, self.returns = folder / "instructions", folder / "returns"
        self.memory, self.log = folder / "memory.sqlite3", folder / "treasury.log"
        self.seed = seed
        self.child: Child | None = None
        for each in (self.instructions, self.returns):
            each.mkdir(parents=True, exist_ok=True)

    def command(self, mode: str, *more: str) -> list[str]:
        """How it is started."""
        command = [sys.executable, "-m", "portal.embedded.treasury", f"--mode={mode}", f"--seed={self.seed}"]
        command += [f"--instructions={self.instructions}", f"--returns={self.returns}"]
        return [*command, f"--memory={self.memory}", "--poll=0.02", "--pause=0.1", *more]

    def start(self, mode: str = "honest") -> None:
        """Start it and go on."""
        self.child = start("treasury", Command(self.command(mode), dict(os.environ), log=self.log))

    def kill(self) -> None:
        """Kill it at once."""
        if self.child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.popen.pid, signal.SIGKILL)
            self.child.popen.wait()

    def stop(self) -> None:
        """End it in order."""
        if self.child:
            self.child.stop()

    def ask(self, name: str, content: bytes) -> None:
        """Put an instruction into its folder."""
        put(self.instructions, name, content)

    def told(self) -> list[Path]:
        """Return files that lie there, oldest number first."""
        found = (path for path in self.returns.iterdir() if path.is_file())
        return sorted(path for path in found if not path.name.startswith("."))

    def entries(self) -> list[tuple[Any, ...]]:
        """What the bank did: payment, kind, amount; from its own books."""
        return self._rows("SELECT payment, kind, amount FROM entries ORDER BY id")

    def is_done(self) -> bool:
        """Whether it took all that it was asked and wrote all that it has to say."""
        waiting = any(path.suffix in (".csv", ".xml") for path in self.instructions.iterdir())
        return not waiting and not self._rows("SELECT 1 FROM letters WHERE written = 0")

    def wait(self, condition: Callable[[], Any] | None = None) -> None:
        """Wait until the condition holds (without one: until it is done)."""
        deadline = time.monotonic() + PATIENCE
        while not (condition or self.is_done)():
            assert time.monotonic() < deadline, f"the treasury did not:\n{log_end(self.log, 20)}"
            time.sleep(0.02)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self.memory.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.memory, timeout=30)) as memory:
            try:
                return memory.execute(query).fetchall()
            except sqlite3.OperationalError:  # it is just making its tables
                return []
