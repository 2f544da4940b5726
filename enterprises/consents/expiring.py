"""The end of consents is announced to both sides, some days before and when it comes; each once."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from enterprises.consents import telling
from enterprises.models import Consent, ConsentNotice
from enterprises.models.consents import NoticeKind

AHEAD: Final = dt.timedelta(days=7)
"""So long before its end a consent is announced, unless it was given for no longer than that."""
MOST: Final = 500
"""Of each kind at one go; the next one takes the rest."""
TELL: Final = {NoticeKind.SOON: telling.tell_soon, NoticeKind.ENDED: telling.tell_ended}


def announce(now: dt.datetime) -> int:
    """Announce what is due and was not; returns how many. Safe to do twice, and by two at once."""
    live = Consent.objects.live(now).filter(until__lte=now + AHEAD, given_at__lt=F("until") - AHEAD)
    over = Consent.objects.filter(revoked_at=None, until__lte=now)
    return _announce(live, NoticeKind.SOON, now) + _announce(over, NoticeKind.ENDED, now)


def _announce(consents: QuerySet[Consent], kind: NoticeKind, now: dt.datetime) -> int:
    said = ConsentNotice.objects.filter(consent=OuterRef("pk"), kind=kind)
    due = consents.filter(~Exists(said)).order_by("until", "pk").values_list("pk", flat=True)
    return sum(_tell(pk, kind, now) for pk in list(due[:MOST]))


@transaction.atomic
def _tell(pk: int, kind: NoticeKind, now: dt.datetime) -> bool:
    """False when it was revoked meanwhile, or another is just saying it."""
    rows = Consent.objects.select_for_update(of=("self",), skip_locked=True)
    consent = rows.select_related("enterprise", "grantee").filter(pk=pk, revoked_at=None).first()
    if consent is None or consent.notices.filter(kind=kind).exists():
        return False
    ConsentNotice.objects.create(consent=consent, kind=kind, at=now)
    TELL[kind](consent)
    return True
