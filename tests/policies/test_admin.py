"""Officials' pages: drafting with errors in plain words, transitions as confirmed steps, progress."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.parse import parse_rule
from policies.admin.forms import VersionForm
from policies.enums import DocumentState, PushKind, VersionState
from policies.models import ItemVersion, PolicyDocument, Push
from policies.push import work
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.matching.catalogue import county_catalogue
from tests.policies import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def official(client):
    """Sign in as an official of the department with a role; returns the user."""

    def sign_in(role, user=None):
        user = user or StaffFactory()
        PostingFactory(user=user, department=make.economy(), role=role)
        client.force_login(user)
        return user

    return sign_in


def page(name, *args):
    return reverse(f"admin:policies_{name}", args=args)


def management(prefix, initial=0, total=0):
    return {
        f"{prefix}-TOTAL_FORMS": total,
        f"{prefix}-INITIAL_FORMS": initial,
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }


def filled(**changes):
    today = timezone.localdate()
    return {
        "code": "NEW-1",
        "department": make.economy().pk,
        "title": "认定奖励",
        "summary": "奖励企业。",
        "gain": "10 万元。",
        "benefit": "money",
        "mode": "apply",
        "level": "county",
        "region": "500231",
        "topics": "专精特新",
        "targets": "中小企业",
        "materials": "[]",
        "steps": '["申报"]',
        "contacts": "[]",
        "adapted_from": "",
        "budget_fen": "300 万元",
        "conditions": json.dumps(make.IN_COUNTY),
        "amount": json.dumps(make.TEN_WAN),
        "examples": "[]",
        "valid_from": today.isoformat(),
        "governing_date": "application",
        **management("sources", total=1),
        "sources-0-document": make.DocumentFactory().pk,
        "sources-0-clause": "第三条",
        "sources-0-basis": "stated",
        "sources-0-position": "0",
        **changes,
    }


def test_an_editor_writes_an_item(client, official):
    user = official(Role.EDITOR)
    response = client.get(page("itemversion_add"))
    assert response.status_code == 200
    response = client.post(page("itemversion_add"), filled())
    assert response.status_code == 302, response.context["adminform"].form.errors
    version = ItemVersion.objects.get()
    assert (version.item.code, version.budget_fen, version.edited_by) == ("NEW-1", 300_000_000, user)
    assert version.rule_version.conditions == make.IN_COUNTY
    assert version.sources.get().clause == "第三条"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("conditions", '{"fact": "no_such", "op": "=", "value": "1"}', "no_such"),
        ("conditions", "{", "JSON"),
        ("conditions", '{"all": NaN}', "加引号"),
        ("conditions", '{"all": [], "all": []}', "重复"),
        ("conditions", "[1]", "应为一个对象"),
        ("amount", '{"fixed": "10", "unit": "公斤"}', "请写明金额单位"),
        ("examples", '[{"name": "x"}]', "缺少字段"),
        ("materials", '[{"name": "x"}]', "缺少字段"),
        ("budget_fen", "很多", "不是有效数字"),
        ("valid_to", "2020-01-01", "不能早于"),
        ("code", "小写", "大写字母"),
    ],
)
def test_errors_stand_beside_their_field_in_plain_words(client, official, field, value, said):
    official(Role.EDITOR)
    response = client.post(page("itemversion_add"), filled(**{field: value}))
    assert response.status_code == 200
    assert said in str(response.context["adminform"].form.errors[field])
    assert not ItemVersion.objects.exists()


def test_the_path_from_draft_to_progress(client, official):
    author = official(Role.EDITOR)
    version = make.draft(author)
    change = client.get(page("itemversion_change", version.pk))
    assert "垫江县" in change.content.decode()
    step = reverse("admin:policies_itemversion_submit", args=[version.pk])
    assert client.get(step).status_code == 200
    version.refresh_from_db()
    assert version.state == VersionState.DRAFT
    assert client.post(step, {"reason": ""}).status_code == 302
    version.refresh_from_db()
    assert version.state == VersionState.IN_REVIEW
    publish = reverse("admin:policies_itemversion_publish", args=[version.pk])
    assert client.post(publish, {"reason": ""}).status_code == 403
    official(Role.PUBLISHER)
    response = client.post(publish, {"reason": ""})
    push = Push.objects.get(version=version)
    assert response.headers["Location"] == page("push_progress", push.pk)
    shown = client.get(response.headers["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in shown
    work(push.pk)
    shown = client.get(response.headers["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' not in shown
    assert "匹配结果" in shown


@pytest.mark.parametrize("written", [make.draft, make.published])
def test_the_amount_is_read_in_words(client, official, written):
    version = written(rule_amount={"cap": {"value": "30", "unit": "万元"}, "of": {"sum": [make.TEN_WAN] * 2}})
    official(Role.EDITOR)
    shown = client.get(page("itemversion_change", version.pk)).content.decode()
    assert "以下 2 项合计，最高 30 万元" in shown
    if version.state == VersionState.PUBLISHED:
        assert "&quot;cap&quot;" not in shown


def test_an_editor_with_both_roles_is_told_why_not(client, official):
    user = official(Role.EDITOR)
    version = make.submitted(user)
    official(Role.PUBLISHER, user)
    response = client.post(reverse("admin:policies_itemversion_publish", args=[version.pk]), {"reason": ""})
    assert "编写人不能发布" in response.content.decode()


def test_the_checklist_is_shown_and_blocks(client, official):
    user = official(Role.EDITOR)
    version = make.draft(user, rule_amount=None)
    step = reverse("admin:policies_itemversion_submit", args=[version.pk])
    assert "须写奖补标准" in client.get(step).content.decode()
    assert "须写奖补标准" in client.post(step, {"reason": ""}).content.decode()
    version.refresh_from_db()
    assert version.state == VersionState.DRAFT


def test_what_is_published_is_only_looked_at(client, official):
    version = make.published()
    official(Role.EDITOR)
    shown = client.get(page("itemversion_change", version.pk)).content.decode()
    assert 'name="title"' not in shown
    assert "垫江县" in shown
    assert client.post(page("itemversion_change", version.pk), filled()).status_code == 403


def test_a_draft_is_changed_and_the_second_hand_recorded(client, official):
    version = make.draft()
    second = official(Role.EDITOR)
    source = version.sources.get()
    data = filled(
        title="改名",
        **management("sources", 1, 1),
        **management("events"),
        **management("pushes"),
    )
    data |= {
        "sources-0-id": source.pk,
        "sources-0-version": version.pk,
        "sources-0-document": source.document_id,
    }
    response = client.post(page("itemversion_change", version.pk), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    version.refresh_from_db()
    assert version.title == "改名"
    assert version.editors.filter(user=second).exists()


def test_returning_and_withdrawing_want_a_reason(client, official):
    version, running = make.submitted(), make.published()
    official(Role.PUBLISHER)
    back = reverse("admin:policies_itemversion_return_to_draft", args=[version.pk])
    assert client.post(back, {"reason": ""}).status_code == 200
    assert client.post(back, {"reason": "金额不对"}).status_code == 302
    version.refresh_from_db()
    assert version.state == VersionState.DRAFT
    withdraw = reverse("admin:policies_itemversion_withdraw", args=[running.pk])
    response = client.post(withdraw, {"reason": "有误"})
    push = Push.objects.get(version=running, kind=PushKind.WITHDRAWAL)
    assert response.headers["Location"] == page("push_progress", push.pk)


def test_next_version_and_copy(client, official):
    version = make.published()
    official(Role.EDITOR)
    address = reverse("admin:policies_policyitem_new_version", args=[version.item_id])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 302
    assert version.item.versions.count() == 2
    address = reverse("admin:policies_policyitem_copy", args=[version.item_id])
    assert client.post(address, {"code": "lower"}).status_code == 200
    assert client.post(address, {"code": "COPY-1"}).status_code == 302
    assert ItemVersion.objects.filter(item__code="COPY-1", state=VersionState.DRAFT).exists()


def test_a_published_document_is_shown_in_words(client, official):
    source = {"where": "cq.gov.cn", "certainty": "copy", "excerpt": True, "note": "转引自解读"}
    document = make.DocumentFactory(source=source, topics=["数字化", "技术改造"])
    official(Role.EDITOR)
    shown = client.get(page("policydocument_change", document.pk)).content.decode()
    assert "cq.gov.cn · 转载 · 只见到节选 · 转引自解读" in shown
    assert "数字化、技术改造" in shown
    assert "certainty" not in shown


def test_a_documents_topics_are_written_in_one_line(client, official):
    official(Role.EDITOR)
    data = {
        "code": "D-1",
        "title": "通知",
        "issuer": "县政府",
        "level": "county",
        "topics": "数字化，技术改造",
    }
    response = client.post(page("policydocument_add"), data | management("events"))
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert PolicyDocument.objects.get(code="D-1").topics == ["数字化", "技术改造"]


def test_the_list_of_pushes_leads_to_their_progress(client, official):
    push = Push.objects.get(version=make.published())
    official(Role.PUBLISHER)
    shown = client.get(page("push_changelist")).content.decode()
    assert push.get_absolute_url() in shown
    assert "选择记录" not in shown


def test_an_item_is_headed_by_its_code_and_title(client, official):
    version = make.published(title="认定奖励")
    official(Role.EDITOR)
    shown = client.get(page("policyitem_change", version.item_id)).content.decode()
    assert f"{version.item.code} 认定奖励" in shown


@pytest.mark.parametrize(("moves", "year"), [({"move_examples": "on"}, "2025"), ({}, "2024")])
def test_examples_go_with_a_reference_year_that_is_changed_if_wanted(client, official, moves, year):
    examples = [{"name": "x", "facts": {"revenue": {"2024": "1 元"}}, "verdict": "eligible"}]
    version = make.draft(rule_reference_year=2025, rule_examples=examples)
    official(Role.EDITOR)
    source = version.sources.get()
    data = filled(**management("sources", 1, 1), **management("events"), **management("pushes"))
    data |= {"sources-0-id": source.pk, "sources-0-version": version.pk}
    data |= {"sources-0-document": source.document_id, "examples": json.dumps(examples)}
    response = client.post(page("itemversion_change", version.pk), data | moves | {"reference_year": "2026"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    version.rule_version.refresh_from_db()
    assert version.rule_version.examples[0]["facts"]["revenue"] == {year: "1 元"}


def test_a_document_is_published_by_another(client, official):
    author = official(Role.PUBLISHER)
    document = make.DocumentFactory(published=False, author=author)
    address = reverse("admin:policies_policydocument_publish", args=[document.pk])
    assert client.post(address, {"reason": ""}).status_code == 403
    official(Role.PUBLISHER)
    assert client.post(address, {"reason": ""}).status_code == 302
    assert PolicyDocument.objects.get(pk=document.pk).state == DocumentState.PUBLISHED


@pytest.mark.parametrize("name", ["itemversion", "policyitem", "policydocument", "push"])
def test_lists_take_few_queries_however_long(client, official, name, django_assert_max_num_queries):
    for _number in range(6):
        make.published()
    official(Role.PUBLISHER)
    with django_assert_max_num_queries(25):
        assert client.get(page(f"{name}_changelist")).status_code == 200


def test_the_item_and_push_pages_open(client, official):
    version = make.published()
    official(Role.PUBLISHER)
    assert client.get(page("policyitem_change", version.item_id)).status_code == 200
    assert client.get(page("policydocument_change", version.sources.get().document_id)).status_code == 200
    assert client.get(page("push_changelist")).status_code == 200


def test_help_speaks_of_what_an_editor_has_before_them():
    """No paths of files, and examples that may be copied: they parse."""
    helps = {name: str(field.help_text) for name, field in VersionForm.base_fields.items()}
    assert not [name for name, text in helps.items() if "docs/" in text]
    conditions, amount = (json.loads(helps[name].partition("如：")[2]) for name in ("conditions", "amount"))
    parse_rule(conditions, amount, catalogue=county_catalogue())
