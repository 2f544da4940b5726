"""A window that is closed or not yet open: nobody is called, and its money is not promised."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.enums import PushKind
from policies.models import Push
from policies.nightly import match_versions_in_force
from policies.push import work
from policies.survey import survey
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.applying import factories as applying
from tests.policies import factories as make
from tests.policies.test_push import enterprises

pytestmark = pytest.mark.django_db


def on(days):
    return timezone.localdate() + dt.timedelta(days=days)


def test_a_closed_window_is_not_pushed():
    enterprises(1)
    version = make.published(window_from=on(-60), window_to=on(-1))
    match_versions_in_force(on(0))
    assert not Push.objects.filter(version=version).exists()


def test_a_push_worked_off_after_the_last_day_tells_nobody():
    enterprises(1)
    version = make.published(window_to=on(0))
    push = Push.objects.get(version=version)
    tomorrow = on(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("policies.push.timezone.localdate", lambda: tomorrow)
        work(push.pk)
    while deliver():
        pass
    assert not Message.objects.exists()


def test_a_window_of_tomorrow_is_pushed_on_its_first_day():
    enterprises(1)
    version = make.published(window_from=on(1), window_to=on(20))
    assert match_versions_in_force(on(0)) == 0
    assert not Push.objects.filter(version=version).exists()
    assert match_versions_in_force(on(1)) == 1
    work(Push.objects.get(version=version, kind=PushKind.NIGHTLY).pk)
    while deliver():
        pass
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("mode", "window", "items"),
    [
        ("apply", (-9, 0), 1),
        ("apply", (-9, -1), 0),
        ("apply", (1, 9), 0),
        ("enjoy", (-9, -1), 1),
    ],
)
def test_money_within_reach_is_that_of_open_windows(mode, window, items):
    (enterprise,) = enterprises(1)
    make.published(mode=mode, window_from=on(window[0]), window_to=on(window[1]))
    assert survey(enterprise, on(0)).reach.items == items


@pytest.mark.parametrize(("asked", "group"), [(2, "open"), (3, "needs")])
def test_money_still_open_is_looked_for_where_it_is(asked, group):
    (enterprise,) = enterprises(1)
    applying.version(rule_conditions={"all": applying.CONDITIONS["all"][:asked]})
    surveyed = survey(enterprise, on(0))
    assert surveyed.reach.later
    assert surveyed.later_group == group
