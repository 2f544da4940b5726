"""Results of a list as Excel: every mistake by row and column, and the same again changes nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from finance.models import WhitelistResult, WhitelistReturn
from finance.whitelists import pushing
from finance.whitelists.giving import bank_table
from finance.whitelists.pushing import Report
from finance.whitelists.reading import preview
from finance.whitelists.taking import book, take_in
from portal.accounts.roles import Role
from portal.kernel.errors import ImportRefused
from portal.kernel.spreadsheets import as_xlsx
from tests.clients import signed_in
from tests.finance.factories import BankFactory, BankOfficerFactory
from tests.finance.pools.factories import WAN, actor, now, official
from tests.finance.whitelists.factories import pushed_list
from tests.money.refusing import refused, told
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
HEAD = ("统一社会信用代码", "企业", "结果", "授信金额（元）", "说明")


@pytest.fixture
def bank():
    return BankFactory()


@pytest.fixture
def held(bank):
    return pushed_list(bank)


@pytest.fixture
def by(bank, held):
    return actor(bank)


@pytest.fixture
def codes(held):
    return [entry.enterprise.uscc for entry in held.entries.select_related("enterprise").order_by("pk")]


def workbook(*rows, head=HEAD):
    made = Workbook()
    for row in (head, *rows):
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return SimpleUploadedFile("结果.xlsx", file.getvalue())


def brought(held, by, *rows, head=HEAD):
    return take_in(workbook(*rows, head=head), held, by=by, at=now())


def test_results_as_people_write_them(held, by, codes):
    file = brought(
        held,
        by,
        (codes[0], None, "已授信", "５０ 万元", "信用"),
        (f" {codes[1].lower()} ", "改了名", "已联系", None, None),
        (codes[2], None, None, None, None),
    )
    assert book(file, by=by, at=now()).new == 2
    said = {one.entry.enterprise.uscc: one for one in WhitelistResult.objects.all()}
    assert (said[codes[0]].amount_fen, said[codes[0]].note) == (50 * WAN, "信用")
    assert said[codes[1]].outcome == "contacted"
    assert codes[2] not in said


def test_every_mistake_is_told_with_its_row_and_column(held, by, codes):
    stranger = "91500231MA0099999X"
    file = brought(
        held,
        by,
        (stranger, None, "已联系", None, None),
        (codes[0], None, "贷了", None, None),
        (codes[0], None, None, None, "只有说明"),
        (codes[0], None, "已授信", None, None),
        (codes[0], None, "已联系", 5, None),
        (codes[0], None, "已授信", "-5", None),
        (codes[0], None, "已授信", "1e5", None),
        (codes[0], None, "已联系", None, "长" * 301),
        (None, None, "已联系", None, None),
        (1234567890123456, None, "已联系", None, None),
        (codes[1], None, "已联系", None, None),
        (codes[1], None, "无融资需求", None, None),
    )
    found = [(error.row, error.column) for error in preview(file).errors]
    assert found == [
        (2, HEAD[0]),
        (3, HEAD[2]),
        (4, HEAD[2]),
        (5, HEAD[3]),
        (6, HEAD[3]),
        (7, HEAD[3]),
        (8, HEAD[3]),
        (9, HEAD[4]),
        (10, HEAD[0]),
        (11, HEAD[0]),
        (13, HEAD[0]),
    ]
    with pytest.raises(ImportRefused):
        book(file, by=by, at=now())
    assert not WhitelistResult.objects.exists()


def test_who_was_taken_off_is_not_on_the_banks_list(bank):
    held = pushed_list(bank, excluded=1)
    gone = held.entries.exclude(excluded="").get().enterprise
    who = actor(bank)
    (error,) = preview(brought(held, who, (gone.uscc, None, "已联系", None, None))).errors
    assert "没有这家企业" in error.message
    assert gone.uscc not in str(bank_table(held, who, now()).lines)


def test_the_same_file_again_changes_nothing(held, by, codes):
    file = brought(held, by, (codes[0], None, "已联系", None, None))
    assert book(file, by=by, at=now()).new == 1
    again = take_in(SimpleUploadedFile("又.xlsx", bytes(file.content)), held, by=by, at=now())
    assert again.pk == file.pk
    assert (book(again, by=by, at=now()).new, WhitelistReturn.objects.count()) == (0, 1)


def test_what_is_new_changed_and_as_it_was(held, by, codes):
    entries = {entry.enterprise.uscc: entry for entry in held.entries.all()}
    pushing.report(entries[codes[0]], Report("contacted"), by=by, at=now())
    pushing.report(entries[codes[1]], Report("contacted"), by=by, at=now())
    rows = [(codes[0], None, "已联系", None, None), (codes[1], None, "已授信", 10, None)]
    booked = book(brought(held, by, *rows), by=by, at=now())
    assert (booked.new, booked.known) == (1, 1)
    assert WhitelistResult.objects.get(entry=entries[codes[1]]).amount_fen == 1000


def test_what_is_given_out_is_brought_back_and_changes_nothing(held, by, codes):
    entry = held.entries.get(enterprise__uscc=codes[0])
    pushing.report(entry, Report("granted", 12_345, "=HYPERLINK(1)"), by=by, at=now())
    content = as_xlsx(bank_table(held, by, now()))
    cells = list(load_workbook(io.BytesIO(content)).worksheets[0].rows)
    assert cells[1][4].data_type == "s"  # a text, whatever its first sign
    file = take_in(SimpleUploadedFile("导出.xlsx", content), held, by=by, at=now())
    booked = book(file, by=by, at=now())
    assert (booked.new, booked.known) == (0, 1)


def test_what_is_no_workbook_or_empty_or_too_long_is_refused(held, by, codes, monkeypatch):
    told("file_refused", lambda: take_in(SimpleUploadedFile("x.xlsx", b"a,b"), held, by=by, at=now()))
    (error,) = preview(brought(held, by)).errors
    assert "没有内容" in error.message
    (error,) = preview(brought(held, by, ("a",), head=("甲", "乙"))).errors
    assert "没有找到表头" in error.message
    monkeypatch.setattr("finance.whitelists.reading.MOST_ROWS", 1)
    rows = [(code, None, "已联系", None, None) for code in codes]
    (error,) = preview(brought(held, by, *rows)).errors
    assert "最多 1 行" in error.message


def test_whose_list_it_is_not_and_one_that_is_over(held, by, codes):
    row = (codes[0], None, "已联系", None, None)
    other, viewer = actor(BankFactory()), BankOfficerFactory(bank=by.bank, role="viewer")
    told("not_yours", lambda: brought(held, other, row))
    file = brought(held, by, row)
    told("not_yours", lambda: book(file, by=other, at=now()))
    told("viewer", lambda: brought(held, type(by)(viewer.user, by.bank, "viewer"), row))
    pushing.close(held, by=official(Role.LEADER), at=now())
    told("closed", lambda: brought(held, by, row))
    told("closed", lambda: book(file, by=by, at=now()))


def test_the_database_keeps_what_came(held, by, codes):
    file = brought(held, by, (codes[0], None, "已联系", None, None))
    refused("finance_whitelistreturn_stands", lambda: change(file, name="x"))
    refused("finance_whitelistreturn_stands", lambda: delete(file))
    refused("finance_whitelistreturn_same_bytes", lambda: copy(file))
    refused("finance_whitelistreturn_sha256", lambda: copy(file, sha256="0" * 64))
    refused("finance_whitelistreturn_asked", lambda: copy(file, bank_id=BankFactory().pk))


def test_pages_from_the_file_to_the_booking(held, bank, codes):
    browser = signed_in(BankOfficerFactory(bank=bank, user__second_factor=True).user)
    at = f"/bank/{bank.pk}/whitelists/{held.pk}/"
    answer = browser.post(f"{at}returns/", {"file": SimpleUploadedFile("x.xlsx", b"x")})
    assert answer.status_code == 422
    wrong = workbook((codes[0], None, "贷了", None, None))
    browser.post(f"{at}returns/", {"file": wrong})
    first = WhitelistReturn.objects.get()
    shown = browser.get(f"{at}returns/{first.pk}/").content.decode()
    assert "需要改正" in shown
    browser.post(f"{at}returns/{first.pk}/book/")
    assert not WhitelistResult.objects.exists()
    browser.post(f"{at}returns/", {"file": workbook((codes[0], None, "已联系", None, None))})
    file = WhitelistReturn.objects.latest("pk")
    assert "确认记入 1 家" in browser.get(f"{at}returns/{file.pk}/").content.decode()
    browser.post(f"{at}returns/{file.pk}/book/")
    assert "再次上传同一份文件不会有任何变化" in browser.get(f"{at}returns/{file.pk}/").content.decode()
    assert WhitelistResult.objects.get().outcome == "contacted"
    assert browser.get(f"{at}export/").status_code == 200
    rival = BankFactory()
    stranger = signed_in(BankOfficerFactory(bank=rival, user__second_factor=True).user)
    assert stranger.get(f"/bank/{rival.pk}/whitelists/{held.pk}/returns/{file.pk}/").status_code == 404
    assert stranger.get(f"/bank/{rival.pk}/whitelists/{held.pk}/export/").status_code == 404


def test_the_preview_names_firms_and_what_was_said_before(held, by, bank, codes):
    entry = held.entries.select_related("enterprise").get(enterprise__uscc=codes[0])
    pushing.report(entry, Report("granted", 50 * WAN), by=by, at=now())
    changed = brought(
        held, by, (codes[0], "", "不符合本行条件", None, ""), (codes[1], "", "已联系", None, "")
    )
    first, second = preview(changed).lines
    assert (first.outcome_before, first.before.amount_fen, first.known) == ("granted", 50 * WAN, False)
    assert (second.outcome_before, second.known) == (None, False)
    browser = signed_in(BankOfficerFactory(bank=bank, user__second_factor=True).user)
    shown = browser.get(f"/bank/{bank.pk}/whitelists/{held.pk}/returns/{changed.pk}/").content.decode()
    assert entry.enterprise.name in shown
    assert "原来填报：已授信" in shown
