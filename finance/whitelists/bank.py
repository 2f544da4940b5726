"""Whitelists at a bank: who is recommended, and what the bank came to with each."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from finance.acting import act
from finance.fields import MoneyField
from finance.models import EntryOutcome, Whitelist, WhitelistEntry, WhitelistResult
from finance.models.vocabulary import Post
from finance.whitelists.pushing import Report, report
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20


class ReportForm(forms.Form):
    """What the bank came to."""

    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=EntryOutcome.choices)
    amount = MoneyField(label=gettext_lazy("授信金额"), unit="万元", required=False)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=300, required=False)


@require_safe
def lists(request: HttpRequest, bank: int) -> HttpResponse:
    """Lists that were pushed to the bank, newest first."""
    actor = act(request, bank)
    found = Whitelist.objects.filter(banks=actor.bank, pushed_at__isnull=False).select_related("department")
    page = Paginator(found.order_by("-pushed_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"actor": actor, "bank": actor.bank, "page": page}
    return render(request, "finance/bank/whitelists.html", context)


@require_safe
def one(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """The enterprises of a list, each with the bank's own result."""
    actor = act(request, bank)
    held = get_object_or_404(Whitelist, banks=actor.bank, pushed_at__isnull=False, pk=pk)
    own = Prefetch("results", WhitelistResult.objects.filter(bank=actor.bank), to_attr="own")
    entries = held.entries.filter(excluded="").select_related("enterprise").prefetch_related(own)
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "actor": actor,
        "bank": actor.bank,
        "held": held,
        "page": page,
        "outcomes": EntryOutcome.choices,
        "works": held.state == "pushed" and actor.holds(Post.MANAGER, Post.OFFICER),
    }
    return render(request, "finance/bank/whitelist.html", context)


@require_POST
def answer(request: HttpRequest, bank: int, pk: int, entry: int) -> HttpResponse:
    """Report of one enterprise; what is refused is said on the list's page."""
    actor = act(request, bank, Post.MANAGER, Post.OFFICER)
    found = WhitelistEntry.objects.filter(whitelist__banks=actor.bank, whitelist=pk)
    listed = get_object_or_404(found, pk=entry)
    form = ReportForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        said = Report(given["outcome"], given["amount"], given["note"])
        try:
            report(listed, said, by=actor, at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("已填报。"))
    else:
        messages.error(request, "".join(str(one) for errors in form.errors.values() for one in errors))
    return redirect("bank_whitelist", bank, pk)
