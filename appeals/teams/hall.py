"""The grab hall as the desk sees it: every open order, how many could take it, and taking one back."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.dispatching import close_grab
from appeals.hall import Hall, HallOrder, hall
from appeals.models import WorkOrder
from appeals.models.appeal import DESK
from appeals.qualifying import why_not
from portal.accounts.desks import act_at_desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id

PAGE_SIZE: Final = 30
KEPT: Final = 60


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The hall as it is now; the list goes on by itself."""
    desk = act_at_desk(request, department, *DESK)
    shown = hall(fresh=True)
    context = {"department": desk.department, "etag": _etag(shown, request), **_listed(shown, request)}
    return render(request, "appeals/teams/hall.html", context)


@require_safe
def live(request: HttpRequest, department: int) -> HttpResponse:
    """The list alone: 304 while nothing changed, and rendered once for all who look."""
    act_at_desk(request, department, *DESK)
    shown = hall()
    etag = _etag(shown, request)
    answer = get_conditional_response(request, etag=etag)
    if answer is None or answer.status_code != 304:
        key = f"desk-hall:{department}:{etag}"
        listed = cache.get(key)
        if listed is None:
            context = {"department_id": department, **_listed(shown, request)}
            listed = render_to_string("appeals/teams/hall_list.html", context, request)
            cache.set(key, listed, KEPT)
        answer = HttpResponse(listed)
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_POST
def close(request: HttpRequest, department: int) -> HttpResponse:
    """A dispatcher takes an order that nobody grabbed back, to give it out by hand."""
    desk = act_at_desk(request, department, Role.DISPATCHER)
    orders = WorkOrder.objects.visible_to(desk.user)
    order = get_object_or_404(orders, pk=posted_id(request.POST.get("order", "")))
    try:
        close_grab(order, by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已收回，请在收件箱派单。"))
    return redirect("desk_hall", department)


def _etag(shown: Hall, request: HttpRequest) -> str:
    return f'"{shown.digest}{shown.rights_digest}-{get_language()}-{request.GET.get("page", "")[:6]}"'


def _listed(shown: Hall, request: HttpRequest) -> dict[str, Any]:
    found = Paginator(shown.orders, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "page": found,
        "rows": [(order, _able(shown, order)) for order in found],
        "wins": shown.wins,
        "total": len(shown.orders),
    }


def _able(shown: Hall, order: HallOrder) -> int:
    """How many providers could take the order now."""
    return sum(not why_not(each, order.category, market=order.market) for each in shown.rights.values())
