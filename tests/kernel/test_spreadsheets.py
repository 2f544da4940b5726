"""A table is written line by line: a long one need never be whole in memory."""

import datetime as dt
import io

from django.utils import timezone
from openpyxl import load_workbook

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
