"""The end of a notice's days: from then on somebody is to decide, and is told so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from policies.applying import deadlines
from policies.applying.telling import tell_leaders
from policies.enums import ApplicationState
from policies.models import Application
from policies.models.applying.deadline import CONFIRM, NOTICE
from portal.kernel.language import in_language_of_record


def end_notices(now: dt.datetime) -> int:
    """End the days of every notice that has run out; how many. Decides nothing, and is safe to repeat."""
    over = Application.objects.filter(
        state=ApplicationState.NOTICED,
        clocks__target=NOTICE,
        clocks__met_at=None,
        clocks__due_at__lte=now,
    )
    return sum(_end(pk, now) for pk in over.order_by("pk").values_list("pk", flat=True))


def _end(pk: int, now: dt.datetime) -> bool:
    """One of them; one that somebody is at right now is left to the next sweep."""
    with transaction.atomic():
        locked = Application.objects.select_for_update(skip_locked=True, of=("self",))
        held = locked.select_related("item__department", "version", "enterprise").filter(
            pk=pk, state=ApplicationState.NOTICED
        )
        application = held.first()
        if application is None or not application.clocks.filter(target=NOTICE, met_at=None).exists():
            return False
        deadlines.lapse(application, NOTICE, at=now)
        deadlines.begin(application, CONFIRM, at=now)
        event = application.events.create(
            at=now, name="notice_over", source=application.state, target=application.state, public=True
        )
        with in_language_of_record():
            tell_leaders(application, event, _("公示期满，请审定"))
    return True
