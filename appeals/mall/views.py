"""The mall for everybody, picking and rating for enterprises."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from appeals.enums import Side, Standing
from appeals.filing import Filing
from appeals.mall.browsing import ORDERS, Browsing, rows_of
from appeals.mall.forms import PickForm, RatingForm
from appeals.models import Appeal, Category, Provider, ServiceItem, WorkOrder
from appeals.picking import categories_of, pick_provider, pick_service
from appeals.qualifying import load_of
from appeals.ratings import FINISHED, Score, rate, score_of, scores
from enterprises.acting import act
from enterprises.models import Enterprise
from portal.kernel.errors import DomainError
from portal.kernel.facets import chips

PAGE_SIZE: Final = 20
OTHERS_SHOWN: Final = 6
RATINGS_SHOWN: Final = 5


@login_not_required
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """Services on offer, searched, narrowed by facets, ordered, a page at a time."""
    words = request.GET.get("q", "").strip()[:100]
    order = request.GET.get("order", "stars")
    browsing = Browsing(words, request.GET)
    page = Paginator(browsing.ids(order), PAGE_SIZE).get_page(request.GET.get("page"))
    facets = browsing.facets(dict(Category.objects.filter(active=True).values_list("key", "label")))
    known = {entry.pk: entry.score for entry in browsing.entries}
    context = {
        "words": words,
        "page": page,
        "rows": [(item, known[item.pk]) for item in rows_of(page.object_list)],
        "facets": facets,
        "chips": chips(request, facets),
        "order": order,
        "orders": ORDERS.items(),
    }
    return render(request, "appeals/mall/list.html", context)


@login_not_required
@require_safe
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """One service: what, for how much, how soon, by whom, how they were rated, and who else offers it."""
    item = get_object_or_404(
        ServiceItem.objects.filter(active=True).select_related("provider__team", "category"), pk=pk
    )
    provider = item.provider
    alike = ServiceItem.objects.filter(category=item.category, active=True).exclude(pk=pk)
    alike = alike.exclude(provider__standing=Standing.REMOVED).select_related("provider__team", "category")
    others = list(alike.order_by("price_low_fen", "pk")[:OTHERS_SHOWN])
    known = scores({provider.pk, *(other.provider_id for other in others)})
    context = {
        "item": item,
        "provider": provider,
        "score": known.get(provider.pk, Score()),
        "others": [(other, known.get(other.provider_id, Score())) for other in others],
        "ratings": provider.ratings.exclude(comment="").order_by("-pk")[:RATINGS_SHOWN],
        "load": load_of(provider.pk),
        "removed": provider.standing == Standing.REMOVED,
        "enterprises": _enterprises(request),
    }
    return render(request, "appeals/mall/service.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pick(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Pick a service of the mall."""
    actor = act(request, enterprise)
    item = get_object_or_404(
        ServiceItem.objects.filter(active=True).select_related("provider", "category"), pk=pk
    )
    first = {"title": item.name, "contact_name": actor.user.name, "contact_phone": actor.user.mobile or ""}
    form = PickForm(request.POST or None, initial={**first, "key": uuid.uuid4().hex})
    context = {"enterprise": actor.enterprise, "item": item, "provider": item.provider, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            appeal = pick_service(
                actor.enterprise, item, _filing(given), by=actor.user, key=f"pick:{given['key']}"[:64]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _picked(request, appeal, item.provider)
    return _form(request, {**context, "score": score_of(item.provider_id)})


@require_http_methods(["GET", "HEAD", "POST"])
def pick_from(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Pick a provider, in a category that it serves."""
    actor = act(request, enterprise)
    provider = get_object_or_404(Provider.objects.exclude(standing=Standing.REMOVED), pk=pk)
    first = {"contact_name": actor.user.name, "contact_phone": actor.user.mobile or ""}
    form = PickForm(
        request.POST or None,
        initial={**first, "key": uuid.uuid4().hex},
        categories=categories_of(provider),
    )
    context = {"enterprise": actor.enterprise, "item": None, "provider": provider, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            filing = _filing(given, given["category"])
            appeal = pick_provider(
                actor.enterprise, provider, filing, by=actor.user, key=f"pick:{given['key']}"[:64]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _picked(request, appeal, provider)
    return _form(request, {**context, "score": score_of(provider.pk)})


@require_http_methods(["GET", "HEAD", "POST"])
def rate_order(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """The enterprise rates the provider of one of its finished orders."""
    actor = act(request, enterprise)
    orders = WorkOrder.objects.filter(appeal__enterprise=actor.enterprise, provider__isnull=False)
    order = get_object_or_404(orders.filter(state__in=FINISHED).for_lists(), pk=pk)
    given = order.ratings.filter(side=Side.ENTERPRISE).first()
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            words = form.cleaned_data["comment"]
            rate(order, Side.ENTERPRISE, form.cleaned_data["stars"], words, by=actor.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("谢谢评价，星级已计入这家机构的综合星级。"))
            return redirect("enterprise_rate_order", enterprise, pk)
    context = {"enterprise": actor.enterprise, "order": order, "form": form, "given": given}
    return render(request, "appeals/mall/rate.html", context, status=_status(request, form))


def _filing(given: dict[str, Any], category: Category | None = None) -> Filing:
    names = ("title", "text", "contact_name", "contact_phone")
    return Filing(**{name: given[name] for name in names}, category=category)


def _picked(request: HttpRequest, appeal: Appeal, provider: Provider) -> HttpResponse:
    words = {"number": appeal.number, "provider": provider.name}
    messages.success(
        request,
        _("已点单（%(number)s），“%(provider)s”答复后会发消息告诉您；未及时答复会转给其他机构抢单。") % words,
    )
    return redirect("enterprise_appeal", appeal.enterprise_id, appeal.number)


def _form(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "appeals/mall/pick.html", context, status=_status(request, context["form"]))


def _status(request: HttpRequest, form: PickForm | RatingForm) -> int:
    return 422 if request.method == "POST" and form.errors else 200


def _enterprises(request: HttpRequest) -> list[Enterprise]:
    """For which enterprises the reader could pick, the first few."""
    if not request.user.is_authenticated:
        return []
    return list(Enterprise.objects.visible_to(request.user).order_by("name", "pk")[:6])
