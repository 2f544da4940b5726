"""Whitelists at an enterprise: which banks it is recommended to, and letting one know why."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enterprises.acting import act
from enterprises.actors import Actor
from enterprises.consents.forms import ConsentForm
from enterprises.models import Consent
from finance.models import Bank, WhitelistEntry, WhitelistState
from finance.whitelists.consenting import PREFIX, consent_for, let_know, needs_of, reference_of
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 10


@require_safe
def lists(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The lists that name the enterprise, with the banks that have them and what it let these know."""
    actor = act(request, enterprise)
    rows = _own(actor).prefetch_related("whitelist__banks").order_by("-whitelist__pushed_at", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    live = _consents(actor).filter(reference__startswith=PREFIX)
    given = {(one.reference, one.grantee_id): one for one in live}
    shown = [
        (
            entry,
            [
                (bank, given.get((reference_of(entry), bank.grantee_id)))
                for bank in entry.whitelist.banks.all()
                if bank.grantee_id
            ],
        )
        for entry in page
    ]
    context = {"enterprise": actor.enterprise, "actor": actor, "page": page, "shown": shown}
    return render(request, "finance/portal/whitelists.html", context)


@require_safe
def one(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Why the enterprise is on a list, which banks have it, what they came to, and what it can do."""
    actor = act(request, enterprise)
    pushed = WhitelistEntry.objects.filter(
        enterprise=actor.enterprise, excluded="", whitelist__pushed_at__isnull=False
    )
    entry = get_object_or_404(pushed.select_related("whitelist__department"), pk=pk)
    given = {one.grantee_id: one for one in _consents(actor).filter(reference=reference_of(entry))}
    results = {one.bank_id: one for one in entry.results.all()}
    banks = [(bank, results.get(bank.pk), given.get(bank.grantee_id)) for bank in entry.whitelist.banks.all()]
    context = {
        "enterprise": actor.enterprise,
        "actor": actor,
        "entry": entry,
        "held": entry.whitelist,
        "conditions": entry.conditions,
        "banks": banks,
        "open": entry.whitelist.state == WhitelistState.PUSHED,
    }
    return render(request, "finance/portal/whitelist.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, enterprise: int, pk: int, bank: int) -> HttpResponse:
    """Let a bank know why the enterprise is on a list: what, for how long."""
    actor = act(request, enterprise)
    entry = get_object_or_404(_own(actor), pk=pk)
    whom = get_object_or_404(Bank.objects.select_related("grantee"), pk=bank, whitelists=entry.whitelist_id)
    needs = needs_of(entry)
    if not needs or whom.grantee is None:
        messages.info(request, _("这份名单没有需要授权的依据。"))
        return redirect("enterprise_whitelists", enterprise)
    facts, kinds = needs[0].facts, needs[0].credentials
    form = ConsentForm(request.POST or None, whom=whom.name, needs=needs, facts=facts, credentials=kinds)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            let_know(actor, entry, whom, form, at=timezone.now())
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("已授权，银行每次查看都有记录，随时可以撤回。"))
            return redirect("enterprise_whitelists", enterprise)
    context: dict[str, Any] = {
        "enterprise": actor.enterprise,
        "actor": actor,
        "entry": entry,
        "whom": whom,
        "form": form,
        "refused": refused,
        "given": consent_for(entry, whom, timezone.now()),
    }
    status = 422 if form.errors or refused else 200
    return render(request, "finance/portal/whitelist_consent.html", context, status=status)


def _consents(actor: Actor) -> Any:
    return Consent.objects.live(timezone.now()).filter(enterprise=actor.enterprise)


def _own(actor: Actor) -> Any:
    """Entries of lists that banks have now."""
    rows = WhitelistEntry.objects.filter(enterprise=actor.enterprise, excluded="")
    return rows.filter(whitelist__state=WhitelistState.PUSHED).select_related("whitelist__department")
