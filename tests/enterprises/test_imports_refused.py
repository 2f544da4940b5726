"""Files that do not come in: nothing is written, errors are told by row and column."""

import datetime as dt
import io

import pytest
from django.utils import timezone

from enterprises.imports import create_import, reading
from enterprises.models import Enterprise, Import
from portal.kernel.errors import ImportRefused
from tests.enterprises.factories import EnterpriseFactory, uscc_of
from tests.enterprises.files import FACT_HEADER, HEADER, firm, places, refused, take_in

pytestmark = pytest.mark.django_db


def test_data_of_a_day_to_come_is_refused():
    with pytest.raises(ImportRefused, match="不能晚于今天"):
        create_import("facts", "a.csv", as_of=timezone.localdate() + dt.timedelta(1))


def test_a_failing_check_character_is_held():
    work = take_in("enterprises", [HEADER, firm(1, uscc="91500231MA60000169")])
    assert work.held == 1
    assert not Enterprise.objects.get().uscc_confirmed
    assert not Enterprise.objects.in_business().exists()


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("统一社会信用代码", {"uscc": "915002"}),
        ("统一社会信用代码", {"uscc": ""}),
        ("企业名称", {"name": ""}),
        ("企业名称", {"name": "=HYPERLINK(1)"}),
        ("企业名称", {"name": "@SUM(A1)"}),
        ("企业名称", {"name": "+cmd|calc"}),
        ("企业名称", {"name": "＝1+1"}),
        ("企业名称", {"name": "两\n行"}),
        ("企业名称", {"name": "名" * 201}),
        ("行政区划代码", {"region": "510603"}),
        ("行政区划代码", {"region": "500231999"}),
        ("行政区划代码", {"region": "成都"}),
        ("行政区划代码", {"region": "5002"}),
        ("行业代码", {"industry": "9900"}),
        ("主体类型", {"type": "公司制"}),
        ("成立日期", {"day": "2015-02-30"}),
        ("成立日期", {"day": "2999-01-01"}),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(column, cells):
    assert places(refused("enterprises", [HEADER, firm(1), firm(2, **cells)])) == [(3, column)]


@pytest.mark.parametrize(("fact", "value"), [("employees", "-86"), ("encouraged_revenue_ratio", "250%")])
def test_a_figure_that_cannot_be_is_no_official_value(fact, value):
    EnterpriseFactory(uscc=uscc_of(1))
    error = refused("facts", [FACT_HEADER, [uscc_of(1), fact, "2024", value]])
    assert places(error) == [(2, "值")]


def test_all_errors_are_told_at_once_in_the_order_of_rows():
    error = refused(
        "enterprises", [HEADER, firm(1, region="510603"), firm(2), firm(3, name="=1", industry="ZZ")]
    )
    assert places(error) == [(2, "行政区划代码"), (4, "企业名称"), (4, "行业代码")]
    assert "第 2 行" in error.message
    assert Import.objects.get().errors[0][:2] == [2, "行政区划代码"]


def test_one_round_tells_of_cells_formulas_and_strangers_alike():
    EnterpriseFactory(uscc=uscc_of(1))
    rows = [
        [*FACT_HEADER, "as_of"],
        [uscc_of(1), "=1+1", "2024", "1", "2999-01-01"],
        [uscc_of(2), "employees", "=A1", "-86", ""],
        [uscc_of(3), "employees", "2024", "9", ""],
        ["nonsense", "employees", "", "9", ""],
    ]
    assert places(refused("facts", rows)) == [
        (2, "指标"),
        (2, "截至日期"),
        (3, "年度"),
        (3, "值"),
        (3, "统一社会信用代码"),
        (4, "统一社会信用代码"),
        (5, "统一社会信用代码"),
        (5, "年度"),
    ]


def test_a_row_that_cannot_be_read_repeats_no_other():
    EnterpriseFactory(uscc=uscc_of(1))
    rows = [FACT_HEADER, *([uscc_of(1), name, "2024", "1"] for name in ("没有", "也没有", "employees"))]
    assert places(refused("facts", rows)) == [(2, "指标"), (3, "指标")]


def test_a_certificates_dates_are_told_together_with_its_kind():
    header = ["uscc", "kind", "first_obtained", "valid_from", "valid_to"]
    rows = [header, [uscc_of(1), "没有", "2025-01-01", "2024-02-01", "2024-01-01"]]
    assert places(refused("credentials", rows)) == [
        (2, "资质"),
        (2, "有效期止"),
        (2, "首次取得"),
        (2, "统一社会信用代码"),
    ]


def test_a_repeated_row_names_the_first():
    error = refused("enterprises", [HEADER, firm(1), firm(2), firm(1, name="又一次")])
    assert [str(one) for one in error.errors] == ["第 4 行：与第 2 行重复，请只留一行。"]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["统一社会信用代码", "企业名称", "行政区划代码", "行业代码"], ["主体类型"]),
        ([*HEADER, "备注"], ["备注"]),
        ([*HEADER, "名称"], ["企业名称"]),
    ],
)
def test_headings(header, columns):
    assert [one.column for one in refused("enterprises", [header, firm(1)]).errors] == columns


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空"),
        (b"PK\x03\x04 a workbook", "CSV"),
        ("名,称".encode("utf-16"), "CSV"),
        (b"\xff\xff\xff", "编码"),
        ("统一社会信用代码,企业名称,行政区划代码,行业代码,主体类型\n".encode(), "没有数据行"),
        ('统一社会信用代码,企业名称,行政区划代码,行业代码,主体类型\n"a,b\n'.encode(), "引号"),
        ("统一社会信用代码,企业名称,行政区划代码,行业代码,主体类型\na,b\n".encode(), "应有 5 列"),
    ],
)
def test_files_that_are_no_such_csv(content, message):
    assert message in refused("enterprises", io.BytesIO(content)).message


def test_a_file_too_large_or_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert "2 行" in refused("enterprises", [HEADER, firm(1), firm(2), firm(3)]).message
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    assert "MB" in refused("enterprises", [HEADER, firm(1)]).message


def test_reading_stops_after_many_errors(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ERRORS", 3)
    assert len(refused("enterprises", [HEADER, *(firm(1, name="=1") for _ in range(9))]).errors) == 3


@pytest.mark.parametrize(
    ("column", "row"),
    [
        ("指标", ["营收情况", "2024", "1"]),
        ("指标", ["equipment_invest", "", "1"]),
        ("指标", ["rd_ratio", "2024", "1"]),
        ("年度", ["revenue", "", "1"]),
        ("年度", ["abnormal_list", "2024", "否"]),
        ("年度", ["revenue", "24", "1"]),
        ("值", ["revenue", "2024", "NaN"]),
        ("值", ["revenue", "2024", "1e400"]),
        ("值", ["revenue", "2024", "=A1"]),
        ("值", ["revenue", "2024", ""]),
        ("值", ["tax_credit_grade", "2024", "E"]),
        ("值", ["employees", "2024", "1.5"]),
        ("值", ["market_share", "", "5.123456"]),
    ],
)
def test_a_bad_fact_is_named_by_row_and_column(column, row):
    enterprise = EnterpriseFactory()
    error = refused("facts", [FACT_HEADER, [enterprise.uscc, *row]])
    assert places(error) == [(2, column)]


def test_a_day_to_come_is_refused():
    code = EnterpriseFactory().uscc
    tomorrow = (timezone.localdate() + dt.timedelta(1)).isoformat()
    rows = [[*FACT_HEADER, "as_of"], [code, "valid_patents", "", "1", tomorrow]]
    assert places(refused("facts", rows)) == [(2, "截至日期")]
