"""Return files taken apart: lines of CSV or elements of XML as records of named texts, not yet judged."""

from __future__ import annotations

import csv
import io
import re
import xml.sax
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _

from policies.money.exchange.formats import (
    DETAIL,
    HEAD,
    INVISIBLE,
    RETURN_HEAD,
    RETURN_LINE,
    SEAL,
    TAIL,
    XML_DECLARATION,
    Reason,
    Reasons,
    Unreadable,
)

COLUMNS: Final = {HEAD: RETURN_HEAD, DETAIL: RETURN_LINE, TAIL: SEAL}
_ELEMENTS: Final = {"return": HEAD, "result": DETAIL, "seal": TAIL}
_PARENTS: Final = {HEAD: [], DETAIL: ["return"], TAIL: ["return"]}
_INVISIBLE = re.compile(rf"(?!\r?\n){INVISIBLE.pattern}")
_DECLARED = re.compile(re.escape(XML_DECLARATION).replace("UTF\\-8", "(?i:UTF-8)"))


@dataclass(frozen=True, slots=True)
class Record:
    """One line or element: where it stands, which kind it is, its texts by column."""

    line: int
    kind: str
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """A file taken apart; `sealed` is what its checksum is about: all that stands before the seal."""

    records: Sequence[Record]
    sealed: bytes


def take_apart(content: bytes, reasons: Reasons) -> Parts:
    """The records of a file, CSV or XML by its first sign. What is wrong with its form joins the `reasons`.

    Raises Unreadable when nothing can be read at all.
    """
    text = _decoded(content)
    is_xml = text.startswith("<")
    _require_visible(text, reasons)
    records = _elements(text, reasons) if is_xml else _lines(text, reasons)
    seal = text.rfind("<seal") if is_xml else text.rfind("\nT,") + 1
    return Parts(records, text[: max(seal, 0)].encode())


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        words = _("不是 UTF-8 编码（可能是 GBK），请用 UTF-8 重新生成。")
        raise Unreadable([Reason(line, "encoding", words)]) from error


def _require_visible(text: str, reasons: Reasons) -> None:
    for found in _INVISIBLE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        reasons.add(line, "invisible", _("含有控制字符、不可见字符或文件开头的字节序标记。"))


def _lines(text: str, reasons: Reasons) -> list[Record]:
    if not text.endswith("\n"):
        reasons.add(text.count("\n") + 1, "truncated", _("最后一行没有换行，文件可能不完整。"))
    lines = enumerate(io.StringIO(text, newline="\n"), 1)
    found = (_line(number, line.removesuffix("\n").removesuffix("\r"), reasons) for number, line in lines)
    return [record for record in found if record]


def _line(number: int, line: str, reasons: Reasons) -> Record | None:
    try:
        kind, *cells = next(csv.reader([line], strict=True)) or [""]
    except csv.Error:
        reasons.add(number, "quotes", _("引号不成对，或引号之外还有文字。"))
        return None
    columns = COLUMNS.get(kind)
    if columns is None:
        reasons.add(number, "kind", _("行首须是 H、D 或 T。"))
        return None
    if len(cells) != len(columns):
        words = _("应有 %(wanted)d 列，实有 %(found)d 列。")
        reasons.add(number, "columns", words % {"wanted": len(columns) + 1, "found": len(cells) + 1})
        return None
    return Record(number, kind, dict(zip(columns, cells, strict=True)))


def _elements(text: str, reasons: Reasons) -> list[Record]:
    if not _DECLARED.match(text):
        words = _("须以 %(declaration)s 开头。") % {"declaration": XML_DECLARATION}
        raise Unreadable([Reason(1, "declaration", words)])
    handler = _Elements(reasons)
    try:
        defusedxml.sax.parseString(text.encode(), handler, forbid_dtd=True)
    except xml.sax.SAXParseException as error:
        line = error.getLineNumber() or 0
        reasons.add(line, "xml", _("不是完整的 XML：%(why)s") % {"why": error.getMessage()})
    except DefusedXmlException as error:
        raise Unreadable([Reason(0, "xml", _("XML 不得含有 DTD、实体或外部引用。"))]) from error
    return handler.records


class _Elements(ContentHandler):
    """Collects the elements of a return file, each with its line."""

    def __init__(self, reasons: Reasons) -> None:
        super().__init__()
        self.records: list[Record] = []
        self._reasons, self._inside = reasons, list[str]()
        self._place: Any = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 - the parser's name
        self._place = locator

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        kind, line = _ELEMENTS.get(name), self._place.getLineNumber()
        if kind is None or self._inside != _PARENTS[kind]:
            self._reasons.add(line, "kind", _("这里不应有元素“%(name)s”。") % {"name": name[:40]})
        elif set(attrs.getNames()) != set(COLUMNS[kind]):
            words = _("元素“%(name)s”的属性须是 %(names)s。")
            self._reasons.add(line, "columns", words % {"name": name, "names": " ".join(COLUMNS[kind])})
        else:
            if any(map(INVISIBLE.search, attrs.values())):  # written as a reference: &#10;
                self._reasons.add(line, "invisible", _("含有控制字符或不可见字符。"))
            self.records.append(Record(line, kind, dict(attrs.items())))
        self._inside.append(name)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._inside.pop()

    def characters(self, content: str) -> None:
        if content.strip():
            self._reasons.add(self._place.getLineNumber(), "text", _("元素之间不应有文字。"))

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802
        self._reasons.add(self._place.getLineNumber(), "kind", _("不应有处理指令。"))
