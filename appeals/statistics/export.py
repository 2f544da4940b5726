"""The table of statistics as a file: CSV for any program, XLSX for the one that most people have."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from appeals.statistics.figures import FIGURES, Share

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First signs that make a spreadsheet compute what was meant as text."""
NONE: Final = "—"
CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: `first` heads the names, `notes` say what was counted."""

    first: str
    lines: Sequence[tuple[str, Sequence[Share]]]
    notes: Sequence[str]

    @property
    def head(self) -> list[str]:
        """Of each figure its part, its whole and the share; of the received only how many."""
        cells = [self.first, _("收到（件）")]
        for figure in FIGURES[1:]:
            cells += [
                _("%(label)s（件）") % {"label": figure.label},
                _("其分母：%(of)s（件）") % {"of": figure.of},
                _("%(label)s占比") % {"label": figure.label},
            ]
        return cells

    @property
    def meanings(self) -> list[str]:
        """The figures in words."""
        return [
            _("%(label)s：%(of)s诉求中，%(did)s的。")
            % {"label": figure.label, "of": figure.of, "did": figure.did}
            for figure in FIGURES[1:]
        ]


def as_csv(sheet: Sheet) -> bytes:
    """With the mark that makes spreadsheets read it as UTF-8; names never begin a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in sheet.head])
    for name, shares in sheet.lines:
        cells: list[Any] = [harmless(name), shares[0].part]
        for share in shares[1:]:
            cells += [share.part, share.whole, share.words]
        writer.writerow(cells)
    writer.writerow([])
    writer.writerows([harmless(note)] for note in (*sheet.notes, *sheet.meanings))
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(sheet: Sheet) -> bytes:
    """A workbook: the table, and beside it what was counted. Every text is a text, shares are numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    table = book.active
    table.title = _("统计")
    table.append([_text(table, cell) for cell in sheet.head])
    for cell in table[1]:
        cell.font = Font(bold=True)
    for name, shares in sheet.lines:
        row: list[Any] = [_text(table, name), shares[0].part]
        for share in shares[1:]:
            row += [share.part, share.whole, _percent(table, share)]
        table.append(row)
    table.freeze_panes = "B2"
    table.column_dimensions["A"].width = 24
    notes = book.create_sheet(_("口径"))
    notes.column_dimensions["A"].width = 90
    for note in (*sheet.notes, *sheet.meanings):
        notes.append([_text(notes, note)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def harmless(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _text(table: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(table, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell


def _percent(table: Any, share: Share) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if not share.whole:
        return NONE
    cell = WriteOnlyCell(table, share.part / share.whole)
    cell.number_format = "0.0%"
    return cell
