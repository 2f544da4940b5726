"""Rows of a workbook that somebody brings: found by their headings, none left out unsaid."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from finance.lending.lists import cells
from finance.lending.lists.columns import Column
from portal.kernel.errors import DomainError
from portal.kernel.uploads import MEGABYTE, Kind, UploadValidator

LAST_ROW: Final = 20_000
"""Rows that are looked at, blank ones too: a file may number a row as it likes."""
MOST_COLUMNS: Final = 100
MOST_BYTES: Final = 5 * MEGABYTE
HEAD_WITHIN: Final = 5
"""Rows in which the headings are looked for: above them may stand a title."""
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, AttributeError),
    *(OSError, EOFError, ArithmeticError, NotImplementedError),
)
"""What openpyxl raises of a file that is not what it says; broken XML is a SyntaxError."""
_sound: Final = UploadValidator([Kind.XLSX], MOST_BYTES)


def content_of(file: File[Any]) -> bytes:
    """The bytes of a workbook, read to its end once. Raises DomainError for what could never be read."""
    try:
        _sound(file)
    except ValidationError as error:
        raise DomainError("\n".join(error.messages), code="file_refused") from error
    file.seek(0)
    content: bytes = file.read()
    for _row in _raw(content):
        pass
    return content


def rows_of(
    content: bytes, columns: Sequence[Column], named_by: Collection[str], most: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(Row as the spreadsheet counts, cells by column) of the first sheet; rows not filled in are left out.

    A row is filled in where any column says something but those of `named_by`, which only say whose it is.
    Raises DomainError when it is no workbook, lacks a column or has more than `most` rows.
    """
    places: dict[str, int] = {}
    count = 0
    for row, values in enumerate(_raw(content), 1):
        if not places:
            places = _places(values, columns)
            if not places and row >= HEAD_WITHIN:
                break
            continue
        found = {key: values[place] if place < len(values) else None for key, place in places.items()}
        if any(cells.plain(value) for key, value in found.items() if key not in named_by):
            count += 1
            if count > most:
                raise DomainError(
                    _("一份清单最多 %(most)d 行，请分成几份。") % {"most": most}, code="too_long"
                )
            yield row, found
    if not places:
        wanted = "、".join(column.heading for column in columns)
        raise DomainError(_("没有找到表头，应有：%(wanted)s。") % {"wanted": wanted}, code="no_head")


def _raw(content: bytes) -> Iterator[Sequence[Any]]:
    """Rows of the first sheet as they stand. Raises DomainError for what is no workbook, at whichever row."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            return
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # rows below the size that a sheet says it has would be left out unsaid
        for row, values in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            if row > LAST_ROW:
                words = _("工作表超过 %(most)d 行（空行也算），请删去多余的行。") % {"most": LAST_ROW}
                raise DomainError(words, code="too_long")
            yield values
    except _BROKEN as error:
        raise DomainError(
            _("这不是 Excel 工作簿（.xlsx），请用下载的模板填写。"), code="no_workbook"
        ) from error


def _places(values: Sequence[Any], columns: Sequence[Column]) -> dict[str, int]:
    """Where each column stands in a row of headings; none unless all that are needed do."""
    heads = [cells.plain(value) for value in values]
    found = {
        column.key: place
        for column in columns
        for place, head in enumerate(heads)
        if head and column.is_headed(head)
    }
    return found if all(column.key in found for column in columns if column.needed) else {}
