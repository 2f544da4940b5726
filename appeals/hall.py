"""The grab hall as it stands: what is open, who has just won, what every provider may take.

One picture serves all viewers of a process for `KEEP` seconds: what 300 of them ask every few seconds costs
the database a handful of queries. `digest` says whether anything changed.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import Mode, OrderState, Secrecy
from appeals.models import Provider, WorkOrder
from appeals.qualifying import BUSY, Rights, why_not

KEEP: Final = 2.0
"""Seconds for which a picture is shown; a page opened anew takes a new one."""
RECENT: Final = timedelta(minutes=15)
"""How long the hall says who won an order."""
WINS_SHOWN: Final = 6
EXCERPT: Final = 120
URGENT: Final = timedelta(minutes=30)
SOON: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class HallOrder:
    """An open order, without a word of who asks: that is for the winner."""

    pk: int
    number: str
    title: str
    excerpt: str
    category: int | None
    category_label: str
    market: bool
    complexity: str
    place: str
    urgent: bool
    until: datetime

    @property
    def state(self) -> str:
        """The colour of what is left of the window: late, due or done."""
        return state_of(self.until, timezone.now())

    @property
    def left(self) -> str:
        """What is left of the window, in words."""
        return left_words(self.until, timezone.now())


@dataclass(frozen=True, slots=True)
class Win:
    """Who got an order a moment ago."""

    number: str
    title: str
    holder: str
    provider: int
    at: datetime


@dataclass(frozen=True)
class Hall:
    """The hall at a moment. `rights` are those of every provider, by id."""

    orders: tuple[HallOrder, ...]
    wins: tuple[Win, ...]
    rights: dict[int, Rights] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Changes with what the hall shows to everybody; rights are each viewer's own."""
        return _digest(self.orders, self.wins)

    @cached_property
    def rights_digest(self) -> str:
        """Changes with what any provider may take: the desk shows how many could."""
        return _digest([(each, sorted(each.categories)) for each in self.rights.values()])

    def for_provider(self, provider: int) -> list[tuple[HallOrder, str]]:
        """Every order with why the provider may not take it; empty when it may."""
        rights = self.rights[provider]
        return [(order, why_not(rights, order.category, market=order.market)) for order in self.orders]


def read_hall() -> Hall:
    """The hall as the database has it now; six queries for any number of orders and viewers."""
    now = timezone.now()
    return Hall(_orders(now), _wins(now), _rights())


class _Keeper:
    """Keeps one picture; of several threads that find it old one takes the new one."""

    def __init__(self, read: Callable[[], Hall]) -> None:
        self._read, self._lock = read, threading.Lock()
        self._kept: tuple[float, Hall] | None = None

    def get(self, *, fresh: bool) -> Hall:
        kept = self._kept
        if kept and not fresh and time.monotonic() - kept[0] < KEEP:
            return kept[1]
        with self._lock:
            if self._kept is not None and self._kept is not kept and not fresh:
                return self._kept[1]
            self._kept = (time.monotonic(), self._read())
            return self._kept[1]


_keeper = _Keeper(read_hall)


def hall(*, fresh: bool = False) -> Hall:
    """The hall, at most `KEEP` seconds old; `fresh` as it is now."""
    return _keeper.get(fresh=fresh)


def left_words(until: datetime, now: datetime) -> str:
    """How long is left: `2 天 3 小时`, `3 小时 5 分`, `12 分`."""
    minutes = int((until - now).total_seconds() // 60)
    if minutes < 0:
        return _("已截止")
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("%(days)d 天 %(hours)d 小时") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)d 分") % {"minutes": minutes}


def state_of(until: datetime, now: datetime) -> str:
    """Colour of a window by what is left of it."""
    if until - now <= URGENT:
        return "late"
    return "due" if until - now <= SOON else "done"


def _digest(*shown: object) -> str:
    """The same for the same contents, on every process."""
    return hashlib.blake2b(repr(shown).encode(), digest_size=8).hexdigest()


def _orders(now: datetime) -> tuple[HallOrder, ...]:
    """Open ones by time left. What is confidential, or complains of somebody, is for no hall."""
    rows = WorkOrder.objects.filter(
        state=OrderState.OPEN,
        window_from__lte=now,
        window_to__gt=now,
        appeal__about=None,
        appeal__secrecy=Secrecy.OPEN,
    )
    rows = rows.select_related("appeal__category").order_by("window_to", "pk")
    return tuple(_order(row) for row in rows)


def _order(row: WorkOrder) -> HallOrder:
    appeal, category = row.appeal, row.appeal.category
    assert row.window_to is not None  # noqa: S101 - the constraint appeals_order_window
    return HallOrder(
        pk=row.pk,
        number=appeal.number,
        title=appeal.title,
        excerpt=appeal.text[:EXCERPT],
        category=appeal.category_id,
        category_label=category.label if category else _("未分类"),
        market=category.market if category else False,
        complexity=appeal.get_complexity_display(),
        place=appeal.place,
        urgent=appeal.urgent,
        until=row.window_to,
    )


def _wins(now: datetime) -> tuple[Win, ...]:
    rows = WorkOrder.objects.filter(
        state=OrderState.HANDLING, mode=Mode.GRAB, held_at__gt=now - RECENT, provider__isnull=False
    )
    rows = rows.select_related("appeal", "provider").order_by("-held_at", "-pk")[:WINS_SHOWN]
    return tuple(
        Win(row.appeal.number, row.appeal.title, row.holder, row.provider_id or 0, row.held_at or now)
        for row in rows
    )


def _rights() -> dict[int, Rights]:
    served: dict[int, set[int]] = defaultdict(set)
    for provider, category in Provider.categories.through._default_manager.values_list(
        "provider_id", "category_id"
    ):
        served[provider].add(category)
    carried = WorkOrder.objects.filter(provider__isnull=False, state__in=BUSY).order_by()
    loads = dict(carried.values_list("provider").annotate(Count("pk")))
    rows = Provider.objects.order_by("pk").values_list("pk", "team__kind", "standing", "cap")
    return {
        pk: Rights(pk, kind, standing, cap, loads.get(pk, 0), frozenset(served[pk]))
        for pk, kind, standing, cap in rows
    }
