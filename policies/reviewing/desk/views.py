"""The page of an application, the steps that are taken on it, and the door to its files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from policies.models import ApplicationClock, ApplicationFile, Evidence
from policies.reviewing.desk.acting import act, applications_at
from policies.reviewing.desk.case import Case
from policies.reviewing.desk.forms import StepForm
from policies.reviewing.desk.rows import SPANS
from policies.reviewing.desk.steps import STEPS, forms_for, take
from portal.kernel.downloads import hand_out
from portal.kernel.money import format_money

FIRST = ("accept", "propose", "opinion", "countersign", "notice", "answer", "approve", "refuse")
"""What the page leads to."""


@require_safe
def page(request: HttpRequest, department: int, number: str) -> HttpResponse:
    """One application with its check; what is not this desk's is 404."""
    return _shown(request, Case.of(act(request, department), number))


@require_POST
def take_step(request: HttpRequest, department: int, number: str, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422), and nothing that was written is lost."""
    case = Case.of(act(request, department), number)
    if step not in STEPS or not STEPS[step].is_for(case):
        raise Http404
    form = STEPS[step].blank(step, case, request.POST)
    if not take(step, case, form):
        return _shown(request, Case.of(case.desk, number), (step, form))
    words = f"{case.application.enterprise.name}：{STEPS[step].done}"
    if step == "propose" and case.application.amount_fen is not None:
        words += _("核定金额 %(amount)s。") % {"amount": format_money(case.application.amount_fen)}
    messages.success(request, words)
    return redirect("desk_application", department, number)


@require_safe
def file(request: HttpRequest, department: int, pk: int) -> FileResponse:
    """A file of an application that this desk has to do with, once it was sent."""
    desk = act(request, department)
    rows = ApplicationFile.objects.filter(application__in=applications_at(desk).values("pk"))
    kept = get_object_or_404(rows, pk=pk)
    sent = [{"files": [{"id": kept.pk}]}]
    if not Evidence.objects.filter(
        application=kept.application_id, content__materials__contains=sent
    ).exists():
        raise Http404
    return hand_out(kept.file, kept.name)


def _shown(request: HttpRequest, case: Case, failed: tuple[str, StepForm] | None = None) -> HttpResponse:
    steps = forms_for(case, failed)
    context = {
        "department": case.desk.department,
        "case": case,
        "application": case.application,
        "clocks": _clocks(case),
        "first": [(name, *steps[name]) for name in FIRST if name in steps],
        "steps": [(name, *one) for name, one in steps.items() if name not in FIRST],
        "failed": failed[0] if failed else "",
        "failed_label": STEPS[failed[0]].label if failed else "",
        "now": timezone.now(),
    }
    return render(request, "reviewing/page.html", context, status=422 if failed else 200)


def _clocks(case: Case) -> list[tuple[str, ApplicationClock]]:
    """Running deadlines with their names; a department that was asked sees its own."""
    running: Any = case.application.clocks.filter(met_at=None).order_by("due_at", "pk")
    running = running.select_related("opinion__department")
    if not case.leads:
        running = running.filter(opinion__department=case.desk.department)
    return [(_label(clock), clock) for clock in running]


def _label(clock: ApplicationClock) -> str:
    """What the deadline is of; of an opinion, whose."""
    name = str(SPANS.get(clock.target, clock.target))
    return name if clock.opinion is None else f"{clock.opinion.department.short_name}{name}"
