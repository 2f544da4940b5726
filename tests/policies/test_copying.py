"""A copied item can be submitted and published as it is; who publishes it is told when it is pushed."""

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from enterprises.services import record_registry
from policies import checklist, services
from policies.enums import PushKind, VersionState
from policies.models import ItemVersion, PolicyItem, Push
from policies.nightly import match_versions_in_force
from policies.push import work
from policies.push_day import after_publishing, before_publishing, push_day
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory
from tests.pages.world import make_world
from tests.policies import factories as make

pytestmark = pytest.mark.django_db


def on(days):
    return timezone.localdate() + dt.timedelta(days=days)


def later(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def copied(old):
    return services.copy_item(old.item, "COPY", by=make.editor())


def test_a_running_item_is_copied_with_the_days_it_has():
    old = make.published(
        window_from=on(-20),
        window_to=on(40),
        rule_reference_year=2025,
        rule_valid=DateRange(on(-30), on(50)),
    )
    new = copied(old)
    assert (new.state, new.title, new.item.copied_from) == (VersionState.DRAFT, old.title, old.item)
    assert (new.window_from, new.window_to) == (on(-20), on(40))
    rule = new.rule_version
    assert (rule.valid, rule.reference_year) == (DateRange(on(0), on(50)), 2025)
    assert [one["verdict"] for one in rule.examples] == [one["verdict"] for one in make.EXAMPLES]
    assert [source.document for source in new.sources.all()] == [s.document for s in old.sources.all()]


def test_what_is_over_moves_to_the_year_in_which_it_is_not():
    old = make.draft(
        window_from=on(-800),
        window_to=on(-740),
        rule_reference_year=2020,
        rule_valid=DateRange(on(-900), on(-730)),
    )
    new = copied(old)
    assert new.window_to == later(on(-740), 3) >= on(0)
    assert new.window_from == later(on(-800), 3)
    assert new.rule_version.reference_year == 2023
    assert new.rule_version.valid.lower == on(0)
    assert new.rule_version.valid.upper == later(on(-731), 3) + dt.timedelta(days=1)


def test_every_item_of_the_demo_can_be_copied_and_submitted_unchanged():
    """The README's main path: its examples still come out, whatever the day of the copy."""
    make_world()
    editor = UserFactory(is_superuser=True)
    wrong = {}
    for number, item in enumerate(PolicyItem.objects.order_by("code")):
        version = services.copy_item(item, f"COPY-{number}", by=editor)
        if found := checklist.problems(version):
            wrong[item.code] = found
    assert wrong == {}
    drafts = ItemVersion.objects.filter(state=VersionState.DRAFT)
    assert drafts.count() > 50
    assert all(version.rule_version.begins == on(0) for version in drafts.select_related("rule_version"))
    assert not drafts.filter(window_to__lt=on(0)).exists()


@pytest.mark.parametrize(
    ("dates", "day", "said"),
    [
        ({}, 0, "立即核对"),
        ({"window_from": 5, "window_to": 9}, 5, "开始申报，届时核对全县企业并推送"),
        ({"begins": 3}, 3, "起生效，届时核对全县企业并推送"),
        ({"begins": 3, "window_from": 5}, 5, "开始申报"),
        ({"window_to": -1}, None, "不推送，只供查阅"),
        ({"begins": 3, "window_to": 2}, None, "不推送"),
    ],
)
def test_the_push_comes_on_the_day_that_was_said(dates, day, said):
    enterprise = EnterpriseFactory()
    record_registry([enterprise], as_of=on(-10))
    window = {name: on(dates[name]) for name in ("window_from", "window_to") if name in dates}
    version = make.submitted(rule_valid=DateRange(on(dates.get("begins", -30)), None), **window)
    assert push_day(version, on(0)) == (None if day is None else on(day))
    assert said in before_publishing(version, on(0))
    services.publish(version, by=make.publisher())
    assert Push.objects.exists() is (day == 0)
    if day is None or day == 0:
        return
    assert f"{on(day).day} 日" in after_publishing(version, on(0))
    assert match_versions_in_force(on(day - 1)) == 0
    assert match_versions_in_force(on(day)) == 1
    work(Push.objects.get(version=version, kind=PushKind.NIGHTLY).pk)
    while deliver():
        pass
    assert Message.objects.get().mailbox_id == enterprise.mailbox_id
