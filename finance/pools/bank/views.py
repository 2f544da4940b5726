"""A bank at its pools: how much room there is, asking for a loan to be taken on, claims and their way."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.acting import BankActor, act
from finance.models import LoanApplication, PoolAdmission, PoolClaim, PoolReceipt, RiskPool
from finance.models.vocabulary import Post
from finance.pools.admitting import admit
from finance.pools.bank.forms import AdmitForm, ClaimForm
from finance.pools.claiming import Loss, file_claim
from finance.pools.lateness import claimable_from, too_early
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError
from portal.kernel.money import exact_money

PAGE_SIZE: Final = 20
WORKING: Final = (Post.MANAGER, Post.OFFICER)
"""Posts that ask for something."""


@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: HttpRequest, bank: int) -> HttpResponse:
    """The bank's pools and loans in them; sent by POST, ask for one more."""
    actor = act(request, bank, *(WORKING if request.method == "POST" else ()))
    form = AdmitForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            admit(given["pool"], given["loan"], by=actor, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(loan)s 已入池。") % {"loan": given["loan"].number})
            return redirect("bank_pool", bank)
    mine = _admissions(actor)
    chosen = Paginator(mine.for_lists().prefetch_related("claims"), PAGE_SIZE)
    context: dict[str, Any] = {
        "actor": actor,
        "bank": actor.bank,
        "pools": list(RiskPool.objects.for_bank(actor.bank).prefetch_related("products__rule")),
        "page": chosen.get_page(request.GET.get("page")),
        "form": form,
        "works": actor.holds(*WORKING),
        "today": timezone.localdate(),
    }
    return render(request, "finance/bank/pool.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """Ask a pool for its part of a loss."""
    actor = act(request, bank, *WORKING)
    admission = get_object_or_404(_admissions(actor).live().for_lists(), pk=pk)
    owed = {"loss": exact_money(admission.loan.owed_fen)}
    form = ClaimForm(request.POST or None, request.FILES or None, initial=owed)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        loss = Loss(given["loss"], given["words"], form.documents())
        try:
            filed = file_claim(admission, loss, by=actor, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("代偿申请已提交，主管部门审核后会通知您。"))
            return redirect("bank_pool_claim", bank, filed.pk)
    day, today = claimable_from(admission.loan, admission.pool, timezone.localdate()), timezone.localdate()
    context = {
        "actor": actor,
        "bank": actor.bank,
        "admission": admission,
        "form": form,
        "too_early": too_early(day, admission.pool) if day and today < day else "",
    }
    return render(request, "finance/bank/claiming.html", context, status=422 if form.errors else 200)


@require_safe
def filed(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """What became of a claim."""
    actor = act(request, bank)
    found = _claim(actor, pk)
    context = {
        "actor": actor,
        "bank": actor.bank,
        "claim": found,
        "loan": found.admission.loan,
        "pool": found.admission.pool,
        "files": list(found.files.all()),
        "recoveries": list(found.recoveries.all()),
    }
    return render(request, "finance/bank/claim.html", context)


@require_safe
def file(request: HttpRequest, bank: int, pk: int, number: int) -> FileResponse:
    """A document that the bank brought."""
    kept = get_object_or_404(_claim(act(request, bank), pk).files, pk=number)
    return hand_out(kept.file, kept.name)


@require_safe
def receipt(request: HttpRequest, bank: int, pk: int) -> FileResponse:
    """What shows that the claim was paid."""
    kept = get_object_or_404(PoolReceipt, claim=_claim(act(request, bank), pk))
    return hand_out(kept.file, kept.name)


def _admissions(actor: BankActor) -> Any:
    loans = LoanApplication.objects.visible_to(actor)
    return PoolAdmission.objects.filter(bank=actor.bank, loan__in=loans)


def _claim(actor: BankActor, pk: int) -> PoolClaim:
    joined = ("admission__pool__department", "admission__loan__enterprise", "admission__bank", "receipt")
    rows = PoolClaim.objects.filter(admission__in=_admissions(actor)).select_related(*joined)
    return get_object_or_404(rows, pk=pk)
