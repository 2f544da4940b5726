"""From a bank's workbook to results: each judged against the list, every mistake by row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from finance.lending.lists import cells
from finance.lending.lists.workbook import rows_of
from finance.models import EntryOutcome, WhitelistEntry, WhitelistResult, WhitelistReturn
from finance.whitelists.giving import AMOUNT, COLUMNS, NAME, NOTE, OUTCOME, USCC, outcomes
from finance.whitelists.pushing import MOST_WORDS, Report, amount_agrees
from portal.kernel.brought import Preview
from portal.kernel.errors import DomainError, RowError

MOST_ROWS: Final = 5_000
MOST_ERRORS: Final = 200
HEADINGS: Final = {column.key: column.heading for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was read. `before`: what the bank said then; `entry` None until it is found."""

    row: int
    uscc: str
    said: Report
    entry: WhitelistEntry | None = None
    before: Report | None = None

    @property
    def known(self) -> bool:
        """Whether the bank said the same before."""
        return self.before == self.said

    @property
    def outcome_before(self) -> EntryOutcome | None:
        """With its words; None where the bank has said nothing yet."""
        return EntryOutcome(self.before.outcome) if self.before else None

    @property
    def outcome(self) -> EntryOutcome:
        """With its words and colour."""
        return EntryOutcome(self.said.outcome)


def preview(file: WhitelistReturn) -> Preview[Line]:
    """Judge a file against the list as it stands. What cannot be read at all is an error of row 1."""
    errors: list[RowError] = []
    try:
        rows = list(rows_of(bytes(file.content), COLUMNS, (USCC, NAME), MOST_ROWS))
    except DomainError as error:
        return Preview(errors=[RowError(1, "", str(error))])
    if not rows:
        errors.append(RowError(1, "", _("清单里没有内容，请填好后再上传。")))
    read = [line for row, values in rows if (line := _line(row, values, errors))]
    entries, before = _listed(file, read)
    lines: list[Line] = []
    rows_of_firm: dict[str, int] = {}
    for line in read:
        entry = entries.get(line.uscc)
        if entry is None:
            errors.append(RowError(line.row, HEADINGS[USCC], _("名单上没有这家企业。")))
        elif line.uscc in rows_of_firm:
            words = _("与第 %(row)d 行是同一家企业。") % {"row": rows_of_firm[line.uscc]}
            errors.append(RowError(line.row, HEADINGS[USCC], words))
        else:
            lines.append(replace(line, entry=entry, before=before.get(entry.pk)))
        rows_of_firm.setdefault(line.uscc, line.row)
    return Preview(lines, sorted(errors, key=lambda error: error.row)[:MOST_ERRORS])


def _listed(
    file: WhitelistReturn, lines: Sequence[Line]
) -> tuple[dict[str, WhitelistEntry], dict[int, Report]]:
    """Entries by credit code, and what the bank said of them before."""
    found = WhitelistEntry.objects.filter(
        whitelist=file.whitelist_id, excluded="", enterprise__uscc__in={line.uscc for line in lines}
    ).select_related("enterprise", "whitelist")
    results = WhitelistResult.objects.filter(bank=file.bank_id, entry__whitelist=file.whitelist_id)
    before = {one.entry_id: Report(one.outcome, one.amount_fen, one.note) for one in results}
    return {entry.enterprise.uscc: entry for entry in found.defer("evidence")}, before


def _line(row: int, values: Mapping[str, Any], errors: list[RowError]) -> Line | None:
    """What a row says, every cell that cannot be read being an error."""
    wrong = len(errors)
    read: dict[str, Any] = {}
    for key, reader in READERS.items():
        try:
            read[key] = reader(values.get(key))
        except DomainError as error:
            errors.append(RowError(row, HEADINGS[key], str(error)))
    if len(errors) == wrong:
        said = Report(read[OUTCOME], read[AMOUNT], read[NOTE])
        if amount_agrees(said):
            return Line(row, read[USCC], said)
        words = _("已授信的须填写授信金额，其他结果不填。")
        errors.append(RowError(row, HEADINGS[AMOUNT], words))
    return None


def _outcome(value: Any) -> str:
    text, words = cells.plain(value), outcomes()
    found = next((outcome for outcome, label in words.items() if label == text), None)
    if found is None:
        said = {"outcomes": "、".join(words.values())}
        raise DomainError(_("请填写：%(outcomes)s。") % said, code="no_outcome")
    return found


def _note(value: Any) -> str:
    text = cells.plain(value)
    if len(text) > MOST_WORDS:
        raise DomainError(_("最多 %(most)d 个字符。") % {"most": MOST_WORDS}, code="too_long")
    return text


READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    USCC: lambda value: cells.label(value).upper(),
    OUTCOME: _outcome,
    AMOUNT: lambda value: cells.money(value, needed=False) or None,
    NOTE: _note,
}
"""Readers of cells; a name is not read: the credit code says who it is."""
