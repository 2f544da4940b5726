"""What comes before a talk: the desk invites, enterprises say whether they come, and hand in topics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Talk, TalkGuest, TalkTopic
from appeals.models.talk import GuestState, TalkState
from appeals.talks.telling import tell_enterprises, tell_keepers
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from enterprises.models import Enterprise

MOST_TOPICS: Final = 5
"""Of one enterprise for one talk."""


def invite(talk: Talk, enterprises: Iterable[Enterprise]) -> int:
    """Put enterprises on the list and write to them; those on it already stay as they are. How many are new.

    Raises DomainError when the talk is not published, or over.
    """
    with transaction.atomic():
        _open(talk, lock=True)
        known = set(talk.guests.values_list("enterprise", flat=True))
        fresh = [each for each in enterprises if each.pk not in known]
        now = timezone.now()
        TalkGuest.objects.bulk_create(TalkGuest(talk=talk, enterprise=each, invited_at=now) for each in fresh)
        boxes = [(each.pk, each.mailbox_id) for each in fresh]
        with in_language_of_record():
            tell_enterprises(talk, boxes, "talk-invite", _("邀请您参加恳谈会，请回复是否到会"))
    return len(fresh)


def answer(actor: Actor, talk: Talk, *, coming: bool, name: str, phone: str) -> TalkGuest:
    """The enterprise comes, or not; also uninvited. Raises DomainError when no seat is left."""
    with transaction.atomic():
        _open(talk, lock=True)
        guest = TalkGuest.objects.select_for_update().filter(talk=talk, enterprise=actor.enterprise).first()
        before = guest.state if guest else None
        guest = guest or TalkGuest(talk=talk, enterprise=actor.enterprise)
        guest.state = GuestState.COMING if coming else GuestState.DECLINED
        guest.name, guest.phone = name.strip(), phone.strip()
        guest.answered_at = timezone.now()
        if not guest.name:
            raise DomainError(_("请填写谁来参加。"), code="who")
        try:
            with transaction.atomic():
                guest.save()
        except IntegrityError as error:
            if "appeals_talkguest_seats" in str(error) or "no seat left" in str(error):
                raise DomainError(_("名额已满。可以书面提交题目，会后一样转办答复。"), code="full") from error
            raise
        if guest.state != before:
            said = _("报名到会") if coming else _("不到会")
            words = {"firm": actor.enterprise.name, "said": said}
            key = f"talk-answer:{guest.pk}:{guest.answered_at.timestamp():.0f}"
            with in_language_of_record():
                tell_keepers(talk, key, _("%(firm)s%(said)s") % words)
    return guest


def hand_in(actor: Actor, talk: Talk, title: str, text: str) -> TalkTopic:
    """Hand in a topic while topics are collected. Raises DomainError on other days, and for one too many."""
    topic = TalkTopic(
        talk=talk,
        enterprise=actor.enterprise,
        title=title.strip(),
        text=text.strip(),
        submitted_by=actor.user,
    )
    with transaction.atomic():
        now = _open(talk, lock=True)
        if not now.opens_on <= timezone.localdate() <= now.closes_on:
            raise DomainError(_("现在不收题。有问题可以直接提诉求。"), code="closed")
        if talk.topics.filter(enterprise=actor.enterprise).count() >= MOST_TOPICS:
            raise DomainError(_("每家最多 %(most)d 个题目。") % {"most": MOST_TOPICS}, code="too_many")
        if not talk.guests.filter(enterprise=actor.enterprise).exclude(name="").exists():
            raise DomainError(_("请先填写是否到会、由谁联系。"), code="who")
        try:
            topic.full_clean(exclude=["submitted_by"])
        except ValidationError as error:
            raise DomainError("\n".join(error.messages), code="incomplete") from error
        topic.save()
        words = {"firm": actor.enterprise.name, "title": topic.title}
        with in_language_of_record():
            tell_keepers(talk, f"talk-topic:{topic.pk}", _("%(firm)s提交题目：%(title)s") % words)
    return topic


def take_back(actor: Actor, topic: TalkTopic) -> None:
    """Take one's own topic back while topics are collected. Raises DomainError afterwards."""
    with transaction.atomic():
        talk = _open(topic.talk, lock=True)
        if timezone.localdate() > talk.closes_on:
            raise DomainError(_("收题已截止，不能撤回。"), code="closed")
        TalkTopic.objects.filter(pk=topic.pk, enterprise=actor.enterprise, appeal=None).delete()


def _open(talk: Talk, *, lock: bool = False) -> Talk:
    rows = Talk.objects.select_for_update(no_key=True) if lock else Talk.objects.all()
    now = rows.get(pk=talk.pk)
    if now.state != TalkState.OPEN or now.held_at <= timezone.now():
        raise DomainError(_("恳谈会没有发布，或者已经结束。"), code="not_open")
    return now
