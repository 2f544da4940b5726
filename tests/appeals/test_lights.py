"""One light on all pages: the inbox, a department's list, the order, the provider's and the enterprise's."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.utils import timezone

from appeals import deadlines
from appeals.desk.baskets import BASKETS, Moment
from appeals.dispatching import open_grab
from appeals.grabbing import grab
from appeals.lights import first_clocks, first_due
from appeals.models import OrderClock, WorkOrder
from portal.accounts.roles import Role
from portal.kernel.clocks import Light
from tests.appeals import factories as make
from tests.enterprises.factories import MembershipFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
SHAPES = {
    Light.GREEN: (2 * HOUR, 4 * HOUR, False),
    Light.YELLOW: (-HOUR, 2 * HOUR, False),
    Light.RED: (-2 * HOUR, -HOUR, False),
    Light.PAUSED: (-HOUR, 2 * HOUR, True),
}


def shaped(order, light):
    """The order with clocks of which the first one due shows this light, and others that would mislead."""
    now = timezone.now()
    OrderClock.objects.filter(order=order).delete()
    for target, (warn, due, paused) in (
        ("single", SHAPES[light]),
        ("promise", (-3 * HOUR, 40 * HOUR, True) if light == Light.PAUSED else (-3 * HOUR, 40 * HOUR, False)),
        ("survey", SHAPES[Light.RED]),
    ):
        deadlines.begin(order, target, at=now)
        OrderClock.objects.filter(order=order, target=target).update(
            started_at=now - 9 * HOUR,
            warn_at=now + warn,
            due_at=now + due,
            paused_at=now - HOUR if paused else None,
        )
    return order


def colours(client, user, address, *words):
    """The colours of the tags on a page that say one of the words."""
    client.force_login(user)
    cache.clear()
    answer = client.get(address)
    assert answer.status_code == 200, address
    tags = re.findall(r'<span class="tag (?:end )?(\w+)"[^>]*>([^<]*)<', answer.content.decode())
    return {colour for colour, text in tags if any(word in text for word in words)}


@pytest.mark.parametrize("light", SHAPES)
class TestPages:
    def test_of_the_desk(self, client, light):
        order, user = shaped(make.handling(), light), make.dispatcher()
        place, desk = order.department_id, user.postings.get().department_id
        handler = make.official(Role.HANDLER, order.department)
        words = ("还剩", "超 ", "暂停计时")
        assert colours(client, handler, f"/desk/{place}/orders/?tab=handling", *words) == {light.colour}
        assert colours(client, user, f"/desk/{desk}/inbox/?basket=open", *words) == {light.colour}
        assert light.colour in colours(client, handler, f"/desk/{place}/orders/{order.pk}/", *words)
        due = colours(client, handler, f"/desk/{place}/orders/?tab=due", *words)
        assert due == ({light.colour} if light in (Light.YELLOW, Light.RED) else set())
        moment = Moment.of(user, timezone.now())
        late = BASKETS["overdue"].orders(WorkOrder.objects.all(), moment)
        assert list(late) == ([order] if light == Light.RED else [])

    def test_of_the_provider(self, client, light):
        category = make.CategoryFactory(market=True)
        member = make.ProviderMemberFactory(provider=make.ProviderFactory(categories=[category]))
        order = make.lead(make.file(category=category))
        open_grab(order, by=None)
        grab(order.pk, member.provider, by=member.user)
        order.refresh_from_db()
        shaped(order, light)
        place = f"/p/{member.provider_id}/orders/"
        listed = colours(client, member.user, place, "前", "办理中")
        assert listed == {light.colour}
        assert light.colour in colours(client, member.user, f"{place}{order.pk}/", "前", "暂停计时")

    def test_of_the_enterprise(self, client, light):
        order = shaped(make.handling(), light)
        user = MembershipFactory(enterprise=order.appeal.enterprise).user
        OrderClock.objects.exclude(target="single").delete()
        address = f"/e/{order.appeal.enterprise_id}/appeals/{order.appeal.number}/"
        assert colours(client, user, address, "还剩", "已超期", "暂停计时", "截止") == {light.colour}


@pytest.mark.parametrize("light", SHAPES)
def test_lists_and_rows_take_the_same_clock(light, django_assert_num_queries):
    order = shaped(make.handling(), light)
    with django_assert_num_queries(1):
        clock = first_clocks([order])[order.pk]
    assert (clock.target, clock.light(timezone.now())) == ("single", light)
    found = first_due(WorkOrder.objects.all()).first()
    assert (found is None) == (light == Light.PAUSED)
    if found is not None:
        assert (found.due_at, found.warn_at) == (clock.due_at, clock.warn_at)
