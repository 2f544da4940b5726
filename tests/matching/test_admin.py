"""Officials' pages of rules and runs: what may be edited, errors in plain words, progress."""

from collections.abc import Callable
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
from tests.matching.factories import ALWAYS, RuleVersionFactory, published

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


@pytest.mark.parametrize("version", [RuleVersionFactory, published])
def test_a_rule_is_read_in_sentences_and_edited_at_its_item_only(
    editor: Client, version: Callable[[], RuleVersion]
) -> None:
    rule = version()
    page = editor.get(change_page(rule))
    assert page.status_code == 200
    assert "营业收入" in page.content.decode()
    assert "&quot;revenue&quot;" in page.content.decode()
    given = {"number": "7", "conditions": "{}"}
    assert editor.post(change_page(rule), given).status_code == 403
    assert editor.get(reverse("admin:matching_ruleversion_add")).status_code == 403
    rule.refresh_from_db()
    assert (rule.number, rule.conditions) == (1, ALWAYS)


def test_a_department_official_looks(publisher: Client) -> None:
    assert publisher.get(change_page(RuleVersionFactory())).status_code == 200
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
