"""What the treasury has been asked, has paid and still has to say: an SQLite file, one transaction a step."""

import contextlib
import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from portal.embedded.treasury.papers import Answer, Instruction, Order

PAID, RETURNED = "paid", "returned"
_TABLES = """
    CREATE TABLE IF NOT EXISTS files (number TEXT PRIMARY KEY, digest TEXT NOT NULL, asked INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        payment INTEGER NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL, account TEXT NOT NULL,
        amount INTEGER NOT NULL, day TEXT NOT NULL, message TEXT NOT NULL, UNIQUE (payment, kind));
    CREATE TABLE IF NOT EXISTS letters (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL, content BLOB NOT NULL, due REAL NOT NULL, written INTEGER NOT NULL DEFAULT 0);
"""


class Memory:
    """The treasury's books. `entries` is the bank: at most one of each kind for a payment, whoever asks."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing, also when the process is killed within."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def times_asked(self, instruction: Instruction) -> int:
        """How often the file came before; counts this time. Raises ValueError for another one so named."""
        found = self._file.execute(
            "SELECT digest, asked FROM files WHERE number = ?", [instruction.number]
        ).fetchone()
        if found and found[0] != instruction.digest:
            raise ValueError(f"{instruction.number} came before with other content")
        self._file.execute(
            "INSERT INTO files VALUES (?, ?, 1) ON CONFLICT (number) DO UPDATE SET asked = asked + 1",
            [instruction.number, instruction.digest],
        )
        return found[1] if found else 0

    def enter(self, file: str, order: Order, kind: str, day: dt.date, message: str = "") -> None:
        """Pay, or take back what was paid; the same again is nothing."""
        self._file.execute(
            "INSERT OR IGNORE INTO entries (payment, kind, file, account, amount, day, message)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [order.payment, kind, file, order.account, order.amount, day.isoformat(), message],
        )

    def answers(self, file: str) -> list[Answer]:
        """All that was entered for a file, in order."""
        rows = self._file.execute(
            "SELECT id, payment, account, amount, kind, day, message FROM entries WHERE file = ? ORDER BY id",
            [file],
        )
        return [Answer(f"YK{number:010d}", *rest) for number, *rest in rows]

    def knows(self, payment: int) -> bool:
        """Whether anything was done about a payment."""
        return bool(self._file.execute("SELECT 1 FROM entries WHERE payment = ?", [payment]).fetchone())

    def next_letter(self) -> int:
        """The number that the next letter gets."""
        row = self._file.execute("SELECT seq FROM sqlite_sequence WHERE name = 'letters'").fetchone()
        return int(row[0]) + 1 if row else 1

    def post(self, name: str, content: bytes, wait: float) -> None:
        """A letter to be written in `wait` seconds."""
        self._file.execute(
            "INSERT INTO letters (name, content, due) VALUES (?, ?, ?)", [name, content, time.time() + wait]
        )

    def due(self) -> Sequence[tuple[int, str, bytes]]:
        """Letters to be written now: id, name, content."""
        return self._file.execute(
            "SELECT id, name, content FROM letters WHERE written = 0 AND due <= ? ORDER BY due, id",
            [time.time()],
        ).fetchall()

    def is_done(self) -> bool:
        """Whether nothing is left to say."""
        return not self._file.execute("SELECT 1 FROM letters WHERE written = 0").fetchone()

    def written(self, letter: int) -> None:
        """A letter is there."""
        self._file.execute("UPDATE letters SET written = 1 WHERE id = ?", [letter])
