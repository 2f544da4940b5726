"""Versions after one another: when the next begins, and what pages show before it does."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from policies import checklist, services
from policies.drafting import next_content
from policies.enums import VersionState
from policies.models import ItemVersion
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
    assert version.item.shown_version(on(0)) == version
    later = on(6)
    assert version.item.shown_version(later).title == "第三版"
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
