"""What waits for an enterprise: applications to amend, drafts to send while their window is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from enterprises.actors import Actor
from policies.applying.access import period_of
from policies.enums import DECIDED, EDITABLE, ApplicationState
from policies.models import Application
from portal.kernel.spans import start_of_day

WAITING: Final = Q(state__in=EDITABLE)
NOT_ALIVE: Final = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)
OVER: Final = (ApplicationState.APPROVED, *NOT_ALIVE)
ASKED_FOR: Final = 30
"""Days after a decision for which the enterprise is asked how it was served."""
OWN_CLOCKS: Final = Q(clocks__met_at=None, clocks__paused_at=None, clocks__opinion=None)
"""Clocks of the application itself, not those of departments asked for their opinion."""


def with_deadlines(rows: QuerySet[Application]) -> QuerySet[Application]:
    """With `own_due_at`, the end of the first clock that runs."""
    return rows.annotate(own_due_at=Min("clocks__due_at", filter=OWN_CLOCKS))


def alive(actor: Actor) -> list[Application]:
    """Applications neither refused nor withdrawn, with what a line of things to do shows: one query."""
    rows = Application.objects.of(actor).exclude(state__in=NOT_ALIVE)
    rows = rows.select_related("version__rule_version").only(
        "number",
        "state",
        "period",
        "enterprise",
        "item",
        "version__title",
        "version__window_to",
        "version__rule_version__reference_year",
    )
    return list(with_deadlines(rows).order_by("pk"))


def waiting(found: Iterable[Application], day: dt.date, soon: dt.date) -> list[tuple[Application, dt.date]]:
    """Of those that are alive: to be amended, and drafts whose window closes by `soon`, each with its last
    day; the most urgent first."""
    lines = []
    for application in found:
        last = None
        if application.state == ApplicationState.RETURNED:
            last = _last_day(application.own_due_at) or soon  # type: ignore[attr-defined]
        elif application.state == ApplicationState.DRAFT:
            until = application.version.window_to
            last = until if until and day <= until <= soon else None
        if last is not None:
            lines.append((application, last))
    return sorted(lines, key=lambda line: (line[1], line[0].pk))


def unrated(actor: Actor, day: dt.date) -> QuerySet[Application]:
    """Decided of late, and the enterprise has not said how it was served; the newest decision first."""
    since = start_of_day(day - dt.timedelta(days=ASKED_FOR))
    decided = Application.objects.of(actor).filter(state__in=DECIDED, decided_at__gte=since, rating=None)
    return decided.for_lists().order_by("-decided_at", "-pk")


def begun(found: Iterable[Application], day: dt.date) -> dict[int, Application]:
    """Those in hand, or approved for the year that is applied for now, by the key of their item."""
    return {
        one.item_id: one
        for one in found
        if one.state != ApplicationState.APPROVED or one.period == period_of(one.version, day)
    }


def _last_day(end: dt.datetime | None) -> dt.date | None:
    """The last day before the moment at which a span ends."""
    return timezone.localdate(end - dt.timedelta(microseconds=1)) if end else None
