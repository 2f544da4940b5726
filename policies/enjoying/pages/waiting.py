"""Offers that wait for an enterprise's nod."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from enterprises.actors import Actor
from policies.models import EnjoyCandidate, EnjoyRun
from policies.models.enjoying.candidate import EnjoyCandidateQuerySet
from policies.models.enjoying.vocabulary import CandidateState, RunState


def waiting_offers(actor: Actor, now: dt.datetime) -> EnjoyCandidateQuerySet:
    """Those that can still be taken, the most urgent first: one query."""
    rows = EnjoyCandidate.objects.of(actor).for_pages().defer("evidence")
    open_: EnjoyCandidateQuerySet = rows.filter(
        state=CandidateState.OFFERED, run__state=RunState.OFFERED, run__offer_until__gt=now
    )
    return open_.order_by("run__offer_until", "pk")


def last_day_of(run: EnjoyRun) -> dt.date | None:
    """The last day on which it can be taken."""
    return timezone.localdate(run.offer_until - dt.timedelta(microseconds=1)) if run.offer_until else None
