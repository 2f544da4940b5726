"""A table is written line by line: a long one need never be whole in memory."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from portal.kernel.money import yuan
from portal.kernel.spreadsheets import LOOKED_AT, Table, as_csv, as_xlsx

MANY = LOOKED_AT + 3
AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
"""Half past nine here."""


def table():
    lines = ([f"企业{number}", number, AT if number else None] for number in range(MANY))
    return Table("名单", ["企业", "序号", "时间"], lines, ["共若干行"])


def test_an_iterator_is_written_whole_to_a_workbook():
    book = load_workbook(io.BytesIO(as_xlsx(table())))
    rows = list(book["名单"].iter_rows(values_only=True))
    assert rows[0] == ("企业", "序号", "时间")
    assert rows[1] == ("企业0", 0, "—")
    assert rows[-1] == (f"企业{MANY - 1}", MANY - 1, timezone.make_naive(AT))
    assert len(rows) == MANY + 1
    assert book["名单"].freeze_panes == "B2"
    assert book["名单"]["A1"].font.b
    assert book["名单"].column_dimensions["C"].width > book["名单"].column_dimensions["B"].width
    assert [row[0] for row in book.worksheets[1].iter_rows(values_only=True)] == ["共若干行"]


def test_an_iterator_is_written_whole_to_csv():
    lines = as_csv(table()).decode("utf-8-sig").splitlines()
    assert lines[MANY] == f"企业{MANY - 1},{MANY - 1},2026-03-02 09:30"
    assert lines[-1] == "共若干行"


@pytest.mark.parametrize(
    ("fen", "written", "shown_as"),
    [
        (-150_000_000, "-1500000.00", "0.00"),
        (1050, "10.50", "0.00"),
        (1, "0.01", "0.00"),
        (0, "0.00", "0.00"),
    ],
)
def test_money_is_a_number_in_both_and_only_text_is_kept_from_being_a_formula(fen, written, shown_as):
    sums = Table("账", ["事由", "元"], [["-1+1", yuan(fen)]])
    assert as_csv(sums).decode("utf-8-sig").splitlines()[1] == f"'-1+1,{written}"
    text, number = load_workbook(io.BytesIO(as_xlsx(sums)))["账"][2]
    assert (text.data_type, text.value) == ("s", "-1+1")
    assert (number.data_type, Decimal(str(number.value)), number.number_format) == (
        "n",
        Decimal(fen) / 100,
        shown_as,
    )


@pytest.mark.parametrize(("rate", "shown_as"), [("4.35", "0.00"), ("3.8", "0.0"), ("1E+1", "0")])
def test_a_number_is_shown_with_the_places_it_has(rate, shown_as):
    cell = load_workbook(io.BytesIO(as_xlsx(Table("率", ["%"], [[Decimal(rate)]]))))["率"]["A2"]
    assert (Decimal(str(cell.value)), cell.number_format) == (Decimal(rate), shown_as)
