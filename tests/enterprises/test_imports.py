"""Files in: all or nothing, errors by row and column, the same state after the same file twice."""

import datetime as dt
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from enterprises.imports import create_import, reading, run_import, running
from enterprises.imports.columns import COLUMNS, row_schema
from enterprises.models import Credential, CredentialKind, Enterprise, FactValue, Import, ImportKind
from enterprises.services import knowledge_of
from portal.accounts.models import Department
from portal.kernel.errors import ImportRefused
from portal.notifications.models import Mailbox
from tests.enterprises.factories import EnterpriseFactory, uscc_of
from tests.enterprises.files import FACT_HEADER, HEADER, as_csv, firm, take_in

pytestmark = pytest.mark.django_db


def refused(kind, rows, **options):
    before = (Enterprise.objects.count(), FactValue.objects.count(), Credential.objects.count())
    with pytest.raises(ImportRefused) as caught:
        take_in(kind, rows, **options)
    after = (Enterprise.objects.count(), FactValue.objects.count(), Credential.objects.count())
    assert after == before
    work = Import.objects.latest("pk")
    assert work.state == "failed"
    assert work.error == caught.value.message
    return caught.value


def places(error):
    return [(one.row, one.column) for one in error.errors]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_registry_comes_in_with_mailboxes_and_dated_values(encoding):
    day = dt.date(2025, 1, 1)
    work = take_in(
        "enterprises", [HEADER, firm(1), firm(2, region="桂溪街道", type="个体工商户")], encoding, as_of=day
    )
    assert (work.state, work.added, work.changed, work.unchanged, work.held) == ("done", 2, 0, 0, 0)
    first, second = Enterprise.objects.order_by("pk")
    assert (first.name, first.industry, first.status, first.uscc_confirmed) == ("第1家", "36", "active", True)
    assert (second.region_id, second.entity_type) == ("500231001", "individual")
    assert first.mailbox.kind == "enterprise"
    assert first.mailbox_id != second.mailbox_id
    known = knowledge_of(first, as_of=day)
    assert known.value("region").value == "500231101"
    assert known.value("industry").value == "36"
    assert known.value("established_on").value == dt.date(2015, 3, 1)
    assert known.value("entity_type").value == "company"
    assert known.value("ownership") is None
    assert (known.value("region").source, known.value("region").as_of) == ("县市场监管局", day)


def test_the_same_file_twice_leaves_the_same_state():
    take_in("enterprises", [HEADER, firm(1)])
    state = (FactValue.objects.count(), Mailbox.objects.count())
    work = take_in("enterprises", [HEADER, firm(1)])
    assert (work.added, work.changed, work.unchanged) == (0, 0, 1)
    assert (FactValue.objects.count(), Mailbox.objects.count()) == state


def test_a_change_is_a_new_value_and_a_column_left_out_changes_nothing():
    take_in("enterprises", [HEADER, firm(1)], as_of=dt.date(2024, 1, 1))
    work = take_in("enterprises", [HEADER[:-1], firm(1, industry="51")[:-1]], as_of=dt.date(2025, 1, 1))
    assert (work.added, work.changed) == (0, 1)
    enterprise = Enterprise.objects.get()
    assert (enterprise.industry, enterprise.established_on) == ("51", dt.date(2015, 3, 1))
    assert FactValue.objects.filter(fact__key="industry").count() == 2
    assert knowledge_of(enterprise, as_of=dt.date(2024, 6, 1)).value("industry").value == "36"
    assert knowledge_of(enterprise, as_of=dt.date(2025, 6, 1)).value("industry").value == "51"


def test_an_older_registry_does_not_replace_a_newer_one():
    take_in("enterprises", [HEADER, firm(1, industry="51")], as_of=dt.date(2025, 1, 1))
    work = take_in("enterprises", [HEADER, firm(1, industry="C36")], as_of=dt.date(2024, 1, 1))
    assert work.changed == 0
    assert Enterprise.objects.get().industry == "51"


def test_data_of_a_day_to_come_is_refused():
    with pytest.raises(ImportRefused, match="不能晚于今天"):
        create_import("facts", "a.csv", as_of=timezone.localdate() + dt.timedelta(1))


def test_an_older_record_of_a_certificate_does_not_bring_it_back():
    enterprise = EnterpriseFactory()
    kind = CredentialKind.objects.get(key="high_tech")
    same = {"enterprise": enterprise, "kind": kind, "certificate": "GR1", "tier": 3}
    same["department"] = kind.department
    Credential.objects.create(**same, revoked=True, as_of=dt.date(2025, 6, 1))
    Credential.objects.create(**same, revoked=False, as_of=dt.date(2024, 6, 1))
    (record,) = knowledge_of(enterprise, as_of=timezone.localdate()).credentials()
    assert record.revoked


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


def test_english_headings_in_any_order_and_empty_columns_at_the_end():
    header = ["NAME", "USCC*", "entity_type", "industry", "region", ""]
    take_in("enterprises", [header, ["甲", uscc_of(1), "company", "36", "500231", ""]])
    assert Enterprise.objects.get().name == "甲"


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


def test_facts_come_in_typed_and_a_correction_is_a_new_row():
    enterprise = EnterpriseFactory(uscc=uscc_of(1))
    code = enterprise.uscc.lower()
    day = dt.date(2025, 2, 1)
    rows = [
        [*FACT_HEADER, "单位", "截至日期"],
        [code, "营业收入", "2024", "1,234.5", "万元", ""],
        [code, "net_profit", "2024年", "－12", "", "2025-01-15"],
        [code, "lists", "", "first_set、县级惠企试点名单", "", ""],
        [code, "abnormal_list", "", "否", "", ""],
        [code, "tax_credit_grade", "2024", "A", "", ""],
        [code, "export_value", "2024", "不适用", "", ""],
    ]
    work = take_in("facts", rows, as_of=day)
    assert (work.added, work.unchanged) == (6, 0)
    known = knowledge_of(enterprise, as_of=day)
    assert known.value("revenue", 2024).value == 1_234_500_000
    assert known.value("net_profit", 2024).value == -1200
    assert known.value("net_profit", 2024).as_of == dt.date(2025, 1, 15)
    assert known.value("lists").value == frozenset({"first_set", "county_benefit"})
    assert known.value("abnormal_list").value is False
    assert not known.value("export_value", 2024).applicable
    assert take_in("facts", rows, as_of=day).unchanged == 6
    rows[1][3] = "2000"
    assert take_in("facts", rows, as_of=day).added == 1
    assert knowledge_of(enterprise, as_of=day).value("revenue", 2024).value == 2_000_000_000
    assert FactValue.objects.filter(fact__key="revenue").count() == 2


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


def test_enterprises_of_elsewhere_and_unknown_ones():
    rows = [
        FACT_HEADER,
        ["91110000101623741K", "revenue", "2024", "1"],
        [uscc_of(99), "revenue", "2024", "1"],
    ]
    error = refused("facts", rows)
    assert places(error) == [(2, "统一社会信用代码"), (3, "统一社会信用代码")]
    assert "不在本县" in error.errors[0].message
    assert "先导入企业名册" in error.errors[1].message


def test_a_department_brings_only_its_own_facts():
    enterprise = EnterpriseFactory()
    tax = Department.objects.get(code="tax")
    row = [enterprise.uscc, "abnormal_list", "", "否"]
    assert places(refused("facts", [FACT_HEADER, row], department=tax)) == [(2, "指标")]
    assert (
        take_in("facts", [FACT_HEADER, [enterprise.uscc, "revenue", "2024", "1"]], department=tax).added == 1
    )


def test_a_fact_twice_for_the_same_day_is_a_duplicate_and_for_another_day_is_not():
    code = EnterpriseFactory().uscc
    rows = [[*FACT_HEADER, "as_of"], [code, "valid_patents", "", "1", "2024-01-01"]]
    again = [code, "有效发明专利数", "", "2", "2024-01-01"]
    assert places(refused("facts", [*rows, again])) == [(3, "")]
    again[-1] = "2024-06-01"
    assert take_in("facts", [*rows, again]).added == 2


def test_a_day_to_come_is_refused():
    code = EnterpriseFactory().uscc
    tomorrow = (timezone.localdate() + dt.timedelta(1)).isoformat()
    rows = [[*FACT_HEADER, "as_of"], [code, "valid_patents", "", "1", tomorrow]]
    assert places(refused("facts", rows)) == [(2, "截至日期")]


def test_credentials_come_in_and_are_revoked_by_a_later_row():
    enterprise = EnterpriseFactory()
    header = ["uscc", "资质", "证书编号", "有效期起", "有效期止", "已撤销"]
    row = [enterprise.uscc, "高新技术企业", "GR1", "2024-01-01", "2026-12-31", ""]
    assert take_in("credentials", [header, row]).added == 1
    assert take_in("credentials", [header, row]).unchanged == 1
    row[-1] = "是"
    assert take_in("credentials", [header, row]).added == 1
    (record,) = knowledge_of(enterprise, as_of=timezone.localdate()).credentials()
    assert (record.kind, record.revoked) == ("high_tech", True)
    row[3:5] = ["2026-12-31", "2024-01-01"]
    assert places(refused("credentials", [header, row])) == [(2, "有效期止")]
    assert places(refused("credentials", [header, [enterprise.uscc, "无此资质", *[""] * 4]])) == [(2, "资质")]


def test_an_import_runs_once():
    work = create_import("enterprises", "a.csv")
    run_import(work, as_csv([HEADER, firm(1)]))
    with pytest.raises(ImportRefused, match="正在导入或已导入"):
        run_import(work, as_csv([HEADER, firm(2)]))
    assert Enterprise.objects.count() == 1


def test_a_program_error_leaves_nothing_and_says_so(monkeypatch):
    def fail(work, given):
        raise RuntimeError("a bug")

    monkeypatch.setattr(running.merging, "merge", fail)
    with pytest.raises(RuntimeError):
        take_in("enterprises", [HEADER, firm(1)])
    assert Import.objects.get().state == "failed"
    assert not Enterprise.objects.exists()


def test_many_rows_stream_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 500)
    seen = []
    file = as_csv([HEADER, *(firm(number) for number in range(8_000))])
    tracemalloc.start()
    work = run_import(
        create_import("enterprises", "many.csv"), file, watch=lambda work: seen.append(work.done)
    )
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert work.added == 8_000
    assert len(seen) == 16
    assert seen == sorted(seen)
    assert peak < 6 * 1024 * 1024
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.import_staging')")
        assert cursor.fetchone() == (None,)


def test_commands(tmp_path, capsys):
    path = tmp_path / "registry.csv"
    path.write_bytes(as_csv([HEADER, firm(1)]).getvalue())
    call_command("import_enterprises", str(path), as_of=dt.date(2025, 1, 1))
    assert "新增 1" in capsys.readouterr().out
    path.write_bytes(as_csv([FACT_HEADER, [uscc_of(1), "revenue", "2024", "=1"]]).getvalue())
    with pytest.raises(CommandError, match="第 2 行“值”列"):
        call_command("import_facts", str(path))
    with pytest.raises(CommandError, match="nobody"):
        call_command("import_facts", str(path), department="nobody")
    path.write_bytes(as_csv([["uscc", "kind"], [uscc_of(1), "high_tech"]]).getvalue())
    call_command("import_credentials", str(path))
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("kind", ImportKind.values)
def test_the_published_schema_is_that_of_the_columns(kind):
    path = Path(__file__).parents[2] / "docs" / "schema" / f"{kind}.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == row_schema(kind)
    text = (path.parents[1] / "import-formats.md").read_text(encoding="utf-8")
    for column in COLUMNS[kind]:
        assert f"| `{column.key}` | {column.label}" in text, column.key


def test_the_examples_of_the_documentation_load():
    text = (Path(__file__).parents[2] / "docs" / "import-formats.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in text.split("```csv\n")[1:]]
    for kind, example in zip(ImportKind.values, examples, strict=True):
        work = take_in(kind, io.BytesIO(example.encode()))
        assert work.added == len(example.splitlines()) - 1


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_outside_while_the_rows_are_not(monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 10)
    other = connection.copy("default")
    seen = []

    def look(work):
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT done, (SELECT count(*) FROM enterprises_enterprise) FROM enterprises_import"
            )
            seen.append(cursor.fetchone())

    file = as_csv([HEADER, *(firm(number) for number in range(35))])
    run_import(create_import("enterprises", "a.csv"), file, watch=look)
    look(None)
    other.close()
    assert seen == [(10, 0), (20, 0), (30, 0), (36, 35)]
