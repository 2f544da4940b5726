"""Pools of a department: the list, one pool with all that is in it, its ledger, the books."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.postgres.aggregates import StringAgg
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from finance.models import PoolAdmission, PoolClaim, PoolFuse, PoolSource, PoolState, RiskPool
from finance.office import act, frame
from finance.pools import closing, fusing, invariants
from finance.pools.admitting import end
from finance.pools.desk.forms import CloseForm, FundForm, ReasonForm
from finance.pools.desk.ledger import booked, cause, signed, table
from finance.pools.funding import fund
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.spreadsheets import KINDS, handed_out

PAGE_SIZE: Final = 20
FEW: Final = 10
"""Rows of a list beside others."""


@require_safe
def pools(request: HttpRequest, department: int) -> HttpResponse:
    """All pools of the department, and what waits for somebody."""
    desk = act(request, department)
    waiting = PoolClaim.objects.filter(
        admission__pool__department=desk.department, state__in=("filed", "reviewed", "approved")
    ).select_related("admission__loan__enterprise", "admission__bank", "admission__pool")
    context = frame(
        desk,
        "desk_pools",
        pools=list(RiskPool.objects.of(desk.department)),
        claims=list(waiting.order_by("filed_at")[:PAGE_SIZE]),
    )
    return render(request, "finance/office/pools.html", context)


@require_safe
def one(request: HttpRequest, department: int, code: str) -> HttpResponse:
    """One pool."""
    return _shown(request, act(request, department), code)


@require_POST
def take_step(request: HttpRequest, department: int, code: str, step: str) -> HttpResponse:
    """Put money in, ask for a fused pool to be opened, agree, end a loan that was lost, or close the pool."""
    desk = act(request, department)
    pool = _pool(desk, code)
    steps = {"fund": _fund, "ask": _ask, "agree": _agree, "end": _end, "close": _close}
    if step not in steps:
        raise Http404
    form = {"fund": FundForm, "ask": ReasonForm, "close": CloseForm}.get(step, forms.Form)(request.POST)
    if form.is_valid():
        try:
            done = steps[step](pool, desk, form, request)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect("desk_pool", department, code)
    if step in ("agree", "end"):
        messages.error(request, "".join(map(str, form.non_field_errors())))
        return redirect("desk_pool", department, code)
    return _shown(request, desk, code, **{step: form})


@require_safe
def ledger(request: HttpRequest, department: int, code: str) -> HttpResponse:
    """What was booked, newest first."""
    desk = act(request, department)
    pool = _pool(desk, code)
    page = Paginator(booked(pool), PAGE_SIZE * 2).get_page(request.GET.get("page"))
    rows = [(each, cause(each), signed(each)) for each in page]
    context = frame(desk, "desk_pools", pool=pool, page=page, rows=rows)
    return render(request, "finance/office/ledger.html", context)


@require_safe
def export(request: HttpRequest, department: int, code: str, kind: str) -> HttpResponse:
    """The same as CSV or XLSX."""
    pool = _pool(act(request, department), code)
    if kind not in KINDS:
        raise Http404
    return handed_out(table(pool), kind, f"pool-{pool.code}-{timezone.localdate()}")


@require_safe
def books(request: HttpRequest, department: int) -> HttpResponse:
    """All figures that must hold, those that do not first."""
    desk = act(request, department)
    figures = invariants.figures()
    context = frame(
        desk,
        "desk_pool_books",
        figures=[(invariants.MEANINGS.get(each.name, each.name), each) for each in figures],
        broken=sum(1 for each in figures if each.broken),
        now=timezone.now(),
    )
    return render(request, "finance/office/books.html", context)


def _pool(desk: Desk, code: str) -> RiskPool:
    named = RiskPool.objects.annotate(bank_names=StringAgg("banks__short", "、", order_by="banks__short"))
    found: RiskPool = get_object_or_404(named, department=desk.department, code=code)
    return found


def _shown(request: HttpRequest, desk: Desk, code: str, **bound: forms.Form) -> HttpResponse:
    pool = _pool(desk, code)
    fuses = PoolFuse.objects.filter(pool=pool).select_related("asked_by", "reopened_by")
    loans = PoolAdmission.objects.filter(pool=pool).for_lists().with_lost()
    if request.GET.get("only") == "bad":
        loans = loans.live().filter(bad=True)
    claims = PoolClaim.objects.filter(admission__pool=pool)
    context: dict[str, Any] = {
        "pool": pool,
        "sources": list(PoolSource.objects.filter(pool=pool).select_related("by")),
        "banks": getattr(pool, "bank_names", ""),
        "fuses": list(fuses[:FEW]) if pool.state == PoolState.FUSED else [],
        "page": Paginator(loans, PAGE_SIZE).get_page(request.GET.get("page")),
        "only_bad": request.GET.get("only") == "bad",
        "claims": list(claims.select_related("admission__loan__enterprise", "admission__bank")[:FEW]),
        "may_fund": desk.user.has_role(Role.PAYMENT_PREPARER, desk.department),
        "fund_form": bound.get("fund") or FundForm(),
        "ask_form": bound.get("ask") or ReasonForm(),
        "may_close": pool.state != PoolState.CLOSED and desk.user.has_role(Role.LEADER, desk.department),
        "close_form": bound.get("close") or CloseForm(),
    }
    return render(
        request,
        "finance/office/pool.html",
        frame(desk, "desk_pools", **context),
        status=422 if bound else 200,
    )


def _fund(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    given = form.cleaned_data
    source = PoolSource(name=given["name"], amount_fen=given["amount"], note=given["note"])
    fund(pool, source, by=desk.user, at=timezone.now())
    return _("已登记，容量随之变化。")


def _ask(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    fusing.ask_reopen(_live(pool), form.cleaned_data["reason"], by=desk.user, at=timezone.now())
    return _("已申请恢复，请另一位同事同意。")


def _agree(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    fusing.reopen(_live(pool), by=desk.user, at=timezone.now())
    return _("资金池已恢复开放。")


def _end(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    given = request.POST.get("admission", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Http404
    end(get_object_or_404(pool.admissions, pk=int(given)), by=desk.user, at=timezone.now())
    return _("已出池，额度已释放。")


def _close(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    closing.close(pool, form.cleaned_data["reason"], by=desk.user, at=timezone.now())
    return _("资金池已关闭，不再受理新贷款；账目保留，随时可查。")


def _live(pool: RiskPool) -> PoolFuse:
    return get_object_or_404(PoolFuse.objects.select_related("pool__department"), pool=pool, reopened_at=None)
