"""Rows of a run as they are now, locked, for the step that is about to be taken: run before candidates.

An enterprise that accepts locks its own row alone, so that thousands may click at once; whoever ends an offer
locks those rows too, and sees who was faster.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from policies.models import EnjoyCandidate, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState
from portal.kernel.errors import DomainError

OPEN: Final = (CandidateState.OFFERED, CandidateState.OBJECTED)
"""States in which an enterprise, or the department, is still to say something."""


def hold_run(run: EnjoyRun) -> EnjoyRun:
    """The run, locked, with what every step needs: one query."""
    held = EnjoyRun.objects.select_for_update(of=("self",)).select_related("item__department", "version")
    found = held.filter(pk=run.pk).first()
    if found is None:
        raise DomainError(_("记录已不存在，请刷新页面。"), code="gone")
    return found


def hold_candidate(candidate: EnjoyCandidate) -> EnjoyCandidate:
    """The candidate, locked, with its enterprise; its run is read, not locked: one query."""
    related = ("enterprise", "run__item__department", "run__version")
    held = EnjoyCandidate.objects.select_for_update(of=("self",)).select_related(*related)
    found = held.filter(pk=candidate.pk).first()
    if found is None:
        raise DomainError(_("记录已不存在，请刷新页面。"), code="gone")
    return found


def hold_open(run: EnjoyRun) -> list[EnjoyCandidate]:
    """Of a run that is held, the candidates of whom something is still to be heard, locked: one query."""
    rows = run.candidates.select_for_update(of=("self",)).filter(state__in=OPEN)
    return list(rows.select_related("enterprise", "run__version").order_by("pk"))
