"""What an enterprise has received: what the treasury had paid before a day and not taken back by then.

The transfers are only ever added to, so the answer for a day is the same whenever it is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.utils import timezone

from policies.models import ItemVersion, PolicyItem, Transfer
from policies.models.money.payment import TransferKind


def received_by(enterprise_id: int, item: PolicyItem, *, before: dt.date) -> dict[str, int]:
    """Fen of this item, and of all items of its exclusivity group, itself included: one query."""
    moved = _moved(item, before).filter(payment__enterprise=enterprise_id)
    sums = moved.aggregate(**_sums(item))
    return {"item": int(sums["of_item"]), "group": int(sums["of_group"])}


def received_among(item: PolicyItem, *, before: dt.date) -> dict[int, dict[str, int]]:
    """The same for every enterprise that has received anything, by id: one query."""
    by_enterprise = _moved(item, before).values("payment__enterprise").annotate(**_sums(item))
    rows: Iterable[Any] = by_enterprise
    return {
        row["payment__enterprise"]: {"item": int(row["of_item"]), "group": int(row["of_group"])}
        for row in rows
    }


def _moved(item: PolicyItem, before: dt.date) -> QuerySet[Transfer]:
    """What was paid and taken back before the day's midnight, of the item and its group."""
    midnight = timezone.make_aware(dt.datetime.combine(before, dt.time.min))
    moved = Transfer.objects.filter(kind__in=(TransferKind.POST, TransferKind.REVERSE), at__lt=midnight)
    return moved.filter(_of_item(item) | _of_group(item)).order_by()


def _of_item(item: PolicyItem) -> Q:
    return Q(payment__award__item=item)


def _of_group(item: PolicyItem) -> Q:
    """Awards made under a group that any published version of the item stands in."""
    groups = ItemVersion.objects.filter(item=item, published_at__isnull=False).exclude(exclusivity_group="")
    return Q(payment__award__exclusivity_group__in=groups.values("exclusivity_group"))


def _sums(item: PolicyItem) -> dict[str, Any]:
    signed = Case(When(kind=TransferKind.POST, then=F("amount_fen")), default=-F("amount_fen"))
    return {
        "of_item": Sum(signed, filter=_of_item(item), default=0),
        "of_group": Sum(signed, default=0),
    }
