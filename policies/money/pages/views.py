"""Where the enterprise's money is, and the account that it goes to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises.acting import act
from policies.models import PayeeAccount, Payment
from policies.models.money.payment import PaymentState
from policies.money import accounts
from policies.money.pages.forms import AccountForm
from policies.money.pages.tracks import sums_of, tracks_of
from portal.kernel.errors import DomainError

HISTORY = 20


@require_safe
def money(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Each sum with its steps; what waits for the enterprise first."""
    actor = act(request, enterprise)
    tracks = tracks_of(actor.enterprise)
    context = {
        "enterprise": actor.enterprise,
        "tracks": tracks,
        "sums": sums_of(tracks),
        "account": accounts.current(enterprise) if not tracks else tracks[0].account,
        "may_manage": actor.may_manage,
    }
    return render(request, "money/money.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The account in use with what was found of it; give one, or another one."""
    actor = act(request, enterprise)
    form = AccountForm(request.POST or None, initial={"holder": actor.enterprise.name})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            accounts.give(actor, given["holder"], given["bank"], given["number"], at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("收款账户已收到，户名核对相符后就会用它拨付。"))
            return redirect("enterprise_account", enterprise)
    rows: Any = PayeeAccount.objects.filter(enterprise=enterprise).select_related("finding", "given_by")
    history = list(rows.order_by("-pk")[:HISTORY])
    live = Payment.objects.filter(
        enterprise=enterprise, state__in=(PaymentState.PREPARED, PaymentState.SENT, PaymentState.UNKNOWN)
    )
    context = {
        "enterprise": actor.enterprise,
        "account": history[0] if history else None,
        "past": history[1:],
        "came_back": bool(history) and accounts.came_back(history[0]),
        "form": form,
        "underway": live.count(),
        "may_manage": actor.may_manage,
    }
    return render(request, "money/account.html", context, status=422 if form.errors else 200)


@require_POST
def again(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Put an earlier account in use anew, without typing it."""
    actor = act(request, enterprise)
    try:
        accounts.give_again(actor, pk, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已换回这个账户，户名重新核对相符后就会用它拨付。"))
    return redirect("enterprise_account", enterprise)
