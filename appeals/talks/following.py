"""What follows a talk: topics answered on the spot, and topics that become appeals with two clocks.

Handed over within two working days, answered within two weeks: the targets `handover` and `reply`. For an
appeal of a talk `reply` is the clock of the work itself (`placing.span_of`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines
from appeals.dispatching import dispatch
from appeals.enums import OrderKind, Source
from appeals.filing import Filing, file_appeal
from appeals.models import Appeal, OrderClock, TalkTopic, WorkOrder
from appeals.models.talk import TalkState
from appeals.placing import Target
from appeals.talks.telling import tell_enterprises
from appeals.visits.coverage import solved
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record

if TYPE_CHECKING:
    from portal.accounts.models import User

OVER = (TalkState.HELD, TalkState.CANCELLED)


def answer_on_the_spot(topic: TalkTopic, note: str, *, by: User) -> None:
    """Keep what was answered at the talk, for the enterprise. Raises DomainError for an appeal's topic."""
    note = note.strip()
    with transaction.atomic():
        now = _held(topic)
        if now.appeal_id is not None:
            raise DomainError(_("题目已转为诉求，答复请在工单里写。"), code="appeal")
        changed = bool(note) and note != now.note
        TalkTopic.objects.filter(pk=now.pk).update(note=note)
        if changed:
            box = [(now.enterprise_id, now.enterprise.mailbox_id)]
            with in_language_of_record():
                title = _("您的恳谈题目有新的答复") if now.note else _("您的恳谈题目有现场答复")
            tell_enterprises(now.talk, box, f"talk-note:{now.pk}:{time.time_ns()}", title)
    topic.note = note


def hand_over(topic: TalkTopic, target: Target | None, *, by: User) -> Appeal:
    """Make the topic an appeal; given a target it is handed over at once. Said twice it is one appeal.

    Raises DomainError before the talk is over.
    """
    with transaction.atomic():
        now = _held(topic)
        if now.appeal is not None:
            return now.appeal
        appeal = file_appeal(
            now.enterprise, _filing(now), by=by, source=Source.TALK, key=f"talk-topic:{now.pk}"
        )
        TalkTopic.objects.filter(pk=now.pk).update(appeal=appeal)
        order = WorkOrder.objects.select_for_update().get(appeal=appeal, kind=OrderKind.LEAD)
        at = timezone.now()
        for key in ("handover", "reply"):
            deadlines.begin(order, key, at=at)
        if target is not None:
            note = _("恳谈会“%(title)s”交办") % {"title": now.talk.title}
            dispatch(order, target, by=by, note=note)
    topic.appeal = appeal
    return appeal


def followed(talks: QuerySet[Any]) -> QuerySet[TalkTopic]:
    """Topics of the talks that became appeals, with their deadline and whether they are solved."""
    rows = TalkTopic.objects.filter(talk__in=talks, appeal__isnull=False)
    running = OrderClock.objects.filter(
        order__appeal=OuterRef("appeal"), target__in=("handover", "reply"), met_at=None
    ).order_by("due_at", "pk")
    good = Appeal.objects.filter(solved(), pk=OuterRef("appeal"))
    found = rows.annotate(
        due_at=running.values("due_at")[:1], clock=running.values("target")[:1], solved=Exists(good)
    )
    return found.select_related("talk", "enterprise", "appeal").order_by("-talk__held_at", "talk", "pk")


def _held(topic: TalkTopic) -> TalkTopic:
    rows = TalkTopic.objects.select_for_update(of=("self",)).select_related("talk", "enterprise", "appeal")
    now = rows.select_related("submitted_by").get(pk=topic.pk)
    if now.talk.state not in OVER:
        raise DomainError(_("恳谈会还没开完，开完登记纪要后再答复、转办。"), code="not_over")
    return now


def _filing(topic: TalkTopic) -> Filing:
    """Whom to call is who came, else who handed the topic in."""
    guest = topic.talk.guests.filter(enterprise=topic.enterprise_id).first()
    writer = topic.submitted_by
    return Filing(
        title=topic.title,
        text=topic.text,
        contact_name=(guest.name if guest else "") or (str(writer) if writer else topic.enterprise.name[:50]),
        contact_phone=(guest.phone if guest else "") or (writer.mobile if writer else "") or _("未留电话"),
        region=topic.enterprise.region_id,
    )
