"""Products in the back office: written by one, published by another, never overwritten from an old form."""

import pytest
from django.test import Client
from django.urls import reverse

from finance.models import Bank, BankOfficer, CreditProduct, ProductVersion
from finance.products import writing
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory
from tests.finance import factories as make

pytestmark = pytest.mark.django_db
ADD = "/admin/finance/productversion/add/"
FILLED = {
    "code": "P-NEW",
    "name": "云税快贷",
    "kind": "data",
    "purposes": ["turnover"],
    "securities": ["credit"],
    "repayments": ["annuity"],
    "amount_max_fen": "300 万元",
    "rate_low": "３.４５",
    "rate_high": "4.35%",
    "term_max": "12",
    "source": "银行提供",
    "materials": "营业执照、公司章程",
    "conditions": '{"all": [{"fact": "tax_credit_grade", "op": "in", "value": ["A", "B"]}]}',
}
NO_EVENTS = {
    "events-TOTAL_FORMS": "0",
    "events-INITIAL_FORMS": "0",
}


def official(*roles):
    user = StaffFactory()
    for role in roles:
        PostingFactory(user=user, department=make.office(), role=role)
    return user


def page(version, step=""):
    return f"/admin/finance/productversion/{version.pk}/{step or 'change/'}"


def form_of(client, version):
    """What the draft's form was opened with."""
    initial = client.get(page(version)).context["adminform"].form
    values = {name: initial[name].value() for name in initial.fields if initial[name].value() is not None}
    fields = initial.fields
    shown = {name: fields[name].prepare_value(value) for name, value in values.items()}
    return {name: value for name, value in shown.items() if value is not False} | NO_EVENTS


def test_a_product_goes_from_the_form_to_the_shelf_by_two_people(client: Client):
    editor, publisher = official(Role.EDITOR), official(Role.PUBLISHER)
    client.force_login(editor)
    answer = client.post(ADD, {**FILLED, "bank": make.BankFactory().pk})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    version = ProductVersion.objects.get()
    assert (version.amount_max_fen, str(version.rate_low), str(version.rate_high)) == (
        300_000_000,
        "3.4500",
        "4.3500",
    )
    assert (version.materials, version.edited_by) == (["营业执照", "公司章程"], editor)
    assert client.post(page(version, "submit/"), {"reason": ""}).status_code == 302
    client.post(page(version, "publish/"), {"reason": ""})
    version.refresh_from_db()
    assert version.state == "in_review"
    client.force_login(publisher)
    assert "发布后不能再改" in client.get(page(version, "publish/")).content.decode()
    client.post(page(version, "publish/"), {"reason": ""})
    version.refresh_from_db()
    assert (version.state, version.published_by) == ("published", publisher)
    client.force_login(editor)
    product = CreditProduct.objects.get()
    client.post(f"/admin/finance/creditproduct/{product.pk}/new-version/", {"sure": "1"})
    second = product.versions.get(number=2)
    assert (second.state, second.rate_high, second.rule_version.conditions) == (
        "draft",
        version.rate_high,
        version.rule_version.conditions,
    )


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("rate_low", "4,35", "逗号"),
        ("rate_high", "435", "请写上小数点：4.35"),
        ("rate_low", "5", "最高不低于最低"),
        ("amount_max_fen", "三百万", "不认识单位"),
        ("amount_max_fen", "-3", "金额须大于零"),
        ("conditions", '{"all": [{"fact": "nonsense", "op": "=", "value": "1"}]}', "nonsense"),
        ("conditions", "[]", "应为一个对象"),
        ("conditions", "{", "JSON"),
        ("code", "小写", "大写字母"),
        ("kind", "gift", "gift"),
        ("term_max", "481", "480"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_written(client: Client, field, typed, said):
    client.force_login(official(Role.EDITOR))
    answer = client.post(ADD, {**FILLED, "bank": make.BankFactory().pk, field: typed})
    assert answer.status_code == 200
    assert said in str(answer.context["adminform"].form.errors)
    assert not ProductVersion.objects.exists()


def test_a_draft_changed_meanwhile_is_not_overwritten(client: Client):
    version = make.draft()
    client.force_login(official(Role.EDITOR))
    opened = form_of(client, version)
    writing.revise(version, make.content(name="先改的"), seen=0, by=make.editor())
    answer = client.post(page(version), {**opened, "name": "后改的"})
    assert "改过这一版" in str(answer.context["adminform"].form.errors)
    assert ProductVersion.objects.get().name == "先改的"
    answer = client.post(page(version), {**form_of(client, version), "name": "再改的"})
    assert answer.status_code == 302
    assert ProductVersion.objects.get().name == "再改的"


@pytest.mark.parametrize("step", ["submit/", "publish/", "return/", "withdraw/"])
def test_steps_are_for_those_with_the_role_in_the_office(client: Client, step):
    version = {"submit/": make.draft, "withdraw/": make.published}.get(step, make.submitted)()
    stranger = StaffFactory()
    PostingFactory(user=stranger, role=Role.EDITOR)
    PostingFactory(user=stranger, role=Role.PUBLISHER)
    client.force_login(stranger)
    before = version.state
    client.post(page(version, step), {"reason": "试试"})
    version.refresh_from_db()
    assert version.state == before


def test_what_is_published_is_only_looked_at(client: Client):
    version = make.published()
    client.force_login(official(Role.EDITOR))
    text = client.get(page(version)).content.decode()
    assert "在垫江县登记注册" in text
    assert client.post(page(version), {**FILLED}).status_code == 403


def test_a_bank_is_kept_with_its_people_and_a_wrong_period_is_said(client: Client):
    client.force_login(official(Role.EDITOR))
    bank, user = make.BankFactory(), UserFactory()
    form = {"user": user.mobile, "bank": bank.pk, "role": "officer", "since": "2026-03-01"}
    add = reverse("admin:finance_bankofficer_add")
    answer = client.post(add, {**form, "until": "2026-02-01"})
    assert "任职止须晚于任职自" in str(answer.context["adminform"].form.errors)
    assert "没有用户" in str(client.post(add, {**form, "user": "谁"}).context["adminform"].form.errors)
    branch = make.BranchFactory()
    answer = client.post(add, {**form, "branch": branch.pk})
    assert "网点" in str(answer.context["adminform"].form.errors)
    assert client.post(add, form).status_code == 302
    other = client.post(add, {**form, "bank": make.BankFactory().pk})
    assert "已在一家银行任职" in str(other.context["adminform"].form.errors)
    assert BankOfficer.objects.count() == 1
    client.force_login(StaffFactory())
    assert client.get(reverse("admin:finance_bank_change", args=[bank.pk])).status_code == 403
    assert Bank.objects.filter(pk=bank.pk).exists()
