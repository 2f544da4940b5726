"""Return files read: all of one or nothing, with every reason. Whether it fits our books, `results` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import gettext as _

from policies.money.exchange.fields import Wrong, parse
from policies.money.exchange.formats import (
    DETAIL,
    HEAD,
    TAIL,
    Outcome,
    Reasons,
    Returned,
    ReturnedLine,
    Unreadable,
)
from policies.money.exchange.records import Record, take_apart
from portal.kernel.uploads import MEGABYTE

MOST_BYTES: Final = 20 * MEGABYTE
"""About 150,000 lines, seven times the largest batch. Ask `require_size` before reading a file."""

__all__ = ["MOST_BYTES", "Unreadable", "read", "require_size"]


def require_size(size: int) -> None:
    """Raises Unreadable for a file of so many bytes that it is not even to be read."""
    reasons = Reasons()
    if not size:
        reasons.add(0, "empty", _("文件是空的。"))
    if size > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        reasons.add(0, "size", _("文件超过 %(most)d MB，未读取。请核对是否放错了文件。") % {"most": most})
    reasons.refuse()


def read(content: bytes) -> Returned:
    """A return file, CSV or XML. Raises Unreadable with all that is wrong, each with its line."""
    require_size(len(content))
    reasons = Reasons()
    parts = take_apart(content, reasons)
    read_file = _Reading(parts.records, reasons)
    read_file.check_order()
    read_file.check_seal(parts.sealed)
    read_file.check_sums()
    read_file.check_lines()
    reasons.refuse()
    return read_file.returned()


class _Reading:
    """The records of one file with their values; what is wrong is added to the reasons."""

    def __init__(self, records: Sequence[Record], reasons: Reasons) -> None:
        self.reasons = reasons
        self.records = records
        self.values = [self._values(record) for record in records]
        self.head = self._only(HEAD)
        self.tail = self._only(TAIL)
        self.details = [
            (record.line, values)
            for record, values in zip(records, self.values, strict=True)
            if record.kind == DETAIL
        ]

    def returned(self) -> Returned:
        """What the file says; only of a file without any reason against it."""
        lines = [
            ReturnedLine(
                line_no=line,
                serial=values["serial"],
                payment=values["payment"],
                account=values["account"],
                amount_fen=values["amount"],
                outcome=values["outcome"],
                value_date=values["value_date"],
                message=values["message"],
            )
            for line, values in self.details
        ]
        head = self.head
        return Returned(head["number"], head["instruction"], head["date"], lines)

    def check_order(self) -> None:
        """One head, first; one seal, last; something between."""
        kinds = [record.kind for record in self.records]
        if kinds.count(HEAD) != 1 or kinds[:1] != [HEAD]:
            self.reasons.add(0, "head", _("文件须以一条文件头（H）开头，且只有一条。"))
        if kinds.count(TAIL) != 1 or kinds[-1:] != [TAIL]:
            self.reasons.add(0, "truncated", _("文件须以一条文件尾（T）结束，且只有一条；没有的可能不完整。"))
        if not self.details:
            self.reasons.add(0, "nothing", _("文件没有明细。"))

    def check_seal(self, sealed: bytes) -> None:
        """The checksum is that of what stands before it."""
        said = self.tail.get("sha256")
        if said is not None and said != sha256(sealed).hexdigest():
            self.reasons.add(0, "altered", _("校验值与内容不符：文件在生成之后被改动，或不完整。"))

    def check_sums(self) -> None:
        """Head, seal and lines agree in number and sum."""
        self._compare("count", len(self.details), _("%(where)s写 %(said)d 笔，明细实有 %(found)d 笔。"))
        amounts: list[Any] = [values.get("amount") for _line, values in self.details]
        if None not in amounts:
            words = _("%(where)s写合计 %(said)d 分，明细实合计 %(found)d 分。")
            self._compare("total", sum(amounts), words)

    def check_lines(self) -> None:
        """No line twice, none from the future, none sent back without a word."""
        seen: dict[Any, int] = {}
        for line, values in self.details:
            for words, key in self._keys(values):
                before = seen.setdefault(key, line)
                if before != line:
                    self.reasons.add(line, "repeated", words % {"line": before})
            if values.get("outcome") == Outcome.RETURNED and values.get("message") == "":
                self.reasons.add(line, "message", _("退回的须写明原因。"))
            day, latest = values.get("value_date"), self.head.get("date")
            if day and latest and day > latest:
                self.reasons.add(line, "future", _("记账日期晚于文件日期。"))

    def _compare(self, column: str, found: int, words: str) -> None:
        for where, values in ((_("文件头"), self.head), (_("文件尾"), self.tail)):
            said = values.get(column)
            if said is not None and said != found:
                self.reasons.add(0, column, words % {"where": where, "said": said, "found": found})

    @staticmethod
    def _keys(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """What no other line of the file may say again."""
        if "serial" in values:
            yield _("银行流水号与第 %(line)d 行重复。"), values["serial"]
        if "payment" in values and "outcome" in values:
            yield _("同一笔支付的同一结果已在第 %(line)d 行写过。"), (values["payment"], values["outcome"])

    def _only(self, kind: str) -> dict[str, Any]:
        """The values of the one record of a kind; of the first where there are more."""
        found = (
            values for record, values in zip(self.records, self.values, strict=True) if record.kind == kind
        )
        return next(found, {})

    def _values(self, record: Record) -> dict[str, Any]:
        values = {}
        for column, text in record.texts.items():
            try:
                values[column] = parse(column, text)
            except Wrong as wrong:
                self.reasons.add(record.line, wrong.code, str(wrong))
        return values
