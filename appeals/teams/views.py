"""Teams and services at the desk: the providers, one of them with its stars, and rating its work."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from appeals.enums import Side
from appeals.mall.forms import RatingForm
from appeals.models import Provider, WorkOrder
from appeals.models.appeal import DESK
from appeals.qualifying import BUSY
from appeals.ratings import FINISHED, rate, score_of, scores
from appeals.standing import lift, remove, warn
from appeals.teams.filters import ProviderFilter
from appeals.teams.forms import StandingForm
from portal.accounts.desks import Desk, act_at_desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20
UNRATED_SHOWN: Final = 20
EVENTS_SHOWN: Final = 20
LOOKING: Final = (*DESK, Role.HANDLER, Role.LEADER)
JUDGING: Final = (Role.DISPATCHER, Role.SUPERVISOR)
STEPS: Final = {"warn": warn, "remove": remove, "lift": lift}


@require_safe
def listing(request: HttpRequest, department: int) -> HttpResponse:
    """Providers with their stars, load and standing."""
    desk = act_at_desk(request, department, *LOOKING)
    carried = Count("orders", filter=Q(orders__state__in=BUSY), distinct=True)
    offered = Count("services", filter=Q(services__active=True), distinct=True)
    rows = Provider.objects.select_related("team", "department").annotate(load=carried, offered=offered)
    narrowing = ProviderFilter(request.GET, rows.order_by("team__kind", "name", "pk"))
    page = Paginator(narrowing.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    known = scores([provider.pk for provider in page])
    context = {
        "department": desk.department,
        "page": page,
        "rows": [(provider, known.get(provider.pk)) for provider in page],
        "form": narrowing.form,
    }
    return render(request, "appeals/teams/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One provider: stars by side, services, what happened; those who judge may warn, remove, take back."""
    desk = act_at_desk(request, department, *LOOKING)
    carried = Count("orders", filter=Q(orders__state__in=BUSY))
    rows = Provider.objects.select_related("team", "department").annotate(load=carried)
    found = get_object_or_404(rows, pk=pk)
    form = _standing_form(request, desk, found)
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _judged(request, desk, found, form):
            return redirect("desk_team", department, pk)
    context = {
        "department": desk.department,
        "provider": found,
        "score": score_of(pk),
        "services": found.services.select_related("category").order_by("category__position", "name", "pk"),
        "events": found.events.select_related("actor").order_by("-at", "-pk")[:EVENTS_SHOWN],
        "unrated": _unrated(desk, found),
        "form": form,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "appeals/teams/provider.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def rate_order(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """The desk, or the department in charge of the trade, rates a finished order of a provider."""
    desk = act_at_desk(request, department, *LOOKING)
    orders = WorkOrder.objects.filter(state__in=FINISHED, provider__isnull=False, appeal__about=None)
    order = get_object_or_404(orders.for_lists().select_related("provider__department"), pk=pk)
    side = _side(desk, order.provider) if order.provider else None
    if side is None:
        raise Http404
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rate(order, side, form.cleaned_data["stars"], form.cleaned_data["comment"], by=desk.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已评星。"))
            return redirect("desk_team", department, order.provider_id)
    given = order.ratings.filter(side=side).first()
    context = {"department": desk.department, "order": order, "form": form, "given": given, "side": side}
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "appeals/mall/rate.html", context, status=status)


def _side(desk: Desk, provider: Provider) -> Side | None:
    """For which side the user rates here: the centre's own people, or the trade's department."""
    place = desk.department
    if any(desk.user.has_role(role, place) for role in JUDGING):
        return Side.CENTRE
    if provider.department_id == place.pk:
        return Side.DEPARTMENT
    return None


def _unrated(desk: Desk, provider: Provider) -> list[WorkOrder]:
    side = _side(desk, provider)
    if side is None:
        return []
    orders = WorkOrder.objects.filter(provider=provider, state__in=FINISHED, appeal__about=None)
    waiting = orders.exclude(ratings__side=side).select_related("appeal").order_by("-answered_at", "-pk")
    return list(waiting[:UNRATED_SHOWN])


def _standing_form(request: HttpRequest, desk: Desk, provider: Provider) -> StandingForm | None:
    if not any(desk.user.has_role(role, desk.department) for role in JUDGING):
        return None
    steps = [(step.name, str(step.label)) for step in Provider.machine.available(provider, desk.user)]
    return StandingForm(request.POST or None, steps=steps)


def _judged(request: HttpRequest, desk: Desk, provider: Provider, form: Any) -> bool:
    try:
        STEPS[form.cleaned_data["step"]](provider, form.cleaned_data["reason"], by=desk.user)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("已处理，机构会收到消息。"))
    return True
