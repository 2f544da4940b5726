"""What an official does: my enterprise, my visits, the visit form on the phone."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appeals.models import Pairing, Visit, VisitPhoto
from appeals.models.visit import MADE, VisitState
from appeals.visits import planning
from appeals.visits.acting import act, pairings_at, plans, records, visits_at
from appeals.visits.agenda import OVER, agenda, noted, told_to_officials
from appeals.visits.forms import (
    OPERATING,
    DayForm,
    ProblemFormSet,
    ReasonForm,
    RecordForm,
    problems_of,
)
from appeals.visits.recording import disputed, record_visit
from appeals.visits.tabs import tabs
from portal.accounts.desks import Desk
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20
WRITABLE: Final = (VisitState.PLANNED, VisitState.DISPUTED)


@require_safe
def mine(request: HttpRequest, department: int) -> HttpResponse:
    """My enterprise and my visits; who has none but looks after the department is sent to its list."""
    desk = act(request, department)
    theirs = Pairing.objects.filter(officer__user=desk.user)
    if plans(desk) and not theirs.exists():
        return redirect("desk_visits_all", department)
    open_ones = told_to_officials().filter(enterprise=OuterRef("enterprise")).exclude(status__in=OVER)
    counted = open_ones.order_by().values("enterprise").annotate(count=Count("pk")).values("count")
    live = theirs.live().select_related("officer", "enterprise__region")
    pairings = live.annotate(
        last=Max("visits__visited_at", filter=Q(visits__state__in=MADE)), open=Subquery(counted)
    ).order_by("pk")
    visits = Visit.objects.filter(pairing__officer__user=desk.user)
    rows = visits.select_related("pairing__enterprise").order_by("-planned_on", "-pk")
    context = _frame(desk, "mine") | {
        "pairings": pairings,
        "next": visits.filter(state__in=WRITABLE)
        .select_related("pairing__enterprise")
        .order_by("planned_on", "pk"),
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "appeals/visits/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One visit: the form while it is to be written down by the user, else what was written."""
    desk = act(request, department)
    rows = visits_at(desk).select_related(
        "pairing__enterprise__region", "pairing__officer__department", "recorded_by"
    )
    found = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        return _record(request, desk, found)
    if found.state in WRITABLE and records(desk, found):
        return _blank(request, desk, found)
    return _written(request, desk, found)


@require_POST
def plan(request: HttpRequest, department: int, pairing: int) -> HttpResponse:
    """Plan a visit to one enterprise; for today the form opens at once."""
    desk = act(request, department)
    found = _pairing_or_404(desk, pairing)
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择日期。"))
        return redirect("desk_visits", department)
    try:
        made = planning.plan_visit(found, form.cleaned_data["day"], by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk_visits", department)
    messages.success(request, _("已排走访。"))
    if made.planned_on == timezone.localdate():
        return redirect("desk_visit", department, made.pk)
    return redirect("desk_visits", department)


@require_POST
def move(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """Put a planned visit on another day."""
    desk = act(request, department)
    found = _theirs_or_404(desk, pk)
    form = DayForm(request.POST)
    try:
        if not form.is_valid():
            raise DomainError(_("请选择日期。"))
        planning.move(found, form.cleaned_data["day"], by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已改期。"))
    return redirect("desk_visit", department, pk)


@require_POST
def call_off(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """Call a planned visit off, with a reason."""
    desk = act(request, department)
    found = _theirs_or_404(desk, pk)
    form = ReasonForm(request.POST)
    try:
        planning.call_off(found, form.cleaned_data["text"] if form.is_valid() else "", by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已取消这次走访。"))
    return redirect("desk_visit", department, pk)


@require_safe
def photo(request: HttpRequest, department: int, pk: int) -> FileResponse:
    """A photograph of a visit that may be looked at here; else 404."""
    desk = act(request, department)
    kept = get_object_or_404(VisitPhoto, pk=pk, visit__in=visits_at(desk))
    return hand_out(kept.file, kept.name)


def _record(request: HttpRequest, desk: Desk, found: Visit) -> HttpResponse:
    """Write the visit down. A script asks for JSON: where the visit is, or what is wrong, by field."""
    if not records(desk, found):
        raise Http404
    form = RecordForm(request.POST, request.FILES, agenda=noted(found.pairing.enterprise, request.POST))
    problems = ProblemFormSet(request.POST, prefix="problem")
    scripted = request.headers.get("Accept", "").startswith("application/json")
    if request.POST.get("author") != str(desk.user.pk):
        words = _("这张表是另一个账号填写的，请用原账号登录后再送出。")
        form.add_error(None, words)
        return _refused(request, desk, found, (form, problems), scripted=scripted, status=409)
    if form.is_valid() and problems.is_valid():
        try:
            record_visit(found, form.record(problems_of(problems)), by=desk.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("走访已送出，企业会收到消息并确认。"))
            url = reverse("desk_visit", args=[desk.department.pk, found.pk])
            return JsonResponse({"url": url}) if scripted else redirect(url)
    return _refused(request, desk, found, (form, problems), scripted=scripted, status=422)


def _refused(
    request: HttpRequest, desk: Desk, found: Visit, forms: Any, *, scripted: bool, status: int
) -> HttpResponse:
    form, problems = forms
    if not scripted:
        return _form(request, desk, found, forms, status=status)
    named = [
        (form[name].label if name in form.fields else "", list(form.errors[name])) for name in form.errors
    ]
    named += [(each[name].label, list(each.errors[name])) for each in problems for name in each.errors]
    lines = [f"{label}：{''.join(texts)}" if label else "".join(texts) for label, texts in named]
    return JsonResponse({"errors": [*lines, *problems.non_form_errors()]}, status=status)


def _blank(request: HttpRequest, desk: Desk, found: Visit) -> HttpResponse:
    now = timezone.localtime().replace(second=0, microsecond=0)
    initial: dict[str, Any] = {"key": uuid.uuid4(), "author": desk.user.pk, "visited_at": now}
    said: dict[str, str] = {}
    if found.state == VisitState.DISPUTED:
        initial |= {"visited_at": found.visited_at, "met": found.met, "summary": found.summary}
        initial |= {name: found.form.get(name) for name in ("phone", "operating", "told")}
        initial["base"] = found.client_id
        said = {each["number"]: each["note"] for each in found.form.get("agenda", ())}
    asked = agenda(found.pairing.enterprise, said)
    initial |= {f"note-{appeal.pk}": said.get(appeal.number, "") for appeal in asked}
    form = RecordForm(initial=initial, agenda=asked)
    return _form(request, desk, found, (form, ProblemFormSet(prefix="problem")))


def _form(request: HttpRequest, desk: Desk, found: Visit, forms: Any, *, status: int = 200) -> HttpResponse:
    form, problems = forms
    context = _frame(desk, "mine") | {
        "visit": found,
        "only": f"visit-{found.pk}",
        "firm": found.pairing.enterprise,
        "form": form,
        "problems": problems,
        "disputed": disputed(found) if found.state == VisitState.DISPUTED else None,
        "day_form": DayForm(initial={"day": found.planned_on}, auto_id="move-%s"),
        "reason_form": ReasonForm(auto_id="off-%s"),
    }
    return render(request, "appeals/visits/record.html", context, status=status)


def _written(request: HttpRequest, desk: Desk, found: Visit) -> HttpResponse:
    context = _frame(desk, "mine") | {
        "visit": found,
        "only": f"visit-{found.pk}",
        "sent": found.client_id,
        "firm": found.pairing.enterprise,
        "operating": dict(OPERATING).get(found.form.get("operating") or "", ""),
        "problems": told_to_officials().filter(visits=found).order_by("pk"),
        "photos": found.photos.all(),
        "events": found.events.select_related("actor"),
        "written": found.state in MADE,
        "day_form": DayForm(initial={"day": found.planned_on}, auto_id="move-%s"),
        "reason_form": ReasonForm(auto_id="off-%s"),
        "plans": plans(desk) and found.state == VisitState.PLANNED,
    }
    return render(request, "appeals/visits/visit.html", context)


def _frame(desk: Desk, tab: str) -> dict[str, Any]:
    return {
        "department": desk.department,
        "user_id": desk.user.pk,
        "tabs": tabs(desk, tab),
        "today": timezone.localdate(),
    }


def _pairing_or_404(desk: Desk, pk: int) -> Pairing:
    """A live pairing of the user's own, or one that they plan for."""
    rows = pairings_at(desk) if plans(desk) else Pairing.objects.live().filter(officer__user=desk.user)
    return get_object_or_404(rows, pk=pk)


def _theirs_or_404(desk: Desk, pk: int) -> Visit:
    """A visit of the user's own, or one that they plan."""
    return get_object_or_404(visits_at(desk).select_related("pairing"), pk=pk)
