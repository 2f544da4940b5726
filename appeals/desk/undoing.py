"""The bar that offers to undo one's own last step for two minutes; the session keeps it, without a query."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from appeals.desk.steps import UNDOABLE
from appeals.dispatching import UNDO_WITHIN
from appeals.models import WorkOrder

KEY: Final = "desk_undo"


@dataclass(frozen=True, slots=True)
class Undo:
    """What may still be undone, until when."""

    order: int
    words: str
    until: dt.datetime


def remember(request: HttpRequest, step: str, order: WorkOrder, words: str) -> None:
    """Offer to undo the step, when it is one that can be."""
    if step in UNDOABLE:
        until = timezone.now() + UNDO_WITHIN
        request.session[KEY] = {"order": order.pk, "words": words, "until": until.isoformat()}
    else:
        forget(request)


def forget(request: HttpRequest) -> None:
    """Nothing is to be undone any more."""
    request.session.pop(KEY, None)


def pending(request: HttpRequest) -> Undo | None:
    """What may still be undone now; whether the service agrees shows when it is tried."""
    kept = request.session.get(KEY)
    if not kept:
        return None
    until = dt.datetime.fromisoformat(kept["until"])
    return Undo(kept["order"], kept["words"], until) if until > timezone.now() else None
