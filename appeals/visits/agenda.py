"""What there is to talk about on a visit: the enterprise's open appeals."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from django.db.models import Q

from appeals.enums import Secrecy, Status
from appeals.models import Appeal
from appeals.models.appeal import AppealQuerySet
from enterprises.models import Enterprise

OVER: Final = (Status.CLOSED, Status.REFUSED, Status.MERGED, Status.WITHDRAWN)
MOST: Final = 20
_NOTE: Final = re.compile(r"note-([0-9]{1,18})", re.ASCII)


def told_to_officials() -> AppealQuerySet:
    """What a paired official may know of: no complaint, nothing anonymous, nothing confidential."""
    rows: AppealQuerySet = Appeal.objects.filter(about=None, anonymous=False, secrecy=Secrecy.OPEN)
    return rows


def agenda(enterprise: Enterprise, also: Collection[str] = ()) -> list[Appeal]:
    """The enterprise's appeals that are not over, and those with the numbers `also`, the oldest first."""
    wanted = ~Q(status__in=OVER) | Q(number__in=also)
    rows = told_to_officials().filter(wanted, enterprise=enterprise)
    return list(rows.select_related("category").order_by("pk")[:MOST])


def noted(enterprise: Enterprise, names: Iterable[str]) -> list[Appeal]:
    """Those of its appeals that a sent form has a box for; some may have closed since."""
    keys = [int(found[1]) for name in names if (found := _NOTE.fullmatch(name))]
    return list(told_to_officials().filter(enterprise=enterprise, pk__in=keys).order_by("pk"))
