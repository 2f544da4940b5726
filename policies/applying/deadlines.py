"""Clocks of applications, inside the caller's transaction, which holds the application's lock."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.db.models import F

from policies.models import Application, ApplicationClock, Opinion, StepTarget
from portal.kernel.spans import Span, Unit


def span_of(target: str, application: Application) -> Span:
    """How long a step may take: reviewing as the item promises, everything else as kept as data."""
    span = StepTarget.objects.get(key=target).span
    promised = application.version.handling_workdays
    if target == "review" and promised:
        return Span(promised, Unit.WORKDAYS, min(span.warning, promised))
    return span


def begin(
    application: Application, target: str, *, at: dt.datetime, opinion: Opinion | None = None
) -> ApplicationClock:
    """Start the clock of a step; one that runs already goes on as it was."""
    clocks = ApplicationClock.objects.filter(application=application, target=target, opinion=opinion)
    clock = clocks.filter(met_at=None).first()
    if clock is None:
        span = span_of(target, application)
        clock = ApplicationClock.begin(target, span, at=at, application=application, opinion=opinion)
        clock.save()
    return cast("ApplicationClock", clock)


def meet(application: Application, *targets: str, at: dt.datetime, opinion: Opinion | None = None) -> None:
    """What the targets ask for is done; nothing happens where no such clock runs."""
    for clock in ApplicationClock.objects.filter(
        application=application, target__in=targets, opinion=opinion, met_at=None
    ):
        clock.meet(at)


def lapse(application: Application, target: str, *, at: dt.datetime) -> None:
    """A time that was only waited for is over: it was kept to its end, and nobody is late."""
    ended = ApplicationClock.objects.filter(application=application, target=target, met_at=None)
    ended.filter(due_at__lte=at).update(met_at=F("due_at"), paused_at=None, breached_at=None)


def reckon(application: Application) -> None:
    """Work out the clock of reviewing anew, after what stops it or lets it go on; no other ever stands."""
    for clock in ApplicationClock.objects.filter(application=application, target="review", met_at=None):
        clock.reckon()


def stop(application: Application, *, at: dt.datetime) -> None:
    """The application is over: whatever still runs ends with it."""
    for clock in ApplicationClock.objects.filter(application=application, met_at=None):
        clock.meet(at)
