"""What waits for an enterprise: appeals to add to or to rate, visits to confirm, talks to reply to."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from appeals.enums import OrderKind, OrderState, Status
from appeals.models import Appeal, TalkGuest, Visit, WorkOrder
from appeals.models.talk import GuestState, TalkState
from appeals.models.visit import VisitState
from enterprises.actors import Actor

_ASKING: Final = Exists(
    WorkOrder.objects.filter(appeal=OuterRef("pk"), kind=OrderKind.LEAD, state=OrderState.ASKING)
)
WAITING: Final = Q(status__in=(Status.ASKED, Status.ANSWERED)) | Q(status=Status.SUPERVISED) & Q(_ASKING)
"""The status says it, but for what is asked while a supervision goes on."""


def waiting(actor: Actor) -> QuerySet[Appeal]:
    """The enterprise's own that wait for it, the longest waiting first."""
    return Appeal.objects.all().of(actor).filter(WAITING).order_by("pk")


def unconfirmed(actor: Actor) -> QuerySet[Visit]:
    """Records of visits that the enterprise has not confirmed yet, the oldest first."""
    rows = Visit.objects.filter(pairing__enterprise=actor.enterprise, state=VisitState.DONE)
    return rows.select_related("pairing__officer").order_by("visited_at", "pk")


def invitations(actor: Actor) -> QuerySet[TalkGuest]:
    """Invitations to talks still to come that the enterprise has not replied to, the next talk first."""
    ahead = TalkGuest.objects.filter(talk__state=TalkState.OPEN, talk__held_at__gt=timezone.now())
    rows = ahead.filter(enterprise=actor.enterprise, state=GuestState.INVITED)
    return rows.select_related("talk").order_by("talk__held_at", "pk")
