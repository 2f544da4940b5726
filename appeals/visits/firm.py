"""The enterprise's pages of visits: what was written, confirmed by one tap, or not so and why."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.models import Appeal, Pairing, Visit, VisitPhoto
from appeals.models.visit import MADE, VisitQuerySet, VisitState
from appeals.visits.forms import OPERATING, DisputeForm
from appeals.visits.recording import confirm as do_confirm
from appeals.visits.recording import dispute as do_dispute
from enterprises.acting import act
from enterprises.actors import Actor
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20


@require_safe
def listing(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Who looks after the enterprise, the next visit, and those that were made."""
    actor = act(request, enterprise)
    live = Pairing.objects.live().filter(enterprise=actor.enterprise).select_related("officer__department")
    planned = Visit.objects.filter(
        pairing__enterprise=actor.enterprise,
        state=VisitState.PLANNED,
        planned_on__gte=timezone.localdate(),
    )
    context = {
        "enterprise": actor.enterprise,
        "pairing": live.first(),
        "next": planned.order_by("planned_on", "pk").first(),
        "page": Paginator(_made(actor).order_by("-visited_at", "-pk"), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "appeals/visits/firm_list.html", context)


@require_safe
def visit(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """One visit that was made to the enterprise; another one's is 404."""
    actor = act(request, enterprise)
    return _shown(request, actor, get_object_or_404(_made(actor), pk=pk))


@require_POST
def confirm(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """It was so, says who has the record before them."""
    actor = act(request, enterprise)
    found = get_object_or_404(_made(actor), pk=pk)
    if found.state != VisitState.CONFIRMED:  # a second tap says nothing new
        try:
            do_confirm(found, by=actor.user, seen=request.POST.get("seen", ""))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("enterprise_visit", enterprise, pk)
    messages.success(request, _("已确认，谢谢。"))
    return redirect("enterprise_visit", enterprise, pk)


@require_POST
def dispute(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """It was not so, and what."""
    actor = act(request, enterprise)
    found = get_object_or_404(_made(actor), pk=pk)
    form = DisputeForm(request.POST)
    if form.is_valid():
        try:
            do_dispute(found, form.cleaned_data["text"], by=actor.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已转告干部核实更正，改好后会再请您确认。"))
            return redirect("enterprise_visit", enterprise, pk)
    return _shown(request, actor, found, form, status=422)


@require_safe
def photo(request: HttpRequest, enterprise: int, pk: int) -> FileResponse:
    """A photograph of a visit to the enterprise; else 404."""
    actor = act(request, enterprise)
    kept = get_object_or_404(VisitPhoto, pk=pk, visit__in=_made(actor))
    return hand_out(kept.file, kept.name)


def _made(actor: Actor) -> VisitQuerySet:
    rows: VisitQuerySet = Visit.objects.filter(pairing__enterprise=actor.enterprise, state__in=MADE)
    return rows.select_related("pairing__officer__department", "pairing__enterprise")


def _shown(
    request: HttpRequest, actor: Actor, found: Visit, form: DisputeForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "enterprise": actor.enterprise,
        "visit": found,
        "operating": dict(OPERATING).get(found.form.get("operating") or "", ""),
        "problems": Appeal.objects.all().of(actor).filter(visits=found).order_by("pk"),
        "photos": found.photos.all(),
        "events": found.events.filter(name__in=("record", "amend", "dispute", "confirm")),
        "form": form or DisputeForm(),
    }
    return render(request, "appeals/visits/firm_visit.html", context, status=status)
