"""The page of a batch, and the steps that are taken on it."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from policies.models import PaymentBatch, PaymentBatchEvent
from policies.models.money.batch import BatchState
from policies.money import batches
from policies.money.desk.acting import act, frame
from policies.money.desk.case import Case
from policies.money.desk.forms import SeenForm
from policies.money.desk.lines import page_of
from policies.money.desk.steps import STEPS, next_of, others_of, take
from portal.accounts.duties import has_duty
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

EVENTS: Final[dict[str, Promise]] = {
    "draft": gettext_lazy("建立批次"),
    "add": gettext_lazy("加入拨付"),
    "drop": gettext_lazy("撤下拨付"),
}
"""Events that are no transition."""
WAY: Final = (
    (gettext_lazy("编制"), "prepared_at", "prepared_by"),
    (gettext_lazy("确认"), "confirmed_at", "confirmed_by"),
    (gettext_lazy("下达"), "released_at", "released_by"),
    (gettext_lazy("办结"), "settled_at", ""),
)
MOST_EVENTS: Final = 100


@require_safe
def page(request: HttpRequest, department: int, number: str) -> HttpResponse:
    """One batch; what is not of this desk's lines is 404."""
    return _shown(request, Case.of(act(request, department), number))


@require_POST
def take_step(request: HttpRequest, department: int, number: str, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422), and nothing that was written is lost."""
    case = Case.of(act(request, department), number)
    if step not in STEPS or not STEPS[step].is_for(case):
        raise Http404
    form = STEPS[step].form(request.POST, auto_id=f"{step}-%s")
    if not take(step, case, form):
        return _shown(request, Case.of(case.desk, number), (step, form))
    messages.success(request, f"{case.batch.number}：{STEPS[step].done}")
    return redirect("desk_money_batch", department, number)


@require_POST
def drop(request: HttpRequest, department: int, number: str, payment: int) -> HttpResponse:
    """Take one payment out of a draft."""
    case = Case.of(act(request, department), number)
    found = get_object_or_404(case.batch.payments.select_related("enterprise", "batch"), pk=payment)
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        batches.drop(found, reason, by=case.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤下：%(name)s。") % {"name": found.enterprise.name})
    return redirect("desk_money_batch", department, number)


def _shown(request: HttpRequest, case: Case, failed: tuple[str, SeenForm] | None = None) -> HttpResponse:
    batch = case.batch
    preparing = has_duty(case.user, batch.line.department, Role.PAYMENT_PREPARER)
    context = frame(
        case.desk,
        "desk_money",
        case=case,
        batch=batch,
        state=BatchState(batch.state),
        way=_way(batch, case.back),
        page=page_of(batch, request.GET.get("page")),
        next=next_of(case, failed),
        others=others_of(case, failed),
        failed=failed[0] if failed else "",
        may_change=preparing and batch.state == BatchState.DRAFT,
        events=[(_label(event), event) for event in _events(batch)],
    )
    return render(request, "money/desk/batch.html", context, status=422 if failed else 200)


def _way(batch: PaymentBatch, back: int) -> list[tuple[str, str, object, object]]:
    """The steps with their mark, moment and who took them; with something `back` it is not done with."""
    found, now = [], batch.state != BatchState.CANCELLED
    for label, at, who in WAY:
        moment = getattr(batch, at)
        mark = "ok" if moment else "now" if now else ""
        now = now and moment is not None
        found.append((str(label), mark, moment, getattr(batch, who) if who else None))
    if back and batch.settled_at:
        found[-1] = (_("有退回"), "late", batch.settled_at, None)
    return found


def _events(batch: PaymentBatch) -> list[PaymentBatchEvent]:
    return list(batch.events.select_related("actor").order_by("-at", "-pk")[:MOST_EVENTS])


def _label(event: PaymentBatchEvent) -> str:
    known = PaymentBatch.machine.transitions
    return str(known[event.name].label if event.name in known else EVENTS.get(event.name, event.name))
