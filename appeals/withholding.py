"""What was written of an appeal and has not left the portal yet, judged by how the appeal stands now.

A letter may wait for the morning, an event for a system that was down: meanwhile an appeal may have become a
complaint, confidential or anonymous, and an official have moved to the department complained of.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.db.models import QuerySet

from appeals.enums import Secrecy
from appeals.hooks import WATCHED
from appeals.models import Appeal, AppealEvent, OrderEvent
from portal.accounts.models import Posting
from portal.notifications.models import Delivery
from portal.notifications.withholding import Leaving, Say, may_leave

TO_ENTERPRISE: Final = "appeal"
"""Kind of the messages to the enterprise itself, which knows what it complained of."""


@may_leave
def still_told(leaving: Leaving) -> Say:
    """How much of a letter or an event may be told, judged now."""
    if isinstance(leaving, Delivery):
        return _of_letter(leaving)
    kind, _dash, pk = leaving.event.partition("-")
    if kind not in WATCHED:
        return Say.ALL
    appeal = _appeal_of(kind, pk)
    if appeal is None or appeal.about_id or appeal.secrecy == Secrecy.CONFIDENTIAL:
        return Say.NOTHING
    return Say.NOTHING if appeal.anonymous and _names_somebody(leaving.body) else Say.ALL


def _of_letter(delivery: Delivery) -> Say:
    message = delivery.message
    if message is None or "appeal" not in message.payload:
        return Say.ALL
    appeal = Appeal.objects.filter(pk=message.payload["appeal"]).first()
    if appeal is None or _is_of_the_accused(delivery, appeal, message.kind):
        return Say.NOTHING
    secret = appeal.about_id or appeal.anonymous or appeal.secrecy == Secrecy.CONFIDENTIAL
    return Say.THAT if secret else Say.ALL


def _is_of_the_accused(delivery: Delivery, appeal: Appeal, kind: str) -> bool:
    """Whether it would reach the department complained of, or somebody who is posted there."""
    if not appeal.about_id or kind == TO_ENTERPRISE:
        return False
    channel = delivery.channel
    if channel.department_id:
        return channel.department_id == appeal.about_id
    return Posting.objects.filter(department=appeal.about_id, user=channel.user_id).exists()


def _appeal_of(kind: str, pk: str) -> Appeal | None:
    """The appeal of an event row."""
    if kind == AppealEvent._meta.model_name:
        rows: QuerySet[Any, Any] = AppealEvent.objects.filter(pk=pk).values("subject")
    else:
        rows = OrderEvent.objects.filter(pk=pk).values("subject__appeal")
    return Appeal.objects.filter(pk__in=rows).first()


def _names_somebody(body: str) -> bool:
    data = json.loads(body)["data"]
    return bool(data.get("enterprise") or data.get("contact"))
