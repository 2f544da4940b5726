"""A provider's orders: the list by state, and one order with what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count, F, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appeals.anonymity import NOBODY_HIDDEN, called, firm_side
from appeals.enums import OrderState
from appeals.lights import HURRYING, first_clocks
from appeals.models import ClockTarget, OrderClock, OrderEvent, Provider, WorkOrder
from appeals.provider.acting import act
from appeals.ratings import scores
from portal.accounts.requests import signed_in
from portal.kernel.clocks import Clock

PAGE_SIZE: Final = 20
TABS: Final = (
    ("offered", _("待接单"), (OrderState.OFFERED,)),
    ("handling", _("办理中"), (OrderState.HANDLING,)),
    ("asking", _("等企业补充"), (OrderState.ASKING,)),
    ("answered", _("待评价"), (OrderState.ANSWERED,)),
    ("closed", _("已办结"), (OrderState.CLOSED,)),
)
EVENTS_SHOWN: Final = 50
_NAMES: Final = {
    "note": _("记录"),
    "keep_promise": _("承诺兑现"),
    "remind": _("提醒"),
    "escalate": _("升级提醒"),
}
"""Events that are no transition."""
_BADGES: Final[dict[str, str]] = {"offered": "due", "answered": "done", "closed": "done"}


@require_safe
def switcher(request: HttpRequest) -> HttpResponse:
    """The providers the user acts for; straight to the hall when there is one."""
    mine = Provider.objects.filter(members__user=signed_in(request)).select_related("team").order_by("name")
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    if page.paginator.count == 1:
        return redirect("provider_hall", page.object_list[0].pk)
    known = scores([provider.pk for provider in page])
    rows = [(provider, known.get(provider.pk)) for provider in page]
    return render(request, "appeals/provider/switcher.html", {"page": page, "rows": rows})


@require_safe
def listing(request: HttpRequest, provider: int) -> HttpResponse:
    """The provider's orders of one state, the soonest due first."""
    post = act(request, provider)
    mine = WorkOrder.objects.filter(provider=post.provider)
    counts = dict(mine.order_by().values_list("state").annotate(Count("pk")))
    chosen = request.GET.get("state", "")
    if chosen not in {key for key, _label, _states in TABS}:
        chosen = "offered" if counts.get(OrderState.OFFERED) else "handling"
    states = next(states for key, _label, states in TABS if key == chosen)
    found = mine.filter(state__in=states).for_lists()
    found = found.annotate(due_at=Min("clocks__due_at", filter=HURRYING))
    found = found.order_by(F("due_at").asc(nulls_last=True), "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    now, clocks = timezone.now(), first_clocks(page)
    context = {
        "provider": post.provider,
        "page": page,
        "rows": [(row, *_shown(clocks.get(row.pk), now)) for row in page],
        "tabs": [
            {
                "url": f"?state={key}",
                "label": label,
                "count": sum(counts.get(state, 0) for state in states),
                "current": key == chosen,
            }
            for key, label, states in TABS
        ],
    }
    return render(request, "appeals/provider/orders.html", context)


def shown(
    request: HttpRequest,
    provider: Provider,
    order: WorkOrder,
    steps: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of an order; `steps` are what may be done with it, each with its form."""
    context = {
        "provider": provider,
        "order": order,
        "appeal": order.appeal,
        "steps": steps,
        "badge": _BADGES.get(order.state, "info"),
        "events": _events(order),
        "clocks": _clocks(order),
        "answers": order.answers.order_by("-pk"),
        "ratings": order.ratings.order_by("side"),
    }
    return render(request, "appeals/provider/order.html", context, status=status)


def _events(order: WorkOrder) -> list[tuple[OrderEvent, str, str]]:
    """What happened, the newest first, each with its name in words and who did it, empty for nobody."""
    hidden = firm_side(order.appeal) if order.appeal.anonymous else NOBODY_HIDDEN
    events = order.events.select_related("actor").order_by("-at", "-pk")[:EVENTS_SHOWN]
    known = WorkOrder.machine.transitions
    names = {**_NAMES, **{name: step.label for name, step in known.items()}}
    return [
        (event, str(names.get(event.name, event.name)), called(event.actor, hidden) if event.actor else "")
        for event in events
    ]


def _clocks(order: WorkOrder) -> list[tuple[Clock, str, str]]:
    """Running deadlines with their names and colours."""
    labels = dict(ClockTarget.objects.values_list("key", "label"))
    now = timezone.now()
    running = OrderClock.objects.filter(order=order, met_at=None).order_by("due_at")
    return [(clock, labels.get(clock.target, clock.target), clock.light(now).colour) for clock in running]


def _shown(clock: OrderClock | None, now: datetime) -> tuple[OrderClock | None, str]:
    """The clock that colours an order, unless it stands still, and its colour."""
    return (None, "") if clock is None or clock.paused_at else (clock, clock.light(now).colour)
