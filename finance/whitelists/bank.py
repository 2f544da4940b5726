"""Whitelists at a bank: who is recommended, why as far as they let it know, and what the bank came to."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises.consents.reading import Reader, read
from enterprises.finding import named
from finance.acting import BankActor, act
from finance.desk.steps import WORKING
from finance.fields import MOST_LENT, MoneyField
from finance.models import EntryOutcome, Whitelist, WhitelistEntry, WhitelistResult
from finance.whitelists.consenting import consent_for
from finance.whitelists.evidence import allowed
from finance.whitelists.pushed import held_at, works
from finance.whitelists.pushing import MOST_WORDS, Report, report
from finance.whitelists.returns import ReturnForm, unchanged
from finance.whitelists.taking import take_in
from portal.kernel.errors import DomainError
from portal.kernel.http import writes_on_get
from portal.kernel.language import in_language_of_record
from portal.kernel.money import exact_money

PAGE_SIZE: Final = 20
PARTS: Final = (
    ("", gettext_lazy("全部"), Q()),
    ("waiting", gettext_lazy("待填报"), Q(answered=False)),
    ("answered", gettext_lazy("已填报"), Q(answered=True)),
)


class ReportForm(forms.Form):
    """What the bank came to."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("结果"), choices=[("", gettext_lazy("请选择")), *EntryOutcome.choices]
    )
    amount = MoneyField(
        label=gettext_lazy("授信金额"),
        unit="万元",
        most=MOST_LENT,
        required=False,
        help_text=gettext_lazy("已授信的才填"),
    )
    note = forms.CharField(label=gettext_lazy("说明（可不填）"), max_length=MOST_WORDS, required=False)


@require_safe
def lists(request: HttpRequest, bank: int) -> HttpResponse:
    """Lists that were pushed to the bank, newest first, each with how many it has answered for."""
    actor = act(request, bank)
    own = Q(entries__results__bank=actor.bank)
    found = Whitelist.objects.filter(banks=actor.bank, pushed_at__isnull=False).select_related("department")
    counts = {
        "size": Count("entries", filter=Q(entries__excluded=""), distinct=True),
        "answered": Count("entries__results", filter=own, distinct=True),
    }
    page = Paginator(found.annotate(**counts).order_by("-pushed_at", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {"actor": actor, "bank": actor.bank, "page": page}
    return render(request, "finance/bank/whitelists.html", context)


@require_safe
def one(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """The enterprises of a list, by name and by whether they were answered for, and files of results."""
    actor = act(request, bank)
    return _shown(request, actor, held_at(actor, pk))


def _shown(
    request: HttpRequest, actor: BankActor, held: Whitelist, form: ReturnForm | None = None
) -> HttpResponse:
    """The page of a list; with a form that was refused (422)."""
    results = WhitelistResult.objects.filter(bank=actor.bank)
    entries = held.entries.filter(excluded="").annotate(answered=Exists(results.filter(entry=OuterRef("pk"))))
    tally = dict(entries.order_by().values_list("answered").annotate(count=Count("pk")))
    counts = {"": sum(tally.values()), "waiting": tally.get(False, 0), "answered": tally.get(True, 0)}
    part, words = request.GET.get("part", ""), request.GET.get("q", "").strip()[:80]
    narrowing = {key: q for key, _label, q in PARTS}
    found = entries.filter(narrowing.get(part, Q()))
    if words:
        found = found.filter(named(words, "enterprise__"))
    own = Prefetch("results", results, to_attr="own")
    rows = found.defer("evidence").select_related("enterprise").prefetch_related(own).order_by("pk")
    context: dict[str, Any] = {
        "actor": actor,
        "bank": actor.bank,
        "held": held,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "counts": counts,
        "words": words,
        "part": part if part in narrowing else "",
        "tabs": [
            {
                "url": f"?{urlencode({'part': key, **({'q': words} if words else {})})}",
                "label": label,
                "count": counts[key],
                "current": key == (part if part in narrowing else ""),
            }
            for key, label, _q in PARTS
        ],
        "form": form or ReturnForm(),
        "returns": held.returns.filter(bank=actor.bank).defer("content").select_related("by")[:PAGE_SIZE],
        "works": works(actor, held),
    }
    return render(request, "finance/bank/whitelist.html", context, status=422 if form else 200)


@require_POST
def bring(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """Keep a file for a look at it; what is no workbook is refused beside the form (422)."""
    actor = act(request, bank, *WORKING)
    held = held_at(actor, pk)
    form = ReturnForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            file = take_in(form.cleaned_data["file"], held, by=actor, at=timezone.now())
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            if file.is_booked:
                messages.info(request, unchanged(file))
            return redirect("bank_whitelist_return", bank, pk, file.pk)
    return _shown(request, actor, held, form)


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, bank: int, pk: int, entry: int) -> HttpResponse:
    """One enterprise of a list; sent by POST, what the bank came to (422 where it is refused)."""
    actor = act(request, bank, *WORKING) if request.method == "POST" else act(request, bank)
    held = held_at(actor, pk)
    listed = _listed(held, entry)
    own = WhitelistResult.objects.filter(entry=listed, bank=actor.bank).select_related("by").first()
    form = ReportForm(request.POST or None, initial=_initial(own))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            said = Report(given["outcome"], given["amount"], given["note"])
            report(listed, said, by=actor, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已填报。"))
            return redirect("bank_whitelist_entry", bank, pk, entry)
    context = {
        "actor": actor,
        "bank": actor.bank,
        "held": held,
        "entry": listed,
        "result": own,
        "words": listed.words.filter(bank=actor.bank).select_related("bank", "by").order_by("-pk"),
        "form": form,
        "works": works(actor, held),
        "consent": consent_for(listed, actor.bank, timezone.now()),
    }
    answer = render(request, "finance/bank/whitelist_entry.html", context, status=422 if form.errors else 200)
    answer["Cache-Control"] = "private, no-store"
    return answer


@writes_on_get
@require_http_methods(["GET", "HEAD"])
def why(request: HttpRequest, bank: int, pk: int, entry: int) -> HttpResponse:
    """Why it is on the list, as far as its consent goes; that it was read is written down first."""
    actor = act(request, bank)
    held = held_at(actor, pk)
    listed = _listed(held, entry)
    context: dict[str, Any] = {"actor": actor, "bank": actor.bank, "held": held, "entry": listed}
    consent, now = consent_for(listed, actor.bank, timezone.now()), timezone.now()
    try:
        if consent is None or actor.bank.grantee is None:
            raise DomainError(_("企业没有授权本行查看依据。"), code="no_consent")
        with in_language_of_record():
            words = _("核对白名单“%(title)s”") % {"title": held.title}
        reader = Reader(actor.bank.grantee, actor.user, why=words)
        found = read(consent.pk, reader, at=now)
    except DomainError as error:
        status = 403
        context["refused"] = str(error)
    else:
        status = 200
        keys = found.reading.keys
        conditions = allowed(listed.conditions, keys["facts"], keys["credentials"])
        context |= {
            "read": found,
            "conditions": conditions,
            "hidden": len(listed.conditions) - len(conditions),
        }
    answer = render(request, "finance/bank/whitelist_why.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"  # nothing is looked at again past the consent
    return answer


def _listed(held: Whitelist, pk: int) -> WhitelistEntry:
    found = get_object_or_404(held.entries.filter(excluded="").select_related("enterprise"), pk=pk)
    found.whitelist = held
    return found


def _initial(own: WhitelistResult | None) -> dict[str, Any]:
    """What was said before, to be corrected."""
    if own is None:
        return {}
    amount = "" if own.amount_fen is None else exact_money(own.amount_fen)
    return {"outcome": own.outcome, "amount": amount, "note": own.note}
