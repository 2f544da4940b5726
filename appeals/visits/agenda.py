"""What there is to talk about on a visit: the enterprise's open appeals."""

from __future__ import annotations

from typing import Final

from appeals.enums import Secrecy, Status
from appeals.models import Appeal
from appeals.models.appeal import AppealQuerySet
from enterprises.models import Enterprise

OVER: Final = (Status.CLOSED, Status.REFUSED, Status.MERGED, Status.WITHDRAWN)
MOST: Final = 20


def told_to_officials() -> AppealQuerySet:
    """What a paired official may know of: no complaint, nothing anonymous, nothing confidential."""
    rows: AppealQuerySet = Appeal.objects.filter(about=None, anonymous=False, secrecy=Secrecy.OPEN)
    return rows


def agenda(enterprise: Enterprise) -> list[Appeal]:
    """The enterprise's appeals that are not over, the oldest first; one query."""
    rows = told_to_officials().filter(enterprise=enterprise).exclude(status__in=OVER)
    return list(rows.select_related("category").order_by("pk")[:MOST])
