"""What waits for an enterprise: applications to amend, drafts to send while their window is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from enterprises.actors import Actor
from policies.applying.access import period_of
from policies.enums import EDITABLE, ApplicationState
from policies.models import Application

WAITING: Final = Q(state__in=EDITABLE)
NOT_ALIVE: Final = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)
OVER: Final = (ApplicationState.APPROVED, *NOT_ALIVE)
OWN_CLOCKS: Final = Q(clocks__met_at=None, clocks__paused_at=None, clocks__opinion=None)
"""Clocks of the application itself, not those of departments asked for their opinion."""


def with_deadlines(rows: QuerySet[Application]) -> QuerySet[Application]:
    """With `due_at`, the end of the first clock that runs."""
    return rows.annotate(due_at=Min("clocks__due_at", filter=OWN_CLOCKS))


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
            last = _last_day(application.due_at) or soon  # type: ignore[attr-defined]
        elif application.state == ApplicationState.DRAFT:
            until = application.version.window_to
            last = until if until and day <= until <= soon else None
        if last is not None:
            lines.append((application, last))
    return sorted(lines, key=lambda line: (line[1], line[0].pk))


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
