"""A CSV file as a stream of clean cells, in bounded memory."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from enterprises.imports.cells import Cells
from enterprises.imports.columns import Column, match_header
from portal.kernel.errors import ImportRefused, RowError

MAX_BYTES = 1024 * 1024 * 1024
MAX_ROWS = 2_000_000
MAX_ERRORS = 1_000
"""Reading stops here: nobody corrects more at once."""
_CHUNK = 1024 * 1024
_ENCODINGS = ("utf-8", "gb18030")
_SIGNED_NUMBER = re.compile(r"[-+]\d[\d,.]*\s*[%\u4e00-\u9fff]*")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that has been looked through once: how it is written and how many lines it has."""

    file: BinaryIO
    encoding: str
    lines: int


def inspect(file: BinaryIO) -> Source:
    """Look through the file once. Raises ImportRefused when it is too large, empty or no CSV text."""
    if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"PK", b"\xd0\xcf"):
        raise ImportRefused([], message=_("这不是 CSV 文件。请在 Excel 中“另存为”选择“CSV UTF-8”。"))
    for encoding in _ENCODINGS:
        file.seek(0)
        try:
            lines = _count_lines(file, encoding)
        except UnicodeDecodeError:
            continue
        if not lines:
            raise ImportRefused([], message=_("文件是空的。"))
        file.seek(0)
        return Source(file, "utf-8-sig" if encoding == "utf-8" else encoding, lines)
    raise ImportRefused([], message=_("认不出文件的编码，请另存为 UTF-8 或 GBK 编码的 CSV。"))


def _count_lines(file: BinaryIO, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)()
    size, lines, last = 0, 0, b"\n"
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            raise ImportRefused(
                [], message=_("文件超过 %(limit)d MB，请拆分后导入。") % {"limit": MAX_BYTES >> 20}
            )
        decoder.decode(chunk)
        lines += chunk.count(b"\n")
        last = chunk[-1:]
    decoder.decode(b"", final=True)
    return lines + (last != b"\n")


class Rows:
    """The rows of a file, with the line each begins on.

    What is wrong with single cells (formula, invisible character, too long, missing) its ``Cells`` tell; a
    row with too few or too many is left out and told in ``errors``, where the reader adds those of the cells.
    A file that cannot be read on raises ImportRefused.
    """

    def __init__(self, source: Source, columns: Sequence[Column]) -> None:
        text = io.TextIOWrapper(source.file, encoding=source.encoding, newline="")
        self._text = text
        self._reader = csv.reader(text, strict=True)
        self.errors: list[RowError] = []
        self._labels = {column.key: column.label for column in columns}
        self.columns: list[Column] = match_header(columns, self._header())

    def _header(self) -> list[str]:
        try:
            header = next(self._reader, [])
        except csv.Error as error:
            raise self._unreadable() from error
        while header and not header[-1].strip():
            header.pop()
        return header

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        count, line = 0, self._reader.line_num + 1
        while len(self.errors) < MAX_ERRORS:
            try:
                cells = next(self._reader)
            except StopIteration:
                break
            except csv.Error as error:
                raise self._unreadable() from error
            if any(cells):
                count += 1
                if count > MAX_ROWS:
                    raise ImportRefused(
                        [], message=_("文件超过 %(limit)d 行，请拆分后导入。") % {"limit": MAX_ROWS}
                    )
                row = self._clean(line, cells)
                if row is not None:
                    yield line, row
            line = self._reader.line_num + 1
        if not count:
            raise ImportRefused([], message=_("文件中没有数据行。"))

    def close(self) -> None:
        """Let go of the file without closing it."""
        self._text.detach()

    def _clean(self, line: int, cells: list[str]) -> Cells | None:
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(self.columns):
            message = _("应有 %(wanted)d 列，实有 %(given)d 列，请检查逗号和引号。")
            given = {"wanted": len(self.columns), "given": len(cells)}
            self.errors.append(RowError(line, "", message % given))
            return None
        row = Cells(line, self._labels)
        for column, cell in zip(self.columns, cells, strict=True):
            text = cell.strip()
            if text or column.required:
                reason = _fault(column, text)
                if reason:
                    row.refuse(column.key, reason)
            row.texts[column.key] = text
        return row

    def _unreadable(self) -> ImportRefused:
        error = RowError(self._reader.line_num or 1, "", _("引号不成对或单元格过长，无法继续读取。"))
        return ImportRefused([*self.errors, error])


def _fault(column: Column, text: str) -> str:
    """Why a cell is refused before anyone looks at its meaning; empty when it is not."""
    if not text:
        return _("不能为空。")
    if len(text) > column.max_length:
        return _("最多 %(limit)d 个字符。") % {"limit": column.max_length}
    if text[0] in "=+-@＝＋－＠" and is_formula(text):
        return _("疑似公式“%(text)s”，请填写数值或文字本身。") % {"text": text[:20]}
    if _INVISIBLE.search(text):
        return _("含有换行或不可见字符，请删除。")
    return ""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute it: it begins with = or @, or with a sign and is no number."""
    plain = unicodedata.normalize("NFKC", text)
    return plain[0] in "=@" or (plain[0] in "+-" and not _SIGNED_NUMBER.fullmatch(plain))
