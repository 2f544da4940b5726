"""The desk of officials: pages open, rows are scoped, what is saved is also recorded."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises import tasks
from enterprises.models import (
    Claim,
    Credential,
    CredentialKind,
    Enterprise,
    Fact,
    FactValue,
    Import,
    Membership,
)
from enterprises.services import submit_claim
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.models import Progress
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, give_value, uscc_of
from tests.enterprises.files import FACT_HEADER, HEADER, as_csv, firm
from tests.enterprises.test_members import licence

pytestmark = pytest.mark.django_db
MODELS = [
    "enterprise",
    "region",
    "industry",
    "fact",
    "credentialkind",
    "codelist",
    "referencefigure",
    "factvalue",
    "credential",
    "membership",
    "invitation",
    "claim",
    "import",
    "enterprisehistory",
    "facthistory",
]


def page(model, action="changelist", *args):
    return reverse(f"admin:enterprises_{model}_{action}", args=args)


def official(role, department):
    user = StaffFactory()
    PostingFactory(user=user, role=role, department=Department.objects.get(code=department))
    return user


@pytest.fixture
def superuser(client):
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize("model", MODELS)
def test_lists_open_with_few_queries(client, superuser, model, django_assert_max_num_queries):
    for number in range(3):
        enterprise = EnterpriseFactory()
        give_value(enterprise, "revenue", period=2024, scaled=number)
        give_value(enterprise, "region", text="500231101")
        submit_claim(UserFactory(), enterprise.uscc, licence())
    client.get(page(model))
    with django_assert_max_num_queries(30):
        response = client.get(page(model))
    assert response.status_code == 200


@pytest.mark.parametrize(
    "model", ["enterprise", "fact", "codelist", "referencefigure", "credential", "import"]
)
def test_add_pages_open(client, superuser, model):
    assert client.get(page(model, "add")).status_code == 200


ENTERPRISE_FORM = {
    "uscc": uscc_of(7).lower(),
    "name": "新企业",
    "region": "500231101",
    "industry": "C36",
    "entity_type": "company",
    "ownership": "private",
    "established_on": "2020-01-02",
    "status": "active",
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
}


def test_an_enterprise_added_by_hand_has_a_mailbox_and_values(client, superuser):
    response = client.post(page("enterprise", "add"), ENTERPRISE_FORM)
    assert response.status_code == 302, response.context["errors"]
    enterprise = Enterprise.objects.get()
    assert (enterprise.uscc, enterprise.industry, enterprise.mailbox.kind) == (uscc_of(7), "36", "enterprise")
    assert FactValue.objects.count() == 5
    change = {**ENTERPRISE_FORM, "industry": "51"}
    assert client.post(page("enterprise", "change", enterprise.pk), change).status_code == 302
    assert FactValue.objects.count() == 6
    newest = FactValue.objects.first()
    assert (newest.text, newest.recorded_by) == ("51", superuser)
    history = Enterprise.pgh_event_model.objects.latest("pgh_id")
    client.post(page("enterprise", "change", enterprise.pk), {**change, "ownership": ""})
    assert FactValue.objects.first().withdrawn
    assert "已撤回" in client.get(page("factvalue")).content.decode()
    assert (history.industry, history.pgh_context.metadata["user"]) == ("51", superuser.pk)


def test_a_wrong_credit_code_is_a_sentence(client, superuser):
    response = client.post(page("enterprise", "add"), {**ENTERPRISE_FORM, "uscc": "123"})
    assert "应为 18 位" in response.content.decode()
    assert not Enterprise.objects.exists()


def test_a_held_code_is_confirmed_by_an_official(client, superuser):
    enterprise = EnterpriseFactory(uscc="91500231MA60000169", uscc_confirmed=False)
    action = {"action": "confirm_code", "_selected_action": [enterprise.pk]}
    client.post(page("enterprise"), action)
    assert Enterprise.objects.in_business().get() == enterprise


def test_a_fact_with_values_shows_its_meaning_read_only(client, superuser):
    fact = Fact.objects.get(key="revenue")
    assert 'name="unit"' in client.get(page("fact", "change", fact.pk)).content.decode()
    give_value(EnterpriseFactory(), "revenue", period=2024, scaled=1)
    assert 'name="unit"' not in client.get(page("fact", "change", fact.pk)).content.decode()


def test_a_department_sees_only_its_own_facts(client):
    enterprise = EnterpriseFactory()
    give_value(enterprise, "revenue", period=2024, scaled=86_500_000)
    give_value(enterprise, "abnormal_list", scaled=0)
    client.force_login(official(Role.EDITOR, "tax"))
    text = client.get(page("factvalue")).content.decode()
    assert "86.5 万元" in text
    assert client.get(page("factvalue")).context["cl"].result_count == 1
    client.force_login(official(Role.LEADER, "county_office"))
    assert client.get(page("factvalue")).context["cl"].result_count == 2


def test_values_are_not_edited(client, superuser):
    value = give_value(EnterpriseFactory(), "revenue", period=2024, scaled=1)
    assert client.get(page("factvalue", "change", value.pk)).status_code == 200
    assert client.post(page("factvalue", "change", value.pk), {"scaled": 2}).status_code == 403
    assert client.post(page("factvalue", "delete", value.pk), {"post": "yes"}).status_code == 403


def test_a_credential_is_recorded_in_the_name_of_its_department(client):
    user = official(Role.EDITOR, "science")
    client.force_login(user)
    kind = CredentialKind.objects.get(key="high_tech")
    form = {
        "enterprise": EnterpriseFactory().pk,
        "kind": kind.pk,
        "certificate": "GR1",
        "as_of": "2025-01-01",
    }
    assert client.post(page("credential", "add"), form).status_code == 302
    credential = Credential.objects.get()
    assert (credential.department, credential.tier, credential.recorded_by) == (kind.department, 3, user)
    other = CredentialKind.objects.get(key="green_food")
    assert client.post(page("credential", "add"), {**form, "kind": other.pk}).status_code == 200
    assert Credential.objects.count() == 1


def decide(client, claim, button, comment=""):
    form = {
        "comment": comment,
        f"enterprises_claim_{button}": "",
        "events-TOTAL_FORMS": "0",
        "events-INITIAL_FORMS": "0",
    }
    return client.post(page("claim", "change", claim.pk), form, follow=True)


def test_claims_are_decided_on_their_page(client):
    reviewer = official(Role.REVIEWER, "enterprise_service")
    client.force_login(reviewer)
    first, second = (submit_claim(UserFactory(), EnterpriseFactory().uscc, licence()) for _ in range(2))
    photo = client.get(reverse("admin:enterprises_claim_licence", args=[first.pk]))
    assert photo.getvalue().startswith(b"\xff\xd8\xff")
    decide(client, first, "approve", "已核对")
    assert Enterprise.objects.visible_to(first.user).exists()
    assert first.events.get().comment == "已核对"
    assert "退回原因" in decide(client, second, "reject").content.decode()
    decide(client, second, "reject", "照片不清")
    assert Claim.objects.get(pk=second.pk).state == "rejected"
    decide(client, second, "approve")
    assert Claim.objects.get(pk=second.pk).state == "rejected"


def test_a_licence_is_shown_only_to_those_who_may_see_claims(client):
    claim = submit_claim(UserFactory(), EnterpriseFactory().uscc, licence())
    client.force_login(StaffFactory())
    assert client.get(reverse("admin:enterprises_claim_licence", args=[claim.pk])).status_code == 404


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("editor", False),
        ("publisher", False),
        ("leader", False),
        ("supervisor", False),
        ("system_admin", False),
    ]
    + [("reviewer", True), ("dispatcher", True), ("audit_admin", True)],
)
def test_who_claims_what_is_for_those_who_decide_and_the_audit(client, role, sees):
    claim = submit_claim(UserFactory(), EnterpriseFactory().uscc, licence())
    client.force_login(official(role, "tax"))
    photo = client.get(reverse("admin:enterprises_claim_licence", args=[claim.pk]))
    assert photo.status_code == (200 if sees else 404)
    if sees:
        assert photo.getvalue().startswith(b"\xff\xd8\xff")
    for model in ("claim", "membership", "invitation"):
        assert client.get(page(model)).status_code == (200 if sees else 403)
    assert client.get(page("enterprise")).status_code == 200


def test_who_decides_claims_ends_memberships(client):
    membership = MembershipFactory()
    client.force_login(official(Role.REVIEWER, "enterprise_service"))
    address = page("membership", "change", membership.pk)
    assert client.post(address, {"role": "agent", "until": "2020-01-01"}).status_code == 302
    assert not Membership.objects.current().exists()


def test_an_uploaded_file_is_taken_in_by_a_worker(
    client, superuser, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr(tasks.run_import, "delay", tasks.run_import)
    file = ContentFile(as_csv([HEADER, firm(1)]).getvalue(), name="名册.csv")
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            page("import", "add"), {"kind": "enterprises", "file": file, "as_of": "2025-01-01"}
        )
    assert response.status_code == 302
    work = Import.objects.get()
    assert (work.state, work.added, work.file_name, work.created_by) == ("done", 1, "名册.csv", superuser)
    assert client.get(page("import", "change", work.pk)).status_code == 200


def test_the_errors_of_a_file_are_shown(client, superuser):
    work = Import.objects.create(kind="enterprises", file_name="a.csv")
    work.file.save("a.csv", ContentFile(as_csv([HEADER, firm(1, region="510603")]).getvalue()))
    tasks.run_import(work.pk)
    text = client.get(page("import", "change", work.pk)).content.decode()
    assert "不在本县" in text
    assert "行政区划代码" in text


def test_officials_import_for_their_own_department_and_not_the_registry(client):
    client.force_login(official(Role.EDITOR, "tax"))
    form = client.get(page("import", "add")).context["adminform"].form
    assert [value for value, _label in form.fields["kind"].choices if value] == ["facts", "credentials"]
    assert [row.code for row in form.fields["department"].queryset] == ["tax"]


def test_a_dispatcher_takes_in_the_registry_and_no_departments_data(client):
    client.force_login(official(Role.DISPATCHER, "enterprise_service"))
    form = client.get(page("import", "add")).context["adminform"].form
    assert [value for value, _label in form.fields["kind"].choices if value] == ["enterprises"]
    assert not form.fields["department"].queryset.exists()
    tax = Department.objects.get(code="tax").pk
    for department in ("", tax):
        file = ContentFile(
            as_csv([FACT_HEADER, [uscc_of(1), "revenue", "2024", "1"]]).getvalue(), name="a.csv"
        )
        sent = {"kind": "facts", "file": file, "as_of": "2025-01-01", "department": department}
        assert client.post(page("import", "add"), sent).status_code == 200
    assert not Import.objects.exists()


def test_who_sees_the_whole_county_still_writes_for_the_own_department_only(client):
    user = official(Role.EDITOR, "tax")
    PostingFactory(user=user, role=Role.DISPATCHER, department=Department.objects.get(code="county_office"))
    client.force_login(user)
    form = client.get(page("import", "add")).context["adminform"].form
    assert [row.code for row in form.fields["department"].queryset] == ["tax"]
    kind = CredentialKind.objects.get(key="high_tech")
    sent = {
        "enterprise": EnterpriseFactory().pk,
        "kind": kind.pk,
        "certificate": "GR1",
        "as_of": "2025-01-01",
    }
    assert client.post(page("credential", "add"), sent).status_code == 200
    assert not Credential.objects.exists()


@pytest.mark.parametrize(("state", "watched"), [("queued", True), ("failed", False)])
def test_the_page_of_an_import_follows_it_while_it_runs(client, superuser, state, watched):
    work = Import.objects.create(kind="facts", file_name="facts_bad.csv")
    if state == "failed":
        work.start(1)
        work.fail("x")
    shown = client.get(page("import", "change", work.pk)).content.decode()
    assert ('hx-trigger="every 2s"' in shown) is watched
    assert "facts_bad.csv" in shown
    assert "Facts_bad.csv" not in shown


def test_a_claim_is_called_by_who_and_what(client, superuser):
    user, enterprise = UserFactory(name="赵大海"), EnterpriseFactory()
    claim = submit_claim(user, enterprise.uscc, licence())
    shown = client.get(page("claim", "change", claim.pk)).content.decode()
    assert f"赵大海 · {enterprise.name}" in shown
    assert f"{user.pk}→{enterprise.pk}" not in shown


def test_imports_of_other_departments_are_not_listed(client):
    tax, science = (Department.objects.get(code=code) for code in ("tax", "science"))
    own, other = (Import.objects.create(kind="facts", file_name="a", department=it) for it in (tax, science))
    client.force_login(official(Role.EDITOR, "tax"))
    assert list(client.get(page("import")).context["cl"].queryset) == [own]
    assert client.get(page("import", "change", other.pk)).status_code == 302


def test_a_killed_worker_is_taken_over_and_a_second_ring_does_nothing():
    work = Import.objects.create(kind="enterprises", file_name="a.csv")
    work.file.save("a.csv", ContentFile(as_csv([HEADER, firm(1)]).getvalue()))
    work.start(2)
    tasks.run_import(work.pk)
    work.refresh_from_db()
    assert (work.state, work.added) == (Progress.DONE, 1)
    tasks.run_import(work.pk)
    assert Enterprise.objects.count() == 1


def test_the_sweeper_rings_only_for_files_that_wait(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.run_import, "delay", rung.append)
    waiting, young, typed = (Import.objects.create(kind="facts", file_name="a.csv") for _ in range(3))
    Import.objects.filter(pk__in=[waiting.pk, young.pk]).update(file="enterprises/a.csv")
    Import.objects.exclude(pk=young.pk).update(created_at="2025-01-01T00:00Z")
    assert tasks.ring_waiting_imports() == 1
    assert rung == [waiting.pk]
    assert typed.state == "queued"


def test_a_list_of_values_asks_for_the_catalogue_once(client, superuser):
    enterprise = EnterpriseFactory()

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page("factvalue")).status_code == 200
        return len(asked)

    give_value(enterprise, "revenue", period=2024, scaled=1)
    queries()
    few = queries()
    for year in range(2010, 2024):
        give_value(enterprise, "revenue", period=year, scaled=1)
    assert queries() == few


def test_a_second_legal_representative_is_a_sentence(client, superuser):
    head = MembershipFactory(role="legal_representative")
    other = MembershipFactory(enterprise=head.enterprise)
    response = client.post(page("membership", "change", other.pk), {"role": "legal_representative"})
    assert "企业已有法定代表人账号" in response.content.decode()
    assert client.post(page("membership", "change", head.pk), {"role": head.role}).status_code == 302
    other.refresh_from_db()
    assert other.role == "manager"


def test_a_licence_whose_file_is_gone_is_not_found(client, superuser):
    claim = submit_claim(UserFactory(), EnterpriseFactory().uscc, licence())
    claim.licence.storage.delete(claim.licence.name)
    assert client.get(reverse("admin:enterprises_claim_licence", args=[claim.pk])).status_code == 404


def test_an_import_whose_file_is_gone_fails_and_says_so():
    work = Import.objects.create(kind="facts", file=ContentFile(b"x", name="a.csv"), file_name="a.csv")
    work.file.storage.delete(work.file.name)
    tasks.run_import(work.pk)
    work.refresh_from_db()
    assert (work.state, work.error) == (Progress.FAILED, "上传的文件已不在，请重新上传。")
