"""A department's own orders: what is due, what is new, what waits for an answer."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, F, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appeals.desk.acting import AT_WORK, act, sees_all
from appeals.desk.filters import saying
from appeals.desk.rows import with_clocks
from appeals.desk.undoing import pending
from appeals.enums import LIVE, OrderState
from appeals.lights import HURRYING, first_due
from appeals.models import WorkOrder
from appeals.models.appeal import DESK

PAGE_SIZE: Final = 20
TABS: Final = (
    ("due", _("快到期"), ""),
    ("new", _("新工单"), OrderState.OFFERED),
    ("handling", _("办理中"), OrderState.HANDLING),
    ("asking", _("等企业答复"), OrderState.ASKING),
    ("answered", _("待评价"), OrderState.ANSWERED),
    ("closed", _("已办结"), OrderState.CLOSED),
)


@require_safe
def listing(request: HttpRequest, department: int) -> HttpResponse:
    """The department's orders of one tab, the soonest due first; `mine` only those given to oneself."""
    desk = act(request, department, *AT_WORK, *DESK)
    own = WorkOrder.objects.visible_to(desk.user).filter(department=desk.department)
    mine = request.GET.get("mine") == "1"
    words = request.GET.get("q", "").strip()
    own = saying(own, words, discreet=not sees_all(desk))
    if mine:
        own = own.filter(Q(handler__user=desk.user) | Q(leader__user=desk.user))
    counts = dict(own.order_by().values_list("state").annotate(Count("pk")))
    due = first_due(own.filter(state__in=(*LIVE, OrderState.ANSWERED))).filter(warn_at__lte=timezone.now())
    numbers = {key: counts.get(state, 0) if state else due.count() for key, _label, state in TABS}
    chosen = request.GET.get("tab", "")
    if chosen not in numbers:
        chosen = next((key for key in ("due", "new", "handling") if numbers[key]), "new")
    state = next(state for key, _label, state in TABS if key == chosen)
    found = own.filter(state=state).annotate(due_at=Min("clocks__due_at", filter=HURRYING)) if state else due
    ordered = found.for_lists().order_by(F("due_at").asc(nulls_last=True), "-pk")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    kept = urlencode({key: value for key, value in (("mine", "1" if mine else ""), ("q", words)) if value})
    suffix = f"&{kept}" if kept else ""
    context = {
        "department": desk.department,
        "page": page,
        "rows": with_clocks(page.object_list),
        "mine": mine,
        "words": words,
        "tab": chosen,
        "tabs": [
            {"url": f"?tab={key}{suffix}", "label": label, "count": numbers[key], "current": key == chosen}
            for key, label, _state in TABS
        ],
        "undo": pending(request),
    }
    return render(request, "appeals/desk/orders.html", context)
