"""Files in: all or nothing, the same state after the same file twice."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.models import Credential, CredentialKind, Enterprise, FactValue
from enterprises.services import knowledge_of
from portal.accounts.models import Department
from portal.notifications.models import Mailbox
from tests.enterprises.factories import EnterpriseFactory, uscc_of
from tests.enterprises.files import FACT_HEADER, HEADER, firm, places, refused, take_in

pytestmark = pytest.mark.django_db


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


def test_an_older_record_of_a_certificate_does_not_bring_it_back():
    enterprise = EnterpriseFactory()
    kind = CredentialKind.objects.get(key="high_tech")
    same = {"enterprise": enterprise, "kind": kind, "certificate": "GR1", "tier": 3}
    same["department"] = kind.department
    Credential.objects.create(**same, revoked=True, as_of=dt.date(2025, 6, 1))
    Credential.objects.create(**same, revoked=False, as_of=dt.date(2024, 6, 1))
    (record,) = knowledge_of(enterprise, as_of=timezone.localdate()).credentials()
    assert record.revoked


def test_english_headings_in_any_order_and_empty_columns_at_the_end():
    header = ["NAME", "USCC*", "entity_type", "industry", "region", ""]
    take_in("enterprises", [header, ["甲", uscc_of(1), "company", "36", "500231", ""]])
    assert Enterprise.objects.get().name == "甲"


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
