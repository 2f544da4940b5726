"""Messages of talks: to enterprises on the list, to those who run it, to departments that attend."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Talk, TalkEvent, TalkGuest, TalkTopic
from appeals.models.talk import GuestState
from appeals.talks.acting import KEEPERS
from enterprises.models import Enterprise
from portal.accounts.models import Posting
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.notifications.services import Draft, send_messages

KIND = "talk"


@in_language_of_record()
def when_and_where(talk: Talk) -> str:
    """The talk in one line."""
    at = timezone.localtime(talk.held_at).strftime("%Y-%m-%d %H:%M")
    return _("%(title)s，%(at)s，%(place)s") % {"title": talk.title, "at": at, "place": talk.place}


@in_language_of_record()
def tell_enterprises(talk: Talk, enterprises: Iterable[tuple[int, int]], key: str, title: str) -> None:
    """Write to enterprises, given as (id, mailbox); the link is the talk on their pages."""
    body = when_and_where(talk)
    send_messages(
        Draft(box, f"{key}:{talk.pk}", KIND, title, body, f"/e/{pk}/talks/{talk.pk}/")
        for pk, box in enterprises
    )


def tell_list(talk: Talk, event: TalkEvent, title: str) -> None:
    """Write to every enterprise on the list that did not decline, and to those that handed in topics."""
    guests = TalkGuest.objects.filter(talk=talk).exclude(state=GuestState.DECLINED)
    wrote = TalkTopic.objects.filter(talk=talk)
    concerned = Q(pk__in=guests.values("enterprise")) | Q(pk__in=wrote.values("enterprise"))
    rows = Enterprise.objects.filter(concerned)
    boxes = rows.order_by("pk").values_list("pk", "mailbox")
    tell_enterprises(talk, boxes, f"talkevent:{event.pk}", title)


def tell_keepers(talk: Talk, key: str, title: str, body: str = "") -> None:
    """Write to those who run the talk."""
    _tell(talk, [talk.host_id], KEEPERS, key, (title, body or when_and_where(talk)))


def tell_attending(talk: Talk, event: TalkEvent, title: str) -> None:
    """Write to the departments that attend."""
    places = list(talk.attending.exclude(pk=talk.host_id).values_list("pk", flat=True))
    key = f"talkevent:{event.pk}"
    _tell(talk, places, (Role.HANDLER, Role.LEADER), key, (title, when_and_where(talk)))


def _tell(talk: Talk, places: list[int], roles: Iterable[str], key: str, words: tuple[str, str]) -> None:
    postings = Posting.objects.filter(department__in=places, role__in=roles, user__is_active=True)
    rows = postings.exclude(user__mailbox=None).order_by("-pk")
    at = dict(rows.values_list("user__mailbox", "department"))
    send_messages(
        Draft(box, f"{key}:{talk.pk}", KIND, *words, f"/desk/{place}/talks/{talk.pk}/")
        for box, place in at.items()
    )
