"""One enterprise of a list: what it was judged by, and what an official does about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from policies.enjoying.desk.steps import CANDIDATE_STEPS, WordsForm, forms_for, take
from policies.enjoying.rechecking import changes_since
from policies.models import EnjoyCandidate
from policies.models.enjoying.vocabulary import OVER, Place
from policies.money import accounts
from policies.reviewing.desk.acting import act
from portal.accounts.desks import Desk


@require_safe
def page(request: HttpRequest, department: int, run: int, pk: int) -> HttpResponse:
    """Evidence, reasons, what has changed since, and the steps."""
    desk = act(request, department)
    return _page(request, desk, _candidate(desk, run, pk))


@require_POST
def take_step(request: HttpRequest, department: int, run: int, pk: int, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422)."""
    desk = act(request, department)
    found = _candidate(desk, run, pk)
    if step not in CANDIDATE_STEPS or not desk.holds(*CANDIDATE_STEPS[step].roles):
        raise Http404
    form = CANDIDATE_STEPS[step].form(step, request.POST)
    if not take(CANDIDATE_STEPS[step], found, desk, form):
        return _page(request, desk, _candidate(desk, run, pk), (step, form))
    messages.success(request, f"{found.enterprise.name}：{CANDIDATE_STEPS[step].done}")
    return redirect("desk_enjoy_run", department, run)


def _candidate(desk: Desk, run: int, pk: int) -> EnjoyCandidate:
    rows = EnjoyCandidate.objects.for_pages().select_related("excluded_by", "answered_by", "award")
    return get_object_or_404(rows, pk=pk, run=run, run__item__department=desk.department)


def _page(
    request: HttpRequest, desk: Desk, candidate: EnjoyCandidate, failed: tuple[str, WordsForm] | None = None
) -> HttpResponse:
    run = candidate.run
    matters = candidate.place == Place.IN and run.state not in OVER and candidate.award_id is None
    changed = changes_since(run, [candidate], timezone.now()) if matters else {}
    context = {
        "department": desk.department,
        "run": run,
        "candidate": candidate,
        "steps": forms_for(CANDIDATE_STEPS, candidate, desk, failed),
        "failed": failed[0] if failed else "",
        "changed": changed.get(candidate.pk, []),
        "account": accounts.current(candidate.enterprise_id) if candidate.place == Place.IN else None,
        "events": candidate.events.select_related("actor").order_by("-at", "-pk"),
    }
    return render(request, "enjoying/desk/candidate.html", context, status=422 if failed else 200)
