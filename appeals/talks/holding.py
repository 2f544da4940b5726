"""A talk is published, changed, called off, held. Each step is an event, and those concerned are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Talk, TalkEvent
from appeals.models.talk import TalkState
from appeals.steps import said
from appeals.talks.telling import tell_attending, tell_list
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import Department, User

TOLD = ("held_at", "place")
"""What the guests must know when it changes."""


def keep(talk: Talk, attending: list[Department], *, by: User) -> Talk:
    """Write a new or changed talk. Of a published one, time and place that changed are told to its guests.

    Raises DomainError for one that is over, and for fewer seats than are taken.
    """
    with transaction.atomic():
        before = Talk.objects.select_for_update().filter(pk=talk.pk).first()
        if before is not None and before.state not in (TalkState.DRAFT, TalkState.OPEN):
            raise DomainError(_("恳谈会已召开或已取消，不能再改。"), code="over")
        try:
            with transaction.atomic():
                talk.save()
        except IntegrityError as error:
            if "appeals_talk_seats_taken" in str(error):
                raise DomainError(_("名额不能少于已报名的企业数。"), code="seats") from error
            raise
        talk.attending.set(attending)
        name = "change" if before else "create"
        event = TalkEvent.objects.create(
            subject=talk, actor=by, name=name, source=talk.state, target=talk.state
        )
        published = before is not None and before.state == TalkState.OPEN
        if published and any(getattr(before, field) != getattr(talk, field) for field in TOLD):
            with in_language_of_record():
                tell_list(talk, event, _("恳谈会时间或地点有变，请留意"))
                tell_attending(talk, event, _("恳谈会时间或地点有变，请留意"))
    return talk


def publish(talk: Talk, *, by: User) -> None:
    """Let enterprises see it and hand in topics. Raises DomainError for a day that is over."""
    if talk.held_at <= timezone.now():
        raise DomainError(_("召开时间已过，请先改时间。"), code="past")
    with transaction.atomic():
        event = advance(talk, "publish", actor=by, public=True)
        with in_language_of_record():
            tell_attending(talk, event, _("请贵单位参加恳谈会"))


def call_off(talk: Talk, reason: str, *, by: User) -> None:
    """It does not take place; topics may still be handed over. Raises DomainError without a reason."""
    reason = said(reason, _("请写明取消原因。"))
    with transaction.atomic():
        event = advance(talk, "call_off", actor=by, comment=reason, public=True)
        with in_language_of_record():
            tell_list(talk, event, _("恳谈会取消：%(reason)s") % {"reason": reason[:100]})
            tell_attending(talk, event, _("恳谈会取消"))


def hold(talk: Talk, minutes: str, *, by: User) -> None:
    """It took place: its minutes. Raises DomainError before its time and without words."""
    minutes = said(minutes, _("请写明会议纪要。"))
    if talk.held_at > timezone.now():
        raise DomainError(_("还没到召开时间，开完会再登记纪要。"), code="early")
    advance(talk, "hold", actor=by, changes={"minutes": minutes}, public=True)
