"""Officials' pages of rules and runs: what may be edited, errors in plain words, progress."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models import RuleVersion, Run, RunResult
from matching.services import match_versions
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.enterprises.factories import EnterpriseFactory
from tests.matching.factories import ALWAYS, RuleFactory, RuleVersionFactory, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    """Signed in as somebody who may edit rules here."""
    client.force_login(StaffFactory(is_superuser=True))
    return client


@pytest.fixture
def publisher(client: Client) -> Client:
    """Signed in as an official of a department, who may look."""
    user = StaffFactory()
    PostingFactory(user=user, role=Role.PUBLISHER)
    client.force_login(user)
    return client


def change_page(version: RuleVersion) -> str:
    return reverse("admin:matching_ruleversion_change", args=[version.pk])


def filled(version: RuleVersion, **changes: Any) -> dict[str, Any]:
    return {
        "rule": version.rule_id,
        "number": 1,
        "valid_0": "2026-01-01",
        "valid_1": "",
        "reference_year": 2026,
        "event_fact": "",
        "governing_date": "application",
        "conditions": json.dumps(ALWAYS),
        "amount": "",
        "examples": "[]",
        **changes,
    }


def test_a_draft_is_edited_as_json(editor: Client) -> None:
    version = RuleVersionFactory()
    shorter = {"fact": "region", "op": "within", "value": ["500231"]}
    response = editor.post(change_page(version), filled(version, conditions=json.dumps(shorter)))
    assert response.status_code == 302, response.context["errors"]
    version.refresh_from_db()
    assert version.conditions == shorter
    assert version.amount is None


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("conditions", '{"fact": "no_such", "op": "=", "value": "1"}', "no_such"),
        ("conditions", '{"fact": "revenue", "op": ">=", "value": NaN, "unit": "元"}', "NaN"),
        ("conditions", "{", "JSON"),
        ("amount", '{"fixed": "10", "unit": "人"}', "单位"),
    ],
)
def test_what_is_wrong_is_said_beside_the_part_it_is_in(
    editor: Client, field: str, text: str, said: str
) -> None:
    version = RuleVersionFactory()
    response = editor.post(change_page(version), filled(version, **{field: text}))
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert list(errors) == [field]
    assert said in errors[field].as_text()
    version.refresh_from_db()
    assert version.conditions == ALWAYS


def test_the_author_stays_who_wrote_it_first(client: Client) -> None:
    first, second = StaffFactory(is_superuser=True), StaffFactory(is_superuser=True)
    client.force_login(first)
    given = filled(RuleVersionFactory.build(rule=RuleFactory()))
    assert client.post(reverse("admin:matching_ruleversion_add"), given).status_code == 302
    version = RuleVersion.objects.get()
    assert version.author == first
    client.force_login(second)
    assert client.post(change_page(version), filled(version, reference_year=2025)).status_code == 302
    version.refresh_from_db()
    assert (version.reference_year, version.author) == (2025, first)


def test_a_published_version_is_read_in_sentences_and_not_edited(editor: Client) -> None:
    version = published()
    page = editor.get(change_page(version))
    assert page.status_code == 200
    assert "营业收入" in page.content.decode()
    assert editor.post(change_page(version), filled(version, number=7)).status_code == 403
    version.refresh_from_db()
    assert version.number == 1


def test_a_department_official_looks_and_does_not_edit(publisher: Client) -> None:
    version = RuleVersionFactory()
    assert publisher.get(change_page(version)).status_code == 200
    assert publisher.post(change_page(version), filled(version)).status_code == 403
    assert publisher.get(reverse("admin:matching_ruleversion_changelist")).status_code == 200


@pytest.mark.parametrize("model", ["rule", "ruleversion", "run", "runresult"])
def test_lists_take_few_queries_however_many_rows(
    publisher: Client, model: str, django_assert_max_num_queries: Any
) -> None:
    EnterpriseFactory()
    for _number in range(5):
        record_run(published())
    with django_assert_max_num_queries(20):
        assert publisher.get(reverse(f"admin:matching_{model}_changelist")).status_code == 200


def record_run(version: RuleVersion) -> Run:
    """A finished run of one version."""
    day = timezone.localdate()
    run = Run.objects.create(as_of=day, known_at=timezone.now(), version=version)
    run.start(total=1)
    [(_version, matches)] = match_versions([version], as_of=day, known_at=run.known_at)
    RunResult.objects.create(
        run=run,
        version=version,
        enterprises=matches.population,
        eligible=len(matches.eligible),
        opened=len(matches.opened),
        needs_info=len(matches.needs_info),
        payload=matches.to_bytes(),
    )
    run.finish()
    return run


def test_the_progress_page_refreshes_itself_until_the_run_is_done(publisher: Client) -> None:
    EnterpriseFactory()
    done = record_run(published())
    waiting = Run.objects.create(as_of=timezone.localdate(), known_at=timezone.now())
    pages = {
        run: publisher.get(reverse("admin:matching_run_progress", args=[run.pk])) for run in (done, waiting)
    }
    assert {run: 'hx-trigger="every 1s"' in page.content.decode() for run, page in pages.items()} == {
        done: False,
        waiting: True,
    }
    assert "1 / 1" in pages[done].content.decode()


def test_a_result_row_unpacks_to_what_was_found() -> None:
    enterprise = EnterpriseFactory()
    run = record_run(published())
    [match] = run.results.get().unpack()
    assert (match.enterprise_id, match.eligible, match.low, match.high) == (
        enterprise.pk,
        False,
        10_000_000,
        10_000_000,
    )
