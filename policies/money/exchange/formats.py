"""What the portal and the treasury write to each other, as plain data: no database, no clock, no folders.

An `Instruction` says whom to pay, a `Returned` what became of it; docs/treasury.md says the same to those
who build the other side. Amounts are whole fen, days are those of the calendar in China.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Final

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

HEAD: Final = "H"
DETAIL: Final = "D"
TAIL: Final = "T"
"""Kinds of line of a CSV file, its first column."""

INSTRUCTION_HEAD: Final = ("number", "batch", "date", "count", "total")
INSTRUCTION_LINE: Final = ("payment", "award", "uscc", "holder", "bank", "account", "amount", "purpose")
RETURN_HEAD: Final = ("number", "instruction", "date", "count", "total")
RETURN_LINE: Final = ("serial", "payment", "account", "amount", "outcome", "value_date", "message")
SEAL: Final = ("count", "total", "sha256")
"""Columns of CSV behind the kind of line, in this order; the same words are the attributes of XML."""

XML_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
INVISIBLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]"
)
"""Characters that no text of these files holds: controls, directions, marks of byte order and of loss.

Spelled out, because what Unicode calls assigned differs from one Python to the next, and a file is written
byte for byte the same each time.
"""
LONGEST_TEXT: Final = 200
MOST_REASONS: Final = 100
"""Then reading stops: nobody reads more, and a hostile file must not keep a worker busy."""


class Format(StrEnum):
    """How a file is written; the value is the ending of its name."""

    CSV = "csv"
    XML = "xml"


class Outcome(StrEnum):
    """What the bank did with a payment; `returned` means that the money is back, or never left (退票)."""

    PAID = "paid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Line:
    """One payment to be made. `payment` is the number by which the treasury pays once, for ever."""

    payment: int
    award: int
    uscc: str
    holder: str
    bank: str
    account: str
    amount_fen: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """Whom the treasury is to pay: one released batch."""

    number: str
    batch: str
    date: dt.date
    lines: Sequence[Line]

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """What became of one payment; `line_no` counts lines of the file from 1, as an editor does."""

    line_no: int
    serial: str
    payment: int
    account: str
    amount_fen: int
    outcome: Outcome
    value_date: dt.date
    message: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A return file: `number` is the treasury's own, `instruction` the number of the file it answers."""

    number: str
    instruction: str
    date: dt.date
    lines: Sequence[ReturnedLine]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a file is not taken: its line from 1 (0: the file as a whole), a code for machines, words."""

    line: int
    code: str
    words: str

    def __str__(self) -> str:
        if not self.line:
            return self.words
        return _("第 %(line)d 行：%(words)s") % {"line": self.line, "words": self.words}


class Unreadable(DomainError):  # noqa: N818 - reads as what happened, as its base does
    """A return file that is not taken, with every reason found: nothing of it may be applied."""

    code = "unreadable"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = list(reasons)
        super().__init__("\n".join(map(str, self.reasons)))


class Reasons(list[Reason]):
    """Reasons as they are found, `MOST_REASONS` at most."""

    def add(self, line: int, code: str, words: str) -> None:
        """One more. Raises Unreadable when there are enough."""
        self.append(Reason(line, code, words))
        if len(self) == MOST_REASONS:
            more = Reason(0, "more", _("……其余从略。"))
            raise Unreadable([*sorted(self, key=attrgetter("line")), more])

    def refuse(self) -> None:
        """Raises Unreadable if there is any."""
        if self:
            raise Unreadable(sorted(self, key=attrgetter("line")))


def plain(text: str) -> str:
    """The text as these files carry it: what cannot be seen is a blank, none at the ends."""
    return INVISIBLE.sub(" ", text).strip()
