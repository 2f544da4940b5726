"""Messages of visits: to the enterprise, and to the official when they sign in. Keys follow the event."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from appeals.models import Visit, VisitEvent
from portal.kernel.language import in_language_of_record
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_message, send_messages

KIND = "visit"


@in_language_of_record()
def tell_enterprise(visit: Visit, event: VisitEvent, title: str, body: str) -> None:
    """Write to the enterprise; the link is its page of the visit, where one tap confirms it."""
    enterprise = visit.pairing.enterprise
    url = f"/e/{enterprise.pk}/visits/{visit.pk}/"
    send_message(enterprise.mailbox_id, key=_key(event), kind=KIND, title=title, body=body, url=url)


@in_language_of_record()
def tell_official(visit: Visit, event: VisitEvent, title: str, body: str) -> None:
    """Write to the official, and to who wrote the visit down in their place."""
    officer = visit.pairing.officer
    people = {officer.user_id, visit.recorded_by_id} - {None}
    url = f"/desk/{officer.department_id}/visits/{visit.pk}/"
    boxes = Mailbox.objects.filter(user__in=people, user__is_active=True).order_by("pk")
    send_messages(Draft(box.pk, _key(event), KIND, title, body, url) for box in boxes)


@in_language_of_record()
def tell_planned(visits: Iterable[Visit], quarter: str) -> None:
    """Write to each official who signs in which visits were planned for them."""
    drafts = []
    for visit in visits:
        officer = visit.pairing.officer
        box = getattr(officer.user, "mailbox", None) if officer.user_id else None
        if box is not None:
            words = {"firm": visit.pairing.enterprise.name, "day": visit.planned_on.isoformat()}
            title = _("%(quarter)s走访已排，请按时走访") % {"quarter": quarter}
            body = _("%(day)s 走访%(firm)s；日子不合适可以改期。") % words
            url = f"/desk/{officer.department_id}/visits/{visit.pk}/"
            drafts.append(Draft(box.pk, f"visit-plan:{visit.pk}", KIND, title, body, url))
    send_messages(drafts)


def _key(event: VisitEvent) -> str:
    return f"visitevent:{event.pk}"
