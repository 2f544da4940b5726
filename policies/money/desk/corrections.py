"""Paid too much or too little: proposals with their evidence, to be accepted or dismissed with a reason."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from policies.models.money.correction import CorrectionKind, CorrectionState
from policies.money import corrections
from policies.money.desk.acting import CORRECTING, act, corrections_at, frame
from policies.money.desk.slices import sliced
from portal.accounts.duties import has_duty
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

S = CorrectionState
TABS: Final = (S.PROPOSED, S.ACCEPTED, S.RECOVERED, S.DISMISSED, S.WITHDRAWN)
STEPS: Final = {
    "accept": (corrections.accept, _("已决定更正。")),
    "dismiss": (corrections.dismiss, _("已决定不予更正。")),
    "recover": (corrections.recover, _("已登记追回。")),
}


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Corrections of one state, with what changed and what may be decided here."""
    desk = act(request, department, *CORRECTING)
    found = corrections_at(desk)
    counts = dict(found.order_by().values_list("state").annotate(Count("pk")))
    asked = request.GET.get("state", "")
    state = S(asked) if asked in TABS else S.PROPOSED
    related = ("award__enterprise", "award__version", "award__item__department", "decided_by", "topup")
    slice_ = sliced(found.filter(state=state).select_related(*related).defer("award__evidence"), request.GET)
    for row in slice_.rows:
        _prepare(row, desk.user)
    context = frame(
        desk,
        "desk_money_corrections",
        slice=slice_,
        state=state,
        tabs=[
            {
                "url": f"?state={one.value}",
                "label": one.label,
                "count": counts.get(one.value, 0),
                "current": one == state,
            }
            for one in TABS
        ],
    )
    return render(request, "money/desk/corrections.html", context)


@require_POST
def decide(request: HttpRequest, department: int, pk: int, step: str) -> HttpResponse:
    """Accept, dismiss, or note that the money is back."""
    desk = act(request, department, *CORRECTING)
    if step not in STEPS:
        raise Http404
    related = ("award__item__department", "award__enterprise")
    found = get_object_or_404(corrections_at(desk).select_related(*related), pk=pk)
    work: Any
    work, done = STEPS[step]
    try:
        work(found, request.POST.get("reason", "").replace("\0", "")[:1000], by=desk.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, f"{found.award.enterprise.name}：{error}")
    else:
        messages.success(request, f"{found.award.enterprise.name}：{done}")
    return redirect("desk_money_corrections", department)


def _prepare(row: Any, user: Any) -> None:
    department = row.award.item.department
    claws = row.kind == CorrectionKind.CLAWBACK
    row.is_clawback = claws
    row.may_decide = row.state == S.PROPOSED and has_duty(user, department, Role.LEADER)
    recovering = (Role.LEADER, Role.REVIEWER)
    row.may_recover = claws and row.state == S.ACCEPTED and has_duty(user, department, *recovering)
