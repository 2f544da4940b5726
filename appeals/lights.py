"""The light of an order, one definition for all pages: that of the running clock which is due first.

Clocks that run on the enterprise count for none; an order of which all stand still shows that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from appeals.models import OrderClock, WorkOrder
from appeals.models.clock import NOT_OURS

Rows = QuerySet[WorkOrder]
HURRYING = Q(clocks__met_at=None, clocks__paused_at=None) & ~Q(clocks__target__in=NOT_OURS)
"""Clocks of orders that colour them."""


def first_clocks(orders: Iterable[WorkOrder]) -> dict[int, OrderClock]:
    """The clock whose light each order shows, one that stands still when no other runs; one query."""
    pks = [order.pk for order in orders]
    waiting: Any = OrderClock.objects.filter(order__in=pks, met_at=None).exclude(target__in=NOT_OURS)
    first: dict[int, OrderClock] = {}
    for clock in waiting.order_by(F("paused_at").desc(nulls_first=True), "due_at", "pk"):
        first.setdefault(clock.order_id, clock)
    return first


def first_due(rows: Rows) -> Any:
    """Orders with a running clock; `due_at` and `warn_at` are of the one whose light they show."""
    before = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("due_clock"))
    earlier = OrderClock.objects.filter(before, order=OuterRef("pk"), met_at=None, paused_at=None)
    found: Any = rows.annotate(running=FilteredRelation("clocks", condition=HURRYING))
    found = found.annotate(
        due_at=F("running__due_at"), warn_at=F("running__warn_at"), due_clock=F("running__pk")
    )
    return found.filter(~Exists(earlier.exclude(target__in=NOT_OURS)), due_at__isnull=False)
