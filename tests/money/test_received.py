"""What an enterprise has received by a day: paid by the treasury, less what came back; the same for ever."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.money.received import received_among, received_by
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import Desk, payment_of
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
NOTHING = {"item": 0, "group": 0}
SHANGHAI = timezone.get_fixed_timezone(480)


@pytest.fixture
def firm():
    return EnterpriseFactory()


def tomorrow(desk):
    return timezone.localdate(desk.at) + dt.timedelta(days=1)


def test_nothing_before_it_arrives(firm):
    desk = Desk()
    desk.released(desk.award(enterprise=firm))
    assert received_by(firm.pk, desk.version.item, before=tomorrow(desk)) == NOTHING


def test_what_was_paid_before_midnight_in_the_county(firm):
    desk = Desk(at=dt.datetime(2026, 3, 2, 23, 50, tzinfo=SHANGHAI))
    desk.settled(desk.award(enterprise=firm))  # each step two minutes: paid after midnight
    paid_on = timezone.localdate(desk.at)
    assert paid_on == dt.date(2026, 3, 3)
    assert received_by(firm.pk, desk.version.item, before=paid_on) == NOTHING
    paid = {"item": 10_000_000, "group": 10_000_000}
    assert received_by(firm.pk, desk.version.item, before=paid_on + dt.timedelta(days=1)) == paid


def test_what_came_back_counts_until_the_day_it_did(firm):
    desk = Desk()
    batch = desk.settled(desk.award(enterprise=firm))
    day = tomorrow(desk)
    desk.tick(days=3)
    desk.settle(batch, "returned")
    assert payment_of(batch).state == "returned"
    assert received_by(firm.pk, desk.version.item, before=day)["item"] == 10_000_000
    assert received_by(firm.pk, desk.version.item, before=tomorrow(desk)) == NOTHING


def test_the_group_counts_all_its_items(firm):
    first = Desk(version=policies.published(exclusivity_group="专精特新"))
    second = Desk(version=policies.published(exclusivity_group="专精特新"))
    alone = Desk()
    for desk in (first, second, alone):
        desk.settled(desk.award(enterprise=firm), desk.award())
    day = max(tomorrow(desk) for desk in (first, second, alone))
    assert received_by(firm.pk, first.version.item, before=day) == {"item": 10_000_000, "group": 20_000_000}
    assert received_by(firm.pk, alone.version.item, before=day) == {"item": 10_000_000, "group": 10_000_000}
    among = received_among(first.version.item, before=day)
    assert among[firm.pk] == received_by(firm.pk, first.version.item, before=day)
    assert len(among) == 3
