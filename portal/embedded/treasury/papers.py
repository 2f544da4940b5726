"""Instruction files read and return files written, as docs/treasury.md has them."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import ParseError, fromstring

CSV, XML = "csv", "xml"
HEAD = ["number", "batch", "date", "count", "total"]
ORDER = ["payment", "award", "uscc", "holder", "bank", "account", "amount", "purpose"]
ANSWER_HEAD = ["number", "instruction", "date", "count", "total"]
ANSWER = ["serial", "payment", "account", "amount", "outcome", "value_date", "message"]
SEAL = ["count", "total", "sha256"]
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class UnreadableError(Exception):
    """An instruction file that is not followed; the text says why."""


@dataclass(frozen=True)
class Order:
    """One payment that is asked for; `payment` is its number for ever."""

    payment: int
    account: str
    amount: int


@dataclass(frozen=True)
class Instruction:
    """A file of orders: its number, its form, the digest of all its bytes."""

    number: str
    form: str
    digest: str
    orders: Sequence[Order]


@dataclass(frozen=True)
class Answer:
    """One line of a return file."""

    serial: str
    payment: int
    account: str
    amount: int
    outcome: str
    day: str
    message: str = ""


@dataclass(frozen=True)
class Envelope:
    """What stands around the lines of a return file."""

    number: str
    instruction: str
    day: dt.date
    form: str


def read(content: bytes) -> Instruction:
    """An instruction file, whole. Raises UnreadableError."""
    try:
        if content.startswith(b"<"):
            head, rows, tail, form = *_read_xml(content), XML
        else:
            head, rows, tail, form = *_read_csv(content), CSV
        orders = [Order(int(row[0]), row[5], int(row[6])) for row in rows]
        sums = str(len(orders)), str(sum(order.amount for order in orders))
        if sums != (head[3], head[4]) or sums != (tail[0], tail[1]):
            raise UnreadableError("number and sum of the orders are not those of head and tail")
    except (ValueError, IndexError, KeyError, ParseError, csv.Error) as error:
        raise UnreadableError(f"not as documented: {error}") from error
    if tail[2] != sha256(content[: content.rfind(b"<seal" if form == XML else b"T,")]).hexdigest():
        raise UnreadableError("the checksum is not that of the content")
    if len({order.payment for order in orders}) != len(orders) or any(one.amount <= 0 for one in orders):
        raise UnreadableError("a payment stands there twice, or pays nothing")
    return Instruction(head[0], form, sha256(content).hexdigest(), orders)


def _read_csv(content: bytes) -> tuple[list[str], list[list[str]], list[str]]:
    rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    if [row[0] for row in rows] != ["H", *"D" * (len(rows) - 2), "T"]:
        raise UnreadableError("lines are not one H, some D, one T")
    head, *details, tail = (row[1:] for row in rows)
    return head, details, tail


def _read_xml(content: bytes) -> tuple[list[str], list[list[str]], list[str]]:
    root = fromstring(content.decode(), forbid_dtd=True)
    *details, tail = root
    head = [root.attrib[name] for name in HEAD]
    rows = [[each.attrib[name] for name in ORDER] for each in details]
    return head, rows, [tail.attrib[name] for name in SEAL]


def write(envelope: Envelope, answers: Sequence[Answer], total: int | None = None) -> bytes:
    """A return file. `total` instead of the true sum is a lie."""
    count, said = str(len(answers)), str(total or sum(answer.amount for answer in answers))
    head = [envelope.number, envelope.instruction, envelope.day.isoformat(), count, said]
    rows = [
        [each.serial, str(each.payment), each.account, str(each.amount), each.outcome, each.day, each.message]
        for each in answers
    ]
    form = _write_xml if envelope.form == XML else _write_csv
    return form(head, rows, [count, said])


def _write_csv(head: list[str], rows: list[list[str]], sums: list[str]) -> bytes:
    file = io.StringIO(newline="")
    lines = csv.writer(file, lineterminator="\r\n")
    lines.writerow(["H", *head])
    lines.writerows(["D", *row] for row in rows)
    before = file.getvalue().encode()
    return before + f"T,{','.join(sums)},{sha256(before).hexdigest()}\r\n".encode()


def _write_xml(head: list[str], rows: list[list[str]], sums: list[str]) -> bytes:
    lines = [f"  <result {_attributes(ANSWER, row)}/>\n" for row in rows]
    opening = f"<return {_attributes(ANSWER_HEAD, head)}>\n"
    before = "".join([DECLARATION, opening, *lines, "  "]).encode()
    seal = _attributes(SEAL, [*sums, sha256(before).hexdigest()])
    return before + f"<seal {seal}/>\n</return>\n".encode()


def _attributes(names: Iterable[str], values: Iterable[str]) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in zip(names, values, strict=True))
