"""Picking: the enterprise chooses; who declines or does not answer in time loses the order to the hall."""

import datetime as dt
from functools import partial

import pytest
from django.utils import timezone

from appeals.enums import Mode, OrderState, Standing, Status, Why
from appeals.grabbing import grab
from appeals.models import OrderClock, Provider, WorkOrder
from appeals.picking import WINDOW, decline, fall_to_hall, pick_provider, pick_service
from appeals.standing import remove
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry
from tests.accounts.factories import UserFactory
from tests.appeals.factories import (
    CategoryFactory,
    ProviderFactory,
    ProviderMemberFactory,
    ServiceItemFactory,
    filing,
    lead,
)
from tests.enterprises.factories import EnterpriseFactory
from tests.races import race


@pytest.fixture
def service(db):
    category = CategoryFactory(market=True)
    return ServiceItemFactory(category=category, provider=ProviderFactory(categories=[category], cap=2))


def picked(service, **fields):
    member = UserFactory()
    return lead(pick_service(EnterpriseFactory(), service, filing(**fields), by=member))


def late(order):
    """Its clock for answering ended an hour ago."""
    hour = dt.timedelta(hours=1)
    begun = timezone.now() - 5 * hour
    OrderClock.objects.filter(order=order, target="pick").update(
        started_at=begun, warn_at=begun + hour, due_at=timezone.now() - hour
    )


class TestPicking:
    def test_the_provider_is_asked_at_once(self, service):
        member = ProviderMemberFactory(provider=service.provider)
        order = picked(service)
        assert (order.mode, order.state) == (Mode.PICK, OrderState.OFFERED)
        assert (order.provider, order.service) == (service.provider, service)
        assert order.assignments.get().why == Why.PICKED
        assert order.appeal.category == service.category
        order.appeal.refresh_from_db()
        assert order.appeal.status == Status.OFFERED
        running = set(OrderClock.objects.filter(order=order, met_at=None).values_list("target", flat=True))
        assert running == {"pick", order.appeal.complexity}
        told = OutboxEntry.objects.get(payload__mailbox=member.user.mailbox.pk)
        assert told.payload["url"] == f"/p/{service.provider.pk}/orders/{order.pk}/"

    def test_sent_twice_it_is_one_order(self, service):
        pick = partial(pick_service, EnterpriseFactory(), service, filing(), by=UserFactory(), key="pick:one")
        assert pick() == pick()
        assert WorkOrder.objects.count() == 1

    def test_a_service_no_longer_offered(self, service):
        service.active = False
        with pytest.raises(DomainError, match="下架"):
            picked(service)

    def test_a_removed_provider(self, service):
        remove(service.provider, "连续差评", by=None)
        with pytest.raises(DomainError, match="下架"):
            picked(service)
        assert not WorkOrder.objects.exists()

    def test_a_provider_whose_hands_are_full(self, service):
        picked(service), picked(service)
        with pytest.raises(DomainError, match="已满"):
            picked(service)

    def test_a_provider_by_itself_wants_one_of_its_categories(self, service):
        pick = partial(pick_provider, EnterpriseFactory(), service.provider, by=UserFactory())
        for category in (None, CategoryFactory()):
            with pytest.raises(DomainError, match="类别"):
                pick(filing(category=category))
        assert lead(pick(filing(category=service.category))).provider == service.provider

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_do_not_pass_the_cap(self, service):
        firms, member = [EnterpriseFactory() for _ in range(6)], UserFactory()
        tasks = [partial(pick_service, firm, service, filing(), by=member) for firm in firms]
        refused = [one for one, _seconds in race(tasks) if isinstance(one, DomainError)]
        assert len(refused) == 4
        assert WorkOrder.objects.filter(provider=service.provider).count() == 2


class TestDeclining:
    def test_it_goes_to_the_hall_with_the_reason(self, service):
        order = picked(service)
        decline(order, "这个月排满了", by=UserFactory())
        order.refresh_from_db()
        assert (order.state, order.mode, order.provider) == (OrderState.OPEN, Mode.GRAB, None)
        assert order.window_to - order.window_from == WINDOW
        assert "这个月排满了" in order.events.latest("pk").comment
        assert not OrderClock.objects.filter(order=order, target="pick", met_at=None).exists()

    def test_not_without_a_reason(self, service):
        order = picked(service)
        with pytest.raises(DomainError, match="原因"):
            decline(order, "  ", by=UserFactory())
        order.refresh_from_db()
        assert order.state == OrderState.OFFERED


class TestFalling:
    def test_in_time_nothing_falls(self, service):
        order = picked(service)
        due = OrderClock.objects.get(order=order, target="pick").due_at
        assert fall_to_hall(due - dt.timedelta(seconds=1)) == 0
        assert fall_to_hall(due) == 1

    def test_what_was_not_answered_falls_once(self, service):
        order = picked(service)
        late(order)
        now = timezone.now()
        assert (fall_to_hall(now), fall_to_hall(now)) == (1, 0)
        order.refresh_from_db()
        assert (order.state, order.mode, order.provider) == (OrderState.OPEN, Mode.GRAB, None)
        event = order.events.latest("pk")
        assert (event.name, event.actor, event.public) == ("fall_to_grab", None, True)
        assert service.provider.name in event.comment
        clock = OrderClock.objects.get(order=order, target="pick")
        assert clock.breached_at == clock.due_at
        assert clock.met_at == now
        order.appeal.refresh_from_db()
        assert order.appeal.status == Status.OFFERED

    def test_the_enterprise_and_those_who_qualify_are_told_once(self, service):
        rival = ProviderMemberFactory(provider=ProviderFactory(categories=[service.category]))
        order = picked(service)
        late(order)
        fall_to_hall(timezone.now())
        fall_to_hall(timezone.now())
        told = OutboxEntry.objects.filter(topic="message")
        assert told.filter(payload__mailbox=order.appeal.enterprise.mailbox_id).count() == 1
        assert told.filter(payload__mailbox=rival.user.mailbox.pk).count() == 1

    def test_then_another_grabs_it(self, service):
        rival = ProviderMemberFactory(provider=ProviderFactory(categories=[service.category]))
        order = picked(service)
        late(order)
        fall_to_hall(timezone.now())
        assert grab(order.pk, rival.provider, by=rival.user).won

    def test_a_hundred_fall_in_as_many_statements_as_one(self, service, django_assert_max_num_queries):
        Provider.objects.update(cap=100)
        for order in [picked(service) for _ in range(3)]:
            late(order)
        with django_assert_max_num_queries(60):
            assert fall_to_hall(timezone.now()) == 3

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_and_a_decliner_at_once(self, service):
        order, member = picked(service), UserFactory()
        late(order)
        now = timezone.now()
        results = race(
            [
                partial(fall_to_hall, now),
                partial(fall_to_hall, now),
                partial(decline, order, "排满了", by=member),
            ]
        )
        fallen = sum(one for one, _seconds in results[:2])
        declined = not isinstance(results[2][0], Exception)
        assert fallen + declined == 1
        assert order.events.filter(name="fall_to_grab").count() == 1


def test_a_removed_provider_keeps_what_it_has(service):
    order = picked(service)
    remove(service.provider, "连续差评", by=None)
    order.refresh_from_db()
    assert order.provider == service.provider
    assert order.provider.standing == Standing.REMOVED
