"""Versions after one another: when the next begins, and what pages show before it does."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from policies import checklist, services
from policies.drafting import next_content
from policies.enums import VersionState
from policies.models import ItemVersion, PolicyItem
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db


def on(days):
    return timezone.localdate() + dt.timedelta(days=days)


def succeed(version, *, first, title="第二版"):
    """A published successor from that day on."""
    author = make.editor()
    said = make.content(title=title, rule_valid=make.DateRange(on(first), None))
    after = services.start_version(version.item, said, by=author)
    services.submit(after, by=author)
    services.publish(after, by=make.publisher())
    return after


def official(client, role):
    user = StaffFactory()
    PostingFactory(user=user, department=make.economy(), role=role)
    client.force_login(user)


@pytest.mark.parametrize(("began", "begins"), [(-30, 0), (-1, 0), (0, 1), (5, 6)])
def test_the_next_version_begins_once_the_last_has_stood_for_a_day(client, began, begins):
    version = make.published(rule_valid=make.DateRange(on(began), None))
    official(client, Role.EDITOR)
    client.post(reverse("admin:policies_policyitem_new_version", args=[version.item_id]), {"reason": ""})
    after = ItemVersion.objects.get(item=version.item_id, number=2)
    assert after.rule_version.begins == on(begins)
    services.submit(after, by=make.editor())
    services.publish(after, by=make.publisher())


def test_a_period_that_is_over_is_not_carried_on():
    version = make.published(rule_valid=make.DateRange(on(-30), on(1)))
    assert next_content(version, on(3)).rule["valid"] == make.DateRange(on(3), None)


REVENUE = {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"}


def revenue_of(year, **changes):
    """A version whose rule asks for the revenue of the year before Y, with examples of that year."""
    enough, less = ({"main_revenue": {str(year): f"{sum_} 万元"}} for sum_ in (3000, 1000))
    examples = [
        {"name": "够", "facts": enough, "verdict": "eligible"},
        {"name": "不够", "facts": less, "verdict": "ineligible"},
        {"name": "不知道", "facts": {}, "verdict": "needs_info"},
    ]
    return make.published(rule_conditions=REVENUE, rule_examples=examples, **changes)


def failed_examples(version):
    results = checklist.example_results(version, checklist.parse(version))
    return [result.problem for result in results if not result.passed]


def test_examples_go_with_the_year_in_which_the_next_version_begins(client):
    began = on(-400)
    version = revenue_of(began.year - 1, rule_valid=make.DateRange(began, None))
    author = make.editor()
    after = services.start_version(version.item, next_content(version, on(0)), by=author)
    assert str(on(0).year - 1) in str(after.rule_version.examples)
    assert failed_examples(after) == []
    services.submit(after, by=author)


def test_examples_of_a_named_year_stay_with_it():
    version = revenue_of(2023, rule_reference_year=2024, rule_valid=make.DateRange(on(-400), None))
    after = services.start_version(version.item, next_content(version, on(0)), by=make.editor())
    facts = [one["facts"] for one in version.rule_version.examples]
    assert [one["facts"] for one in after.rule_version.examples] == facts
    assert failed_examples(after) == []


def test_an_item_is_called_as_what_was_published_last_and_before_that_as_its_draft():
    author = make.editor()
    draft = make.draft(author, title="初稿")
    services.revise(draft, make.content(title="二稿"), by=author)
    assert str(PolicyItem.objects.get(pk=draft.item_id)) == f"{draft.item.code} 二稿"
    version = make.published(title="第一版")
    after = services.start_version(version.item, make.content(title="改名"), by=author)
    assert PolicyItem.objects.get(pk=version.item_id).title == "第一版"
    services.withdraw(version, by=make.publisher(), reason="错")
    services.submit(after, by=author)
    services.publish(after, by=make.publisher())
    assert PolicyItem.objects.get(pk=version.item_id).title == "改名"


def test_the_checklist_knows_the_versions_that_stand():
    version, author = make.published(), make.editor()
    said = make.content(rule_valid=version.rule_version.valid)
    after = services.start_version(version.item, said, by=author)
    assert any("第 1 版" in problem for problem in checklist.problems(after))
    with pytest.raises(DomainError, match="第 1 版"):
        services.submit(after, by=author)


def test_withdrawing_a_successor_says_that_the_predecessor_ends_all_the_same(client):
    version = make.published()
    after = succeed(version, first=5)
    official(client, Role.PUBLISHER)
    shown = client.get(reverse("admin:policies_itemversion_withdraw", args=[after.pk])).content.decode()
    assert "第 1 版因这一版定在" in shown
    alone = make.published()
    shown = client.get(reverse("admin:policies_itemversion_withdraw", args=[alone.pk])).content.decode()
    assert "因这一版定在" not in shown


def test_what_is_to_come_is_not_shown_in_place_of_what_was(client):
    version = make.published(title="第一版")
    services.withdraw(succeed(version, first=3), by=make.publisher(), reason="错")
    succeed(version, first=5, title="第三版")
    version.refresh_from_db()
    assert version.item.versions.visible_to(None).shown_on(on(0)) == version
    later = on(6)
    assert version.item.versions.visible_to(None).shown_on(later).title == "第三版"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("policies.models.version.timezone.localdate", lambda: later)
        assert version.has_ended  # its state follows at night


def test_what_is_to_come_says_since_when(client):
    version = make.published(rule_valid=make.DateRange(on(3), None))
    shown = client.get(version.get_absolute_url()).content.decode()
    assert f"自 {on(3)} 起施行" in shown
    assert "是否符合" not in shown
    assert version.is_coming
    assert not version.is_in_force


def test_a_draft_of_officials_does_not_take_the_place_of_what_was_published(client):
    version = make.published(title="第一版")
    services.withdraw(version, by=make.publisher(), reason="错")
    services.start_version(version.item, make.content(title="草稿"), by=make.editor())
    official(client, Role.EDITOR)
    assert "已撤回" in client.get(version.get_absolute_url()).content.decode()
    assert version.item.versions.shown_on(on(0)).state == VersionState.WITHDRAWN
