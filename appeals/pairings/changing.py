"""An official is given an enterprise, or leaves it. Nothing is overwritten: the old pairing gets its end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Pairing, Visit
from appeals.models.visit import VisitState
from enterprises.models import Status
from enterprises.services.locks import take_turn
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from enterprises.models import Enterprise
    from portal.accounts.models import Officer, User

GONE = (Status.REVOKED, Status.CANCELLED)


def wait_turn() -> None:
    """Change pairings alone until the transaction ends; needs a transaction."""
    take_turn("pairings", 0)


def pair(enterprise: Enterprise, officer: Officer, *, since: dt.date) -> Pairing:
    """Give the enterprise to the official from a day on; who had it before ends with that day.

    Visits planned from then on go to the new official. The same pair again is the pairing there is. Raises
    DomainError for an official who looks after another one, and for days that do not fit.
    """
    with transaction.atomic():
        wait_turn()
        before = Pairing.objects.live().filter(enterprise=enterprise).select_related("officer").first()
        if before is not None and before.officer_id == officer.pk:
            return before
        if before is not None:
            close(before, since)
        return begin(enterprise, officer, since, after=before)


def begin(enterprise: Enterprise, officer: Officer, since: dt.date, *, after: Pairing | None) -> Pairing:
    """A new pairing; it takes over what was planned in the one before. Needs the turn; raises DomainError."""
    _check(enterprise, officer, since)
    now = Pairing.objects.create(officer=officer, enterprise=enterprise, since=since)
    if after is not None:
        after.visits.filter(state=VisitState.PLANNED, planned_on__gte=since).update(pairing=now)
    return now


def close(pairing: Pairing, day: dt.date) -> None:
    """The pairing no longer holds from a day on. Needs the turn; raises DomainError for a wrong day."""
    if day < pairing.since:
        since = {"name": pairing.officer.name, "day": pairing.since.isoformat()}
        raise DomainError(_("%(name)s自 %(day)s 起结对，新的日期不能早于这一天。") % since, code="too_early")
    if day > timezone.localdate():
        raise DomainError(_("日期不能晚于今天。"), code="future")
    pairing.until = day
    pairing.save(update_fields=["until"])


def end(pairing: Pairing, *, on: dt.date, by: User | None) -> None:
    """The official no longer looks after the enterprise from a day on; planned visits are called off."""
    with transaction.atomic():
        wait_turn()
        live = Pairing.objects.live().filter(pk=pairing.pk).select_related("officer").first()
        if live is None:
            raise DomainError(_("这对结对已经结束，请刷新页面。"), code="ended")
        close(live, on)
        for visit in Visit.objects.filter(pairing=live, state=VisitState.PLANNED).order_by("pk"):
            with in_language_of_record():
                advance(visit, "call_off", actor=by, comment=_("结对已结束"))
    pairing.until = on


def check_serving(officer: Officer) -> None:
    """Raises DomainError for an official who has left."""
    if officer.left_on is not None and officer.left_on <= timezone.localdate():
        raise DomainError(_("%(name)s已离任，请换一位干部。") % {"name": officer.name}, code="left")


def _check(enterprise: Enterprise, officer: Officer, since: dt.date) -> None:
    if enterprise.status in GONE:
        state = {"name": enterprise.name, "state": enterprise.get_status_display()}
        raise DomainError(_("%(name)s已%(state)s，不能结对。") % state, code="gone")
    today = timezone.localdate()
    if since > today:
        raise DomainError(_("结对日期不能晚于今天。"), code="future")
    check_serving(officer)
    other = Pairing.objects.live().filter(officer=officer).select_related("enterprise").first()
    if other is not None:
        names = {"name": officer.name, "firm": other.enterprise.name}
        raise DomainError(_("%(name)s已与%(firm)s结对，一人联系一家。") % names, code="has_one")
    late = Pairing.objects.filter(officer=officer, until__gt=since).order_by("-until").first()
    late = late or Pairing.objects.filter(enterprise=enterprise, until__gt=since).order_by("-until").first()
    if late is not None:
        raise DomainError(
            _("上一段结对到 %(day)s 才结束，请从这一天起。") % {"day": late.until.isoformat()},  # type: ignore[union-attr]
            code="overlaps",
        )
