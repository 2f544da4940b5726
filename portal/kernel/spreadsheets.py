"""Tables as files: CSV for any program, XLSX for the one that most people have. No text becomes a formula.

Moments are moments: by the clock of the county, ISO 8601 to the minute in CSV, dates that sort in XLSX.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First signs that make a spreadsheet compute what was meant as text."""
NONE: Final = "—"
CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDE: Final = 24
LOOKED_AT: Final = 500
"""Lines by which it is told which columns hold moments."""
OF_A_MOMENT: Final = 17
"""Narrower, and a spreadsheet shows a moment as ####."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A part of a whole: `words` where there are only texts, a number where there are numbers."""

    part: int
    whole: int
    words: str


Cell = str | int | float | Decimal | dt.date | Percent | None
"""A `datetime` is a moment with its time zone, a `date` a day; a `Decimal` a number with its places."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is written: the first column names each line, `notes` say what was counted, for whom, when.

    Lines are taken one by one, so that a long table may be an iterator and never whole in memory.
    """

    title: str
    head: Sequence[str]
    lines: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()


def as_csv(table: Table) -> bytes:
    """With the mark that makes spreadsheets read it as UTF-8; the notes stand below the table."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in table.head])
    for line in table.lines:
        writer.writerow([_plain(cell) for cell in line])
    writer.writerow([])
    writer.writerows([harmless(note)] for note in table.notes)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """A workbook: the table, and beside it its notes. Every text is a text, shares are numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title)
    rest = iter(table.lines)
    first = list(islice(rest, LOOKED_AT))
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = WIDE
    for column, cells in enumerate(zip(*first, strict=True), 1):
        if any(isinstance(cell, dt.date) for cell in cells):
            sheet.column_dimensions[get_column_letter(column)].width = OF_A_MOMENT
    head = [_cell(sheet, cell) for cell in table.head]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for line in chain(first, rest):
        sheet.append([_cell(sheet, cell) for cell in line])
    notes = book.create_sheet(_("口径"))
    notes.column_dimensions["A"].width = 90
    for note in table.notes:
        notes.append([_cell(notes, note)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


KINDS: Final = {"csv": (as_csv, CSV_TYPE), "xlsx": (as_xlsx, XLSX_TYPE)}


def handed_out(table: Table, kind: str, name: str) -> HttpResponse:
    """The table as a file of one of `KINDS`, named `name` (ASCII) with the kind as its extension."""
    write, content_type = KINDS[kind]
    answer = HttpResponse(write(table), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def harmless(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _plain(cell: Cell) -> Any:
    match cell:
        case str():
            return harmless(cell)
        case Percent(words=words):
            return words
        case dt.datetime():
            return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
        case dt.date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case None:
            return NONE
    return cell


def _places(number: Decimal) -> str:
    """The number format that shows all of its decimal places."""
    exponent = number.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"0.{'0' * places}" if places else "0"


def _cell(sheet: Any, value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    match value:
        case str():
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
            cell.data_type = "s"
            return cell
        case Percent(part=part, whole=whole) if whole:
            cell = WriteOnlyCell(sheet, part / whole)
            cell.number_format = "0.0%"
            return cell
        case Decimal():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = _places(value)
            return cell
        case dt.datetime():
            cell = WriteOnlyCell(
                sheet, timezone.localtime(value).replace(tzinfo=None, second=0, microsecond=0)
            )
            cell.number_format = "yyyy-mm-dd hh:mm"
            return cell
        case dt.date():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = "yyyy-mm-dd"
            return cell
        case None | Percent():
            return NONE
    return value
