"""Clocks of orders: started from the targets kept as data, met, reckoned anew after a pause.

All of it inside the caller's transaction, which holds the order's lock.
"""

import datetime as dt
from datetime import datetime

from django.utils import timezone

from appeals.models import ClockTarget, OrderClock, WorkOrder
from portal.kernel.spans import Span, Unit
from portal.kernel.workdays import Calendar


def begin(order: WorkOrder, target_key: str, *, at: datetime) -> None:
    """Start the clock of that target; one that runs already goes on as it was."""
    if not OrderClock.objects.filter(order=order, target=target_key, met_at=None).exists():
        span = ClockTarget.objects.get(key=target_key).span
        OrderClock.begin(target_key, span, at=at, order=order).save()


def begin_until(order: WorkOrder, target_key: str, day: dt.date, *, at: datetime) -> None:
    """Start a clock that ends with a day of its own, after today; warned of as the target says."""
    days = (day - timezone.localdate(at)).days
    warning = min(ClockTarget.objects.get(key=target_key).warning, days)
    OrderClock.begin(target_key, Span(days, Unit.DAYS, warning), at=at, order=order).save()


def meet(order: WorkOrder, target_key: str, *, at: datetime) -> None:
    """What the target asks for is done; nothing happens when no such clock runs."""
    for clock in OrderClock.objects.filter(order=order, target=target_key, met_at=None):
        clock.meet(at)


def reckon(order: WorkOrder) -> None:
    """Work out the running clocks anew, after an event that stops them or lets them go on."""
    calendar = Calendar.load()
    for clock in OrderClock.objects.filter(order=order, met_at=None):
        clock.reckon(calendar)


def stop(order: WorkOrder, *, at: datetime) -> None:
    """The order is over: whatever still runs ends with it."""
    for clock in OrderClock.objects.filter(order=order, met_at=None):
        clock.meet(at)


def forget(order: WorkOrder, *target_keys: str, since: datetime) -> None:
    """Clocks of these targets started at that moment or later never began: what began them was undone."""
    running = OrderClock.objects.filter(order=order, target__in=target_keys, met_at=None)
    running.filter(started_at__gte=since).delete()


def resume(order: WorkOrder, target_key: str, *, met_at: datetime | None = None) -> None:
    """The last clock of the target was not met after all: what met it, at `met_at` if given, was undone."""
    last = OrderClock.objects.filter(order=order, target=target_key).order_by("-pk").values("pk")[:1]
    undone = OrderClock.objects.filter(pk__in=last)
    if met_at is not None:
        undone = undone.filter(met_at=met_at)
    undone.update(met_at=None)
