"""Lines of lists of orders: each with its next deadline in words; and pages that stay where they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.desk.baskets import Basket, Moment, Rows
from appeals.enums import Mode, OrderKind, OrderState, Secrecy
from appeals.lights import first_clocks
from appeals.models import OrderClock, WorkOrder
from portal.kernel.durations import roughly

PAGE_SIZE: Final = 20
SPANS: Final = {
    "receive": gettext_lazy("接收"),
    "accept": gettext_lazy("接单"),
    "pick": gettext_lazy("接单"),
    "mediation": gettext_lazy("协调"),
    "promise": gettext_lazy("承诺"),
    "supervision": gettext_lazy("督办"),
    "handover": gettext_lazy("交办"),
}
"""Deadlines that are named in a line; the others are those of the work itself."""


@dataclass(frozen=True)
class Row:
    """An order in a list. `state` colours the deadline: done, due, late, or plain while it stands still."""

    order: WorkOrder
    clock: OrderClock | None
    now: dt.datetime

    @cached_property
    def state(self) -> str:
        return "plain" if self.clock is None else self.clock.light(self.now).colour

    @property
    def tags(self) -> list[tuple[Any, str]]:
        """What sets it apart from a plain new order, each with its colour."""
        order, appeal = self.order, self.order.appeal
        told = (
            (appeal.urgent, _("紧急"), "late"),
            (appeal.secrecy == Secrecy.CONFIDENTIAL, _("保密"), ""),
            (appeal.about_id, _("投诉"), ""),
            (appeal.anonymous, _("匿名"), ""),
            (appeal.problem_id, _("共性"), "brand"),
            (order.kind == OrderKind.SUPERVISION, _("督办"), "late"),
            (order.mode != Mode.DISPATCH, Mode(order.mode).label, "info"),
            (order.state != OrderState.WAITING, OrderState(order.state).label, ""),
        )
        return [(word, colour) for holds, word, colour in told if holds]

    @cached_property
    def words(self) -> str:
        """The deadline in words; empty without one."""
        if self.clock is None:
            return ""
        if self.clock.paused_at is not None:
            return _("暂停计时")
        name = str(SPANS.get(self.clock.target, ""))
        left = _("超 %(span)s") if self.state == "late" else _("还剩 %(span)s")
        words = f"{name} {left % {'span': roughly(abs(self.clock.due_at - self.now))}}".strip()
        may_move = self.clock.provisional and self.state != "late"
        return _("%(words)s（暂定）") % {"words": words} if may_move else words


def with_clocks(orders: Iterable[WorkOrder]) -> list[Row]:
    """The orders as lines; one query."""
    orders, now = list(orders), timezone.now()
    clocks = first_clocks(orders)
    return [Row(order, clocks.get(order.pk), now) for order in orders]


@dataclass(frozen=True)
class Slice:
    """A page of a list; `after` is where the next one begins, empty on the last."""

    rows: list[Row]
    after: str


def listed(basket: Basket, visible: Rows, moment: Moment, after: str) -> Slice:
    """The page behind the line `after`, by key and not by number: what leaves the list moves nothing.

    Three queries for any number of orders: which they are is found out in narrow rows, by an index. A key
    that is none begins at the top.
    """
    columns = ("pk", "due_at") if basket.by_due else ("pk",)
    keys = list(_behind(basket, basket.orders(visible, moment), after).values_list(*columns)[: PAGE_SIZE + 1])
    shown = keys[:PAGE_SIZE]
    orders = WorkOrder.objects.for_inbox().in_bulk([key[0] for key in shown])
    rows = with_clocks(orders[key[0]] for key in shown if key[0] in orders)
    return Slice(rows, _key(shown[-1]) if len(keys) > PAGE_SIZE else "")


def _key(last: tuple[Any, ...]) -> str:
    return f"{last[1].isoformat()}~{last[0]}" if len(last) > 1 else str(last[0])


def _behind(basket: Basket, found: Any, after: str) -> Any:
    if basket.by_due:
        return _behind_due(found, after)
    if not (after.isascii() and after.isdecimal() and len(after) <= 18):
        return found
    return found.filter(pk__lt=int(after)) if basket.newest_first else found.filter(pk__gt=int(after))


def _behind_due(found: Any, after: str) -> Any:
    at, _tilde, pk = after.partition("~")
    try:
        moment = parse_datetime(at)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment) or not (pk.isascii() and pk.isdecimal() and len(pk) <= 18):
        return found
    return found.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=int(pk)))
