"""Instruction files as bytes: of the same data always the same, to the byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final
from xml.sax.saxutils import escape

from policies.money.exchange.formats import (
    DETAIL,
    HEAD,
    INSTRUCTION_HEAD,
    INSTRUCTION_LINE,
    SEAL,
    TAIL,
    XML_DECLARATION,
    Format,
    Instruction,
    Line,
    plain,
)


def write(instruction: Instruction, form: Format | str = Format.CSV) -> bytes:
    """The instruction as a file. Raises ValueError for what must never leave: nothing, or no amount."""
    if not instruction.lines:
        raise ValueError(f"{instruction.number} pays nobody.")
    wrong = [line.payment for line in instruction.lines if line.amount_fen <= 0]
    if wrong:
        raise ValueError(f"{instruction.number} would pay nothing or less: {wrong}")
    return _WRITERS[Format(form)](instruction)


def _as_csv(instruction: Instruction) -> bytes:
    before = _row(HEAD, *_head(instruction)) + b"".join(
        _row(DETAIL, *_columns(line)) for line in instruction.lines
    )
    return before + _row(TAIL, *_seal(instruction, before))


def _as_xml(instruction: Instruction) -> bytes:
    lines = [
        XML_DECLARATION,
        f"<instruction{_attributes(INSTRUCTION_HEAD, _head(instruction))}>",
        *(f"  <payment{_attributes(INSTRUCTION_LINE, _columns(line))}/>" for line in instruction.lines),
        "  ",
    ]
    before = "\n".join(lines).encode()
    return before + f"<seal{_attributes(SEAL, _seal(instruction, before))}/>\n</instruction>\n".encode()


_WRITERS: Final[dict[Format, Callable[[Instruction], bytes]]] = {Format.CSV: _as_csv, Format.XML: _as_xml}


def _head(instruction: Instruction) -> tuple[str, ...]:
    return (
        instruction.number,
        instruction.batch,
        instruction.date.isoformat(),
        str(instruction.count),
        str(instruction.total_fen),
    )


def _columns(line: Line) -> tuple[str, ...]:
    return (
        str(line.payment),
        str(line.award),
        line.uscc,
        plain(line.holder),
        plain(line.bank),
        line.account,
        str(line.amount_fen),
        plain(line.purpose),
    )


def _seal(instruction: Instruction, before: bytes) -> tuple[str, ...]:
    return str(instruction.count), str(instruction.total_fen), sha256(before).hexdigest()


def _row(*cells: str) -> bytes:
    """RFC 4180, quoted only where needed; by hand, because what a library quotes changes with its version."""
    return (",".join(map(_cell, cells)) + "\r\n").encode()


def _cell(text: str) -> str:
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _attributes(names: Sequence[str], values: Sequence[str]) -> str:
    pairs = zip(names, values, strict=True)
    return "".join(f' {name}="{escape(value, {chr(34): "&quot;"})}"' for name, value in pairs)
