"""The page of an order, and the steps that are taken with it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals import dispatching
from appeals.desk import steps, undoing
from appeals.desk.acting import act, orders_at, sees_all
from appeals.desk.baskets import BASKETS
from appeals.desk.detail import detail
from appeals.desk.forms import OrderForm
from appeals.desk.places import Places
from appeals.dossier.content import until
from appeals.enums import OrderKind
from appeals.models import Appeal, Attachment, WorkOrder
from portal.accounts.desks import Desk
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError


@require_safe
def order(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One order with what may be done; what is not this desk's is 404."""
    desk = act(request, department)
    return _shown(request, desk, _order_or_404(desk, pk))


@require_POST
def take_step(request: HttpRequest, department: int, pk: int, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422)."""
    desk = act(request, department)
    found = _order_or_404(desk, pk)
    if step not in steps.STEPS:
        raise Http404
    chosen = steps.STEPS[step]
    if not steps.holds(desk, *chosen.roles):
        raise Http404
    form = chosen.blank(step, found, Places(desk.department, timezone.localdate()), request.POST)
    if not steps.take(step, found, form, desk):
        return _shown(request, desk, found, (step, form))
    words = f"{found.appeal.title}：{steps.done_with(step, found)}"
    undoing.remember(request, step, found, words)
    if step not in steps.UNDOABLE:
        messages.success(request, words)
    return redirect(_back(request, desk, pk))


@require_POST
def undo(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """Undo one's own last step within two minutes."""
    desk = act(request, department)
    found = get_object_or_404(WorkOrder.objects.visible_to(desk.user), pk=pk)
    try:
        dispatching.undo(found, by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤销：%(title)s") % {"title": found.appeal.title})
    undoing.forget(request)
    return redirect(_back(request, desk, pk, again=True))


@require_safe
def slip(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """The order on one sheet of paper, numbered."""
    desk = act(request, department)
    found = _order_or_404(desk, pk)
    place = WorkOrder.objects.filter(appeal=found.appeal_id, pk__lte=pk).count()
    first = found.clocks.filter(met_at=None).order_by("due_at", "pk").first()
    context = {
        "department": desk.department,
        "order": found,
        "appeal": found.appeal,
        "named": sees_all(desk) or not found.appeal.anonymous,
        "number": f"{found.appeal.number}-{place:02d}",
        "clock": first,
        "due": until(first.due_at) if first else "—",
        "printed_at": timezone.now(),
        "is_lead": found.kind == OrderKind.LEAD,
    }
    return render(request, "appeals/desk/slip.html", context)


@require_safe
def attachment(request: HttpRequest, department: int, pk: int) -> FileResponse:
    """A file of an appeal that this desk has to do with."""
    desk = act(request, department)
    appeals = Appeal.objects.visible_to(desk.user).filter(orders__in=orders_at(desk)).values("pk")
    kept = get_object_or_404(Attachment, pk=pk, appeal__in=appeals)
    return hand_out(kept.file, kept.name)


def _order_or_404(desk: Desk, pk: int) -> WorkOrder:
    return get_object_or_404(orders_at(desk).for_lists().select_related("rightful"), pk=pk)


def _shown(
    request: HttpRequest, desk: Desk, found: WorkOrder, failed: tuple[str, OrderForm] | None = None
) -> HttpResponse:
    offered = undoing.pending(request)  # beside another order its key would undo what is not looked at
    own = offered if offered and offered.order == found.pk else None
    context = detail(request, desk, found, failed) | {"undo": own}
    return render(request, "appeals/desk/order.html", context, status=422 if failed else 200)


def _back(request: HttpRequest, desk: Desk, pk: int, *, again: bool = False) -> str:
    """To the basket the order was taken from, `again` with it; else to the order while it is this desk's,
    else to the list."""
    basket = request.POST.get("basket", "")
    if basket in BASKETS and sees_all(desk):
        query = {"basket": basket} | ({"order": pk} if again else {})
        return f"{reverse('desk_inbox', args=[desk.department.pk])}?{urlencode(query)}"
    if orders_at(desk).filter(pk=pk).exists():
        return reverse("desk_order", args=[desk.department.pk, pk])
    return reverse("desk_orders", args=[desk.department.pk])
