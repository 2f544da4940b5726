"""Orders that a provider finished, and the stars it got for them."""

import datetime as dt
from typing import Any

from django.utils import timezone

from appeals.enums import OrderState, Side
from appeals.models import Provider, Rating, ServiceItem, WorkOrder
from appeals.ratings import rate
from tests.accounts.factories import UserFactory
from tests.appeals.factories import OrderFactory, ProviderFactory, ServiceItemFactory

WAY = (OrderState.OPEN, OrderState.HANDLING, OrderState.ANSWERED, OrderState.CLOSED)


def finished(provider: Provider, state: str = OrderState.CLOSED, **fields: Any) -> WorkOrder:
    """An order of the provider, walked as far as `state` as rows."""
    order, now = OrderFactory(**fields), timezone.now()
    for step in WAY[: WAY.index(state) + 1]:
        changes: dict[str, Any] = {"state": step, "held_at": now, "provider": provider}
        if step == OrderState.OPEN:
            changes |= {"provider": None, "window_from": now, "window_to": now + dt.timedelta(hours=1)}
        elif step != OrderState.HANDLING:
            changes["answered_at"] = now
        WorkOrder.objects.filter(pk=order.pk).update(**changes)
    order.refresh_from_db()
    return order


def rated(provider: Provider, stars: int, side: str = Side.ENTERPRISE) -> Rating:
    """Stars for one more finished order."""
    return rate(finished(provider), Side(side), stars, by=UserFactory())


def rating() -> ServiceItem:
    """A rating of a provider that offers a service."""
    service: ServiceItem = ServiceItemFactory(provider=ProviderFactory())
    rated(service.provider, 4)
    return service
