"""Lists of Excel: every mistake by row and column, booked whole, and the same again changes nothing."""

import datetime as dt
import io
import zipfile
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from finance.lending import correcting
from finance.lending.lists.giving import blank_table, movements_table
from finance.lending.lists.reading import preview
from finance.lending.lists.taking import book, take_in
from finance.models import Drawdown, LoanApplication, LoanList, LoanState, Repayment
from portal.accounts.second_factor import enable_totp
from portal.kernel.errors import ImportRefused
from portal.kernel.spreadsheets import as_xlsx
from tests.clients import signed_in
from tests.finance.factories import BranchFactory
from tests.finance.lending import factories as make
from tests.finance.lending.breaching import signed_before
from tests.finance.lending.refused import refused

pytestmark = pytest.mark.django_db
OUT = ("银行贷款编号", "放款流水号", "放款日期", "放款金额（元）")
BACK = ("银行贷款编号", "还款流水号", "还款日期", "归还本金（元）", "支付利息（元）")
WAN = make.WAN


def workbook(*rows, head=OUT):
    book = Workbook()
    for row in (head, *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("放款.xlsx", file.getvalue())


@pytest.fixture
def signed():
    return make.put(LoanState.SIGNED)


@pytest.fixture
def by(signed):
    return make.officer(signed.bank)


def rewritten(file, change, part="xl/worksheets/sheet1.xml"):
    """The workbook with one of its parts as somebody else would write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, change(content) if name == part else content)
    return SimpleUploadedFile("放款.xlsx", out.getvalue())


def brought(by, *rows, kind="drawdowns", head=OUT):
    return take_in(workbook(*rows, head=head), kind, by=by, at=timezone.now())


def today():
    return timezone.localdate()


def test_numbers_texts_and_dates_as_people_write_them(signed, by):
    file = brought(
        by,
        (signed.bank_number, "F1", today(), 120000.5),
        (signed.bank_number, "F2", f"{today():%Y/%m/%d}", "３，０００．００"),
        (signed.bank_number, 20261103001, f"{today():%Y%m%d}", "1.2 万元"),
        (signed.bank_number, None, None, None),
    )
    seen = preview(file, by=by, at=timezone.now())
    assert not seen.errors
    assert [(line.serial, line.fen) for line in seen.lines] == [
        ("F1", 12_000_050),
        ("F2", 300_000),
        ("20261103001", 1_200_000),
    ]
    assert book(file, by=by, at=timezone.now()).new == 3
    signed.refresh_from_db()
    assert (signed.drawn_fen, signed.state) == (13_500_050, LoanState.DRAWN)


def test_the_same_file_again_changes_nothing(signed, by):
    row = (signed.bank_number, "F1", today(), 1000)
    file = brought(by, row)
    book(file, by=by, at=timezone.now())
    again = take_in(
        SimpleUploadedFile("又一份.xlsx", bytes(file.content)), "drawdowns", by=by, at=timezone.now()
    )
    assert again.pk == file.pk
    assert book(again, by=by, at=timezone.now()).new == 0
    assert Drawdown.objects.count() == 1


def test_a_line_that_is_known_is_told_and_left(signed, by):
    book(brought(by, (signed.bank_number, "F1", today(), 1000)), by=by, at=timezone.now())
    file = brought(by, (signed.bank_number, "F1", today(), 1000), (signed.bank_number, "F2", today(), 5))
    booked = book(file, by=by, at=timezone.now())
    assert (booked.new, booked.known) == (1, 1)


def test_every_mistake_is_told_with_its_row_and_column(signed, by):
    other = make.put(LoanState.SIGNED)
    tomorrow, before = today() + dt.timedelta(days=1), signed.signed_on - dt.timedelta(days=1)
    book(brought(by, (signed.bank_number, "旧", today(), 1)), by=by, at=timezone.now())
    file = brought(
        by,
        (other.bank_number, "F1", today(), 1),
        (signed.bank_number, "F2", tomorrow, 1),
        (signed.bank_number, "F3", before, 1),
        (signed.bank_number, "F4", today(), 0),
        (signed.bank_number, "F5", today(), "-5"),
        (signed.bank_number, "F6", today(), "1e5"),
        (signed.bank_number, "F7", "2026-02-30", 1),
        (signed.bank_number, None, today(), 1),
        (signed.bank_number, 1234567890123456, today(), 1),
        (signed.bank_number, "F8", today(), 500_000),
        (signed.bank_number, "F9", today(), 1),
        (signed.bank_number, "F9", today(), 1),
        (signed.bank_number, "旧", today(), 2),
        (None, "F10", today(), 1),
    )
    errors = preview(file, by=by, at=timezone.now()).errors
    told = [(error.row, error.column) for error in errors]
    assert told == [
        (2, OUT[0]),
        (3, OUT[2]),
        (4, OUT[2]),
        (5, OUT[3]),
        (6, OUT[3]),
        (7, OUT[3]),
        (8, OUT[2]),
        (9, OUT[1]),
        (10, OUT[1]),
        (11, OUT[3]),
        (13, OUT[1]),
        (14, OUT[1]),
        (15, OUT[0]),
    ]
    with pytest.raises(ImportRefused):
        book(file, by=by, at=timezone.now())
    assert Drawdown.objects.count() == 1
    assert LoanList.objects.get(pk=file.pk).state == "received"


def test_lines_together_never_exceed_the_approval(signed, by):
    file = brought(
        by, (signed.bank_number, "F1", today(), 300_000), (signed.bank_number, "F2", today(), 200_001)
    )
    (error,) = preview(file, by=by, at=timezone.now()).errors
    assert (error.row, error.column) == (3, OUT[3])


def test_repayments_are_booked_and_the_last_settles():
    loan = make.put(LoanState.DRAWN)
    by = make.officer(loan.bank)
    rows = [(loan.bank_number, f"H{n}", today(), 250_000, 1000 + n) for n in range(2)]
    book(brought(by, *rows, kind="repayments", head=BACK), by=by, at=timezone.now())
    loan.refresh_from_db()
    assert (loan.state, loan.repaid_fen) == (LoanState.REPAID, 50 * WAN)
    assert list(Repayment.objects.values_list("interest_fen", flat=True)) == [100_000, 100_100]


def test_a_repayment_from_before_the_money_is_told():
    loan = signed_before()
    row = (loan.bank_number, "H9", today() - dt.timedelta(1), 1, 0)
    by = make.officer(loan.bank)
    file = brought(by, row, kind="repayments", head=BACK)
    (error,) = preview(file, by=by, at=timezone.now()).errors
    assert (error.row, error.column) == (2, BACK[2])
    assert "首次放款日" in error.message


def test_what_is_given_out_can_be_brought_again_and_changes_nothing(signed, by):
    book(brought(by, (signed.bank_number, "F1", today(), 1000.55)), by=by, at=timezone.now())
    file = SimpleUploadedFile("导出.xlsx", as_xlsx(movements_table("drawdowns", by, timezone.now())))
    booked = book(take_in(file, "drawdowns", by=by, at=timezone.now()), by=by, at=timezone.now())
    assert (booked.new, booked.known) == (0, 1)


def test_the_blank_list_knows_the_numbers_and_blank_rows_are_none(signed, by):
    content = as_xlsx(blank_table("drawdowns", by, timezone.now()))
    cells = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0]]
    assert cells[0] == list(OUT)
    assert cells[1][0] == signed.bank_number
    file = take_in(SimpleUploadedFile("空.xlsx", content), "drawdowns", by=by, at=timezone.now())
    (error,) = preview(file, by=by, at=timezone.now()).errors
    assert "没有内容" in error.message


@pytest.mark.parametrize(
    ("content", "name"), [(b"a,b\n1,2\n", "x.xlsx"), (b"PK\x03\x04 not a package", "x.xlsx"), (b"", "x.xlsx")]
)
def test_what_is_no_workbook_is_refused(by, content, name):
    with refused("file_refused"):
        take_in(SimpleUploadedFile(name, content), "drawdowns", by=by, at=timezone.now())
    assert not LoanList.objects.exists()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("cut", [slice(0, -40), slice(0, 0)])
def test_broken_xml_in_a_sound_package_is_refused_and_not_kept(signed, by, part, cut):
    file = rewritten(workbook((signed.bank_number, "F1", today(), 1)), lambda content: content[cut], part)
    with refused("no_workbook"):
        take_in(file, "drawdowns", by=by, at=timezone.now())
    assert not LoanList.objects.exists()


def test_a_broken_list_that_was_kept_before_is_told(signed, by):
    file = brought(by, (signed.bank_number, "F1", today(), 1))
    file.content = rewritten(io.BytesIO(file.content), lambda content: content[:-40]).read()
    (error,) = preview(file, by=by, at=timezone.now()).errors
    assert "不是 Excel 工作簿" in error.message


def test_a_row_far_down_costs_no_look_at_each_before_it(signed, by):
    row = (signed.bank_number, "F1", today(), 1)
    far = rewritten(workbook(row), lambda content: content.replace(b'<row r="2"', b'<row r="2000000000"'))
    with refused("too_long"):
        take_in(far, "drawdowns", by=by, at=timezone.now())
    assert not LoanList.objects.exists()
    near = rewritten(workbook(row), lambda content: content.replace(b'<row r="2"', b'<row r="900"'))
    (line,) = preview(take_in(near, "drawdowns", by=by, at=timezone.now()), by=by, at=timezone.now()).lines
    assert line.row == 900


def test_a_list_without_its_headings_is_told(by):
    (error,) = preview(brought(by, ("a", "b"), head=("甲", "乙")), by=by, at=timezone.now()).errors
    assert "没有找到表头" in error.message


def test_another_banks_list_is_not_booked(signed, by):
    file = brought(by, (signed.bank_number, "F1", today(), 1))
    with refused("gone"):
        book(file, by=make.officer(make.bank()), at=timezone.now())


def test_another_banks_number_is_unknown(signed):
    by = make.officer(make.bank())
    (error,) = preview(brought(by, (signed.bank_number, "F1", today(), 1)), by=by, at=timezone.now()).errors
    assert "本行没有编号" in error.message
    assert LoanApplication.objects.get(pk=signed.pk).drawn_fen == 0


def test_who_only_looks_brings_nothing(signed):
    with refused("viewer"):
        brought(make.officer(signed.bank, "viewer"), (signed.bank_number, "F1", today(), 1))


@pytest.fixture
def walled(signed):
    """Who serves one branch, while the loan is another's."""
    mine, theirs = BranchFactory.create_batch(2, bank=signed.bank)
    LoanApplication.objects.filter(pk=signed.pk).update(branch=theirs)
    return replace(make.officer(signed.bank), branch=mine)


def test_another_branchs_loans_are_not_given_out(signed, by, walled):
    book(brought(by, (signed.bank_number, "F1", today(), 1)), by=by, at=timezone.now())
    for table in (blank_table, movements_table):
        assert signed.bank_number in str(table("drawdowns", by, timezone.now()).lines)
        assert signed.bank_number not in str(table("drawdowns", walled, timezone.now()).lines)


def test_nor_are_they_booked(signed, walled):
    file = brought(walled, (signed.bank_number, "F1", today(), 1))
    (error,) = preview(file, by=walled, at=timezone.now()).errors
    assert "本行没有编号" in error.message
    with pytest.raises(ImportRefused):
        book(file, by=walled, at=timezone.now())
    assert not Drawdown.objects.exists()


def test_what_was_set_right_is_not_booked_again_by_a_list(signed, by):
    row = (signed.bank_number, "F1", today(), 1000)
    book(brought(by, row), by=by, at=timezone.now())
    correcting.reverse(Drawdown.objects.get(), "登错", by=by, at=timezone.now())
    assert not movements_table("drawdowns", by, timezone.now()).lines
    other = (signed.bank_number, "F2", today(), 1)
    (error,) = preview(brought(by, row, other), by=by, at=timezone.now()).errors
    assert (error.row, error.column) == (2, "放款流水号")
    assert "已冲正" in error.message
    right = (signed.bank_number, "F1", today(), 900)
    assert book(brought(by, right), by=by, at=timezone.now()).new == 1
    signed.refresh_from_db()
    assert signed.drawn_fen == 90_000


def test_the_preview_names_the_firm_and_what_may_still_go_out(signed, by):
    file = brought(by, (signed.bank_number, "F1", today(), 1))
    enable_totp(by.user)
    browser = signed_in(by.user)
    page = browser.get(reverse("bank_list", args=[signed.bank_id, file.pk])).content.decode()
    assert signed.enterprise.name in page
    assert "还可放款" in page


def test_a_booked_list_shows_its_rows_and_a_faulty_one_waits_for_nobody(signed, by):
    row = (signed.bank_number, "F1", today(), 1234.56)
    booked, faulty = brought(by, row), brought(by, (signed.bank_number, "F2", today(), -1))
    book(booked, by=by, at=timezone.now())
    enable_totp(by.user)
    browser = signed_in(by.user)
    page = browser.get(reverse("bank_list", args=[signed.bank_id, booked.pk]))
    assert [(line.serial, line.amount_fen) for line in page.context["lines"]] == [("F1", 123_456)]
    assert "1,234.56 元" in page.text
    assert signed.enterprise.name in page.text
    assert "有错，没有入账" in browser.get(reverse("bank_list", args=[signed.bank_id, faulty.pk])).text
    assert "待确认" not in browser.get(reverse("bank_lists", args=[signed.bank_id])).text
