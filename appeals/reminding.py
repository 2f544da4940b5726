"""Reminders of orders' deadlines: they climb as `portal.kernel.escalation` says, to `Recipients`."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from appeals.models import ClockTarget, OrderClock, OrderEvent, ReminderLevel, WorkOrder
from appeals.models.clock import NOT_OURS
from appeals.recipients import Recipients
from appeals.telling import discreet, outward
from portal.kernel.escalation import Ladder, Rung, climb, title_of
from portal.notifications.services import Draft, send_messages

LADDER: Final = Ladder(OrderClock, "order", OrderEvent, ClockTarget, ReminderLevel, aside=NOT_OURS)


def remind(now: dt.datetime) -> int:
    """Tell of every clock whose next level is due; how many levels were taken. Nothing after hours."""
    return climb(LADDER, now, _tell)


def _tell(taken: dict[int, Rung], now: dt.datetime) -> None:
    """One message for each clock and light to whoever is to know; who is of two levels is told once."""
    clocks: dict[int, OrderClock] = OrderClock.objects.in_bulk(list(taken))
    orders = WorkOrder.objects.for_lists().in_bulk({clock.order_id for clock in clocks.values()})
    recipients = Recipients(list(orders.values()), timezone.localdate(now))
    labels = dict(ClockTarget.objects.values_list("key", "label"))
    send_messages(
        Draft(
            mailbox=mailbox,
            key=f"orderclock:{pk}:{rung.light}",
            kind="order",
            title=title_of(labels.get(clocks[pk].target, clocks[pk].target), clocks[pk].due_at, rung),
            body=discreet(orders[clocks[pk].order_id].appeal),
            url=url,
            payload=outward(orders[clocks[pk].order_id].appeal),
        )
        for pk, rung in taken.items()
        for mailbox, url in recipients.of(orders[clocks[pk].order_id], rung.whom).items()
    )
