"""One claim at the department's desk: what the bank says, its documents, and the next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from finance.models import ClaimState, PoolClaim, PoolReceipt
from finance.models.pool_cover import OPEN_CLAIMS
from finance.office import act, frame
from finance.pools import claiming
from finance.pools.case import Case
from finance.pools.claiming import Payment, Returned
from finance.pools.desk.forms import PassForm, PayForm, ReasonForm, RecoverForm
from finance.pools.duties import APPROVING, PAYING, REVIEWING
from portal.accounts.desks import Desk
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError

C = ClaimState
Do = Callable[[PoolClaim, dict[str, object], User, dt.datetime], object]


@dataclass(frozen=True, slots=True)
class Step:
    """What may be done in some states by some roles, what is written for it and what is said after it."""

    label: Promise
    states: tuple[ClaimState, ...]
    roles: tuple[Role, ...]
    form: type[forms.Form]
    do: Do
    done: Promise
    kind: str = "main"


STEPS: Final[dict[str, Step]] = {
    "review": Step(
        _("审核通过"),
        (C.FILED,),
        REVIEWING,
        PassForm,
        lambda claim, given, by, at: claiming.review(claim, by=by, at=at, comment=str(given["comment"])),
        _("已审核，请领导批准。"),
    ),
    "approve": Step(
        _("批准"),
        (C.REVIEWED,),
        APPROVING,
        PassForm,
        lambda claim, given, by, at: claiming.approve(claim, by=by, at=at, comment=str(given["comment"])),
        _("已批准，请登记拨付。"),
    ),
    "pay": Step(
        _("登记拨付"),
        (C.APPROVED,),
        PAYING,
        PayForm,
        lambda claim, given, by, at: claiming.pay(
            claim,
            Payment(str(given["serial"]), given["on"], given["receipt"]),  # type: ignore[arg-type]
            str(given["code"]),
            by=by,
            at=at,
        ),
        _("已登记拨付，资金池余额随之减少；银行会收到消息，看得到回单。"),
    ),
    "recover": Step(
        _("登记追偿回款"),
        (C.PAID,),
        PAYING,
        RecoverForm,
        lambda claim, given, by, at: claiming.recover(
            claim,
            Returned(int(str(given["amount"])), str(given["serial"]), given["on"]),  # type: ignore[arg-type]
            by=by,
            at=at,
        ),
        _("已登记，资金池按比例收回。"),
    ),
    "refuse": Step(
        _("不予补偿"),
        OPEN_CLAIMS,
        (*REVIEWING, *APPROVING),
        ReasonForm,
        lambda claim, given, by, at: claiming.refuse(claim, str(given["reason"]), by=by, at=at),
        _("已答复银行。"),
        kind="danger",
    ),
}


@require_safe
def page(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One claim on a pool of this department; else 404."""
    return _shown(request, act(request, department), pk)


@require_POST
def take_step(request: HttpRequest, department: int, pk: int, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422)."""
    desk = act(request, department)
    claim = _claim(desk, pk)
    if step not in STEPS:
        raise Http404
    form = STEPS[step].form(request.POST, request.FILES, auto_id=f"{step}-%s")
    if form.is_valid():
        try:
            STEPS[step].do(claim, form.cleaned_data, desk.user, timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(STEPS[step].done))
            return redirect("desk_pool_claim", department, pk)
    return _shown(request, desk, pk, (step, form))


@require_safe
def file(request: HttpRequest, department: int, pk: int, number: int) -> FileResponse:
    """A document of the claim."""
    kept = get_object_or_404(_claim(act(request, department), pk).files, pk=number)
    return hand_out(kept.file, kept.name)


@require_safe
def receipt(request: HttpRequest, department: int, pk: int) -> FileResponse:
    """What shows that it was paid."""
    kept = get_object_or_404(PoolReceipt, claim=_claim(act(request, department), pk))
    return hand_out(kept.file, kept.name)


def _claim(desk: Desk, pk: int) -> PoolClaim:
    people = ("filed_by", "reviewed_by", "approved_by", "paid_by")
    found = PoolClaim.objects.select_related(
        "admission__pool__department",
        "admission__loan__enterprise",
        "admission__loan__product_version",
        "admission__bank",
        "receipt",
        *people,
    )
    return get_object_or_404(found, admission__pool__department=desk.department, pk=pk)


def _shown(
    request: HttpRequest, desk: Desk, pk: int, failed: tuple[str, forms.Form] | None = None
) -> HttpResponse:
    claim, labels = _claim(desk, pk), PoolClaim.machine.transitions
    events = list(claim.events.select_related("actor"))
    offers = [
        (name, step, failed[1] if failed and failed[0] == name else step.form(auto_id=f"{name}-%s"))
        for name, step in STEPS.items()
        if claim.state in step.states
        and any(desk.user.has_role(role, desk.department) for role in step.roles)
    ]
    context = frame(
        desk,
        "desk_pools",
        claim=claim,
        pool=claim.admission.pool,
        loan=claim.admission.loan,
        case=Case.of(claim, events),
        files=list(claim.files.all()),
        events=[(labels[event.name].label, event) for event in events],
        recoveries=list(claim.recoveries.select_related("by")),
        offers=offers,
    )
    return render(request, "finance/office/claim.html", context, status=422 if failed else 200)
