"""Lists of drawdowns and repayments: brought, every mistake by row and column, booked whole."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finance.acting import act
from finance.desk.forms import ListForm
from finance.desk.steps import WORKING
from finance.lending.lists.columns import COLUMNS
from finance.lending.lists.giving import blank_table, movements_table
from finance.lending.lists.reading import preview
from finance.lending.lists.taking import book, take_in
from finance.models import LoanApplication, LoanList
from portal.kernel.errors import DomainError, ImportRefused
from portal.kernel.spreadsheets import handed_out

PAGE_SIZE: Final = 20
LINES_SHOWN: Final = 200


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, bank: int) -> HttpResponse:
    """What came so far; bring another one."""
    actor = act(request, bank, *WORKING) if request.method == "POST" else act(request, bank)
    form = ListForm(request.POST or None, request.FILES or None, initial={"kind": "drawdowns"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            file = take_in(given["file"], given["kind"], by=actor, at=timezone.now())
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            if file.is_booked:
                messages.info(request, _unchanged(file))
            return redirect("bank_list", bank, file.pk)
    rows = LoanList.objects.filter(bank=actor.bank).defer("content").select_related("by").order_by("-pk")
    context = {
        "actor": actor,
        "bank": actor.bank,
        "form": form,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_work": actor.holds(*WORKING),
    }
    return render(request, "finance/desk/lists.html", context, status=422 if form.errors else 200)


@require_safe
def one(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """A list as it would be booked now, or as it was."""
    actor = act(request, bank)
    file = get_object_or_404(LoanList.objects.select_related("by"), pk=pk, bank=actor.bank)
    context: dict[str, Any] = {
        "actor": actor,
        "bank": actor.bank,
        "file": file,
        "booked": file.is_booked,
        "may_work": actor.holds(*WORKING),
        "most": LINES_SHOWN,
    }
    if not context["booked"]:
        seen = preview(file, by=actor, at=timezone.now())
        context |= {"seen": seen, "lines": seen.lines[:LINES_SHOWN], "errors": seen.errors}
    else:
        context["event"] = file.events.select_related("actor").last()
        rows = getattr(file, file.kind).filter(loan__in=LoanApplication.objects.visible_to(actor))
        context["lines"] = rows.select_related("loan__enterprise").order_by("pk")[:LINES_SHOWN]
    return render(request, "finance/desk/list.html", context)


@require_POST
def confirm(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """Book it whole; a second time changes nothing and says so."""
    actor = act(request, bank, *WORKING)
    file = get_object_or_404(LoanList, pk=pk, bank=actor.bank)
    was_booked = file.is_booked
    try:
        booked = book(file, by=actor, at=timezone.now())
    except ImportRefused:
        messages.error(request, _("清单没有入账，请看下面每一处的原因，改好后重新上传。"))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if was_booked or not booked.new:
            messages.info(request, _unchanged(file))
        else:
            messages.success(
                request,
                _("已入账 %(new)d 笔，另有 %(known)d 笔以前已记过。")
                % {"new": booked.new, "known": booked.known},
            )
    return redirect("bank_list", bank, pk)


@require_safe
def template(request: HttpRequest, bank: int, kind: str) -> HttpResponse:
    """The list to be filled in."""
    actor = act(request, bank)
    if kind not in COLUMNS:
        raise Http404
    return handed_out(blank_table(kind, actor, timezone.now()), "xlsx", f"{kind}-template")


@require_safe
def export(request: HttpRequest, bank: int, kind: str) -> HttpResponse:
    """What is booked, in the same columns."""
    actor = act(request, bank)
    if kind not in COLUMNS:
        raise Http404
    return handed_out(movements_table(kind, actor, timezone.now()), "xlsx", kind)


def _unchanged(file: LoanList) -> str:
    return _("这份清单“%(name)s”以前已入账，没有任何变化。") % {"name": file.name}
