"""The treasury's command: watches a folder of instructions, pays once, answers into another folder."""

import argparse
import contextlib
import datetime as dt
import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.embedded.treasury.memory import Memory
from portal.embedded.treasury.moods import MODES, Letter, Mood
from portal.embedded.treasury.papers import Envelope, Instruction, UnreadableError, read, write

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Treasury:
    """A treasury between two folders. `pause` is its unit of delay, in seconds."""

    instructions: Path
    returns: Path
    memory: Memory
    modes: Sequence[str]
    seed: int
    pause: float

    def work(self) -> None:
        """Once: take what lies there, write what is due."""
        names = [path for path in self.instructions.iterdir() if path.suffix in (".csv", ".xml")]
        for path in sorted(path for path in names if not path.name.startswith(".")):
            with contextlib.suppress(FileNotFoundError):
                self._take(path)
        for letter, name, content in self.memory.due():
            put(self.returns, name, content)
            with self.memory.step():
                self.memory.written(letter)

    def _take(self, path: Path) -> None:
        """Follow a file in one step of the memory, then put it aside; killed between, it is asked again."""
        aside = "taken"
        try:
            instruction = read(path.read_bytes())
            with self.memory.step():
                self._follow(instruction)
        except (UnreadableError, ValueError) as refusal:
            print(f"{path.name} is not followed: {refusal}", flush=True)
            aside = "refused"
        (self.instructions / aside).mkdir(exist_ok=True)
        path.replace(self.instructions / aside / path.name)

    def _follow(self, instruction: Instruction) -> None:
        asked = self.memory.times_asked(instruction)
        dice = random.Random(f"{self.seed}:{instruction.number}:{asked}")  # noqa: S311
        mood = Mood(dice.choice(self.modes), dice, asked)
        if mood.loses_file():
            return
        today = dt.datetime.now(CHINA).date()
        for order in instruction.orders:
            if not self.memory.knows(order.payment):
                for kind in mood.fate(order):
                    why = mood.why() if kind == "returned" else ""
                    self.memory.enter(instruction.number, order, kind, today, why)
        self._post(instruction, mood.letters(self.memory.answers(instruction.number)), today)

    def _post(self, instruction: Instruction, letters: Sequence[Letter], today: dt.date) -> None:
        posted: list[tuple[str, bytes]] = []
        for letter in letters:
            number = f"HD{today:%Y%m%d}-{self.memory.next_letter():06d}"
            name = f"{number}.{instruction.form}"
            if letter.same is not None:
                first, content = posted[letter.same]
                name = name if letter.renamed else first
            else:
                envelope = Envelope(number, instruction.number, today, instruction.form)
                content = write(envelope, letter.answers, letter.total)
                content = letter.spoil(content) if letter.spoil else content
            posted.append((name, content))
            self.memory.post(name, content, letter.pauses * self.pause)


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a file that is seen whole or not at all."""
    unfinished = folder / f".{name}.part"
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / name)


def modes(text: str) -> list[str]:
    """One mode, or several divided by commas, of which each file gets one by lot."""
    chosen = text.split(",")
    unknown = set(chosen) - set(MODES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such mode: {', '.join(sorted(unknown))} (there are {MODES})")
    return chosen


def arguments(args: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command is told."""
    parser = argparse.ArgumentParser(prog="python -m portal.embedded.treasury", description=__doc__)
    parser.add_argument("--instructions", type=Path, required=True, help="folder that the portal delivers to")
    parser.add_argument(
        "--returns", type=Path, required=True, help="folder that the portal takes answers from"
    )
    parser.add_argument("--memory", type=Path, help="SQLite file (default: beside the instructions)")
    parser.add_argument("--mode", type=modes, default=["honest"], help=", ".join(MODES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds by which delayed answers are late")
    parser.add_argument("--poll", type=float, default=0.2, help="seconds between two looks at the folder")
    parser.add_argument("--once", action="store_true", help="look once, then end")
    return parser.parse_args(args)


def main() -> None:
    """Run until a signal ends it; whenever that is, nothing is paid twice."""
    told = arguments()
    for folder in (told.instructions, told.returns):
        folder.mkdir(parents=True, exist_ok=True)
    memory = Memory(told.memory or told.instructions / ".treasury.sqlite3")
    treasury = Treasury(told.instructions, told.returns, memory, told.mode, told.seed, told.pause)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(memory):
        treasury.work()
        while not told.once:
            time.sleep(told.poll)
            treasury.work()


if __name__ == "__main__":
    main()
