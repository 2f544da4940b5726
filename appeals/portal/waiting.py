"""Which appeals wait for their enterprise: to answer a question, or to say what it thinks of an answer."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from appeals.enums import OrderKind, OrderState, Status
from appeals.models import Appeal, WorkOrder
from enterprises.actors import Actor

_ASKING: Final = Exists(
    WorkOrder.objects.filter(appeal=OuterRef("pk"), kind=OrderKind.LEAD, state=OrderState.ASKING)
)
WAITING: Final = Q(status__in=(Status.ASKED, Status.ANSWERED)) | Q(status=Status.SUPERVISED) & Q(_ASKING)
"""The status says it, but for what is asked while a supervision goes on."""


def waiting(actor: Actor) -> QuerySet[Appeal]:
    """The enterprise's own that wait for it, the longest waiting first."""
    return Appeal.objects.all().of(actor).filter(WAITING).order_by("pk")
