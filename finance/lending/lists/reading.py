"""From a bank's workbook to lines: each judged against the books, every mistake with its row and column."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending.lists import cells
from finance.lending.lists.columns import AMOUNT, COLUMNS, INTEREST, NUMBER, ON, PRINCIPAL, SERIAL
from finance.lending.lists.workbook import rows_of
from finance.models import Drawdown, LoanApplication, LoanList, LoanListKind, Repayment
from finance.models.loan_states import OWED, LoanState
from portal.kernel.brought import Preview
from portal.kernel.errors import DomainError, RowError
from portal.kernel.money import format_money

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from finance.acting import BankActor

MOST_ROWS: Final = 2000
MOST_ERRORS: Final = 200
DRAWABLE: Final = (LoanState.SIGNED, LoanState.DRAWN, LoanState.REPAYING)
READERS: Final[dict[str, Callable[[Any], Any]]] = {
    NUMBER: cells.label,
    SERIAL: cells.label,
    ON: cells.day,
    AMOUNT: cells.money,
    PRINCIPAL: cells.money,
    INTEREST: lambda value: cells.money(value, needed=False),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was read: `fen` went out, or came back as principal beside `interest_fen`."""

    row: int
    number: str
    serial: str
    on: dt.date
    fen: int
    interest_fen: int = 0
    loan: LoanApplication | None = None
    known: bool = False

    @property
    def said(self) -> tuple[Any, ...]:
        """All that the row says but its place."""
        return (self.loan.pk if self.loan else None, self.on, self.fen, self.interest_fen)


@dataclass(frozen=True, slots=True)
class ListPreview(Preview[Line]):
    """A list as it would be booked now, with what it comes to."""

    @property
    def total_fen(self) -> int:
        """What would go out, or come back as principal."""
        return sum(line.fen for line in self.new)

    @property
    def interest_fen(self) -> int:
        """Interest that would be booked."""
        return sum(line.interest_fen for line in self.new)


def preview(file: LoanList, *, by: BankActor, at: dt.datetime) -> ListPreview:
    """Judge a list against the books as they stand, and as far as the person sees them.

    What cannot be read at all is an error of row 1.
    """
    errors: list[RowError] = []
    try:
        rows = list(rows_of(bytes(file.content), COLUMNS[file.kind], (NUMBER,), MOST_ROWS))
    except DomainError as error:
        return ListPreview(errors=[RowError(1, "", str(error))])
    headings = {column.key: column.heading for column in COLUMNS[file.kind]}
    read = [line for row, values in rows if (line := _line(row, values, headings, errors))]
    if not rows:
        errors.append(RowError(1, "", _("清单里没有内容，请填好后再上传。")))
    loans = LoanApplication.objects.visible_to(by).filter(bank=file.bank_id)
    judge = _Judge(file, read, headings, timezone.localdate(at), loans)
    lines = [judged for line in read if (judged := judge.of(line, errors))]
    return ListPreview(lines, sorted(errors, key=lambda error: error.row)[:MOST_ERRORS])


class _Judge:
    """The books as far as a list speaks of them: loans by the bank's numbers, serials that are used."""

    def __init__(
        self,
        file: LoanList,
        lines: Sequence[Line],
        headings: Mapping[str, str],
        today: dt.date,
        loans: QuerySet[LoanApplication],
    ) -> None:
        self.pays_out = file.kind == LoanListKind.DRAWDOWNS
        self.headings, self.today = headings, today
        named = loans.filter(bank_number__in={line.number for line in lines}).exclude(bank_number="")
        self.loans = {loan.bank_number: loan for loan in named.select_related("enterprise")}
        model: Any = Drawdown if self.pays_out else Repayment
        found = model.objects.filter(bank=file.bank_id, serial__in={line.serial for line in lines})
        self.used = {row.serial: self._said(row) for row in found if row.live}
        self.gone = {(row.serial, self._said(row)) for row in found if not row.live}
        self.left: dict[int, int] = {
            loan.pk: loan.undrawn_fen if self.pays_out else loan.owed_fen for loan in self.loans.values()
        }
        self.rows_of: dict[str, int] = defaultdict(int)

    def _said(self, row: Any) -> tuple[Any, ...]:
        if self.pays_out:
            return (row.loan_id, row.on, row.amount_fen, 0)
        return (row.loan_id, row.on, row.principal_fen, row.interest_fen)

    def of(self, line: Line, errors: list[RowError]) -> Line | None:
        """The line with its loan, known or new; None when something is wrong with it."""
        wrong = next(iter(self._wrong(line)), None)
        if wrong is not None:
            key, words = wrong
            errors.append(RowError(line.row, self.headings[key], words))
            return None
        loan = self.loans[line.number]
        self.rows_of[line.serial] = line.row
        known = line.serial in self.used
        if not known:
            self.left[loan.pk] -= line.fen
        return Line(
            line.row, line.number, line.serial, line.on, line.fen, line.interest_fen, loan=loan, known=known
        )

    def _wrong(self, line: Line) -> Iterator[tuple[str, str]]:
        """(column, words), the first thing first."""
        loan = self.loans.get(line.number)
        if loan is None:
            yield NUMBER, _("本行没有编号为 %(number)s 的贷款。") % {"number": line.number}
            return
        said = (loan.pk, line.on, line.fen, line.interest_fen)
        if line.serial in self.rows_of:
            yield SERIAL, _("与第 %(row)d 行的流水号相同。") % {"row": self.rows_of[line.serial]}
        if line.serial in self.used:
            if self.used[line.serial] != said:
                yield SERIAL, _("这个流水号已记过，但内容不同，请核对。")
            return
        if (line.serial, said) in self.gone:
            yield SERIAL, _("这一笔登记过、已冲正，没有再入账；确实发生的，请在贷款页面登记。")
        yield from self._not_now(line, loan)

    def _not_now(self, line: Line, loan: LoanApplication) -> Iterator[tuple[str, str]]:
        amount = AMOUNT if self.pays_out else PRINCIPAL
        if loan.state not in (DRAWABLE if self.pays_out else OWED):
            words = (
                _("这笔贷款“%(state)s”，不能放款。")
                if self.pays_out
                else _("这笔贷款“%(state)s”，没有待还本金。")
            )
            yield NUMBER, words % {"state": loan.get_state_display()}
        if line.on > self.today:
            yield ON, _("日期不能晚于今天。")
        if loan.signed_on and line.on < loan.signed_on:
            yield ON, _("早于签约日 %(day)s。") % {"day": loan.signed_on}
        if not self.pays_out and loan.drawn_on and line.on < loan.drawn_on:
            yield ON, _("早于首次放款日 %(day)s。") % {"day": loan.drawn_on}
        if not line.fen + line.interest_fen:
            yield amount, _("请填写大于零的金额。")
        if line.fen > self.left[loan.pk]:
            words = (
                _("超过批准金额，最多还能放 %(left)s。") if self.pays_out else _("超过本金余额 %(left)s。")
            )
            yield amount, words % {"left": format_money(self.left[loan.pk])}


def _line(
    row: int, values: Mapping[str, Any], headings: Mapping[str, str], errors: list[RowError]
) -> Line | None:
    """What a row says, every cell that cannot be read being an error."""
    read: dict[str, Any] = {}
    for key, value in values.items():
        try:
            read[key] = READERS[key](value)
        except DomainError as error:
            errors.append(RowError(row, headings[key], str(error)))
    if len(read) < len(values):
        return None
    fen = read[AMOUNT] if AMOUNT in read else read[PRINCIPAL]
    return Line(row, read[NUMBER], read[SERIAL], read[ON], fen, read.get(INTEREST, 0))
