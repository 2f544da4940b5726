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
from finance.pools.admitting import MOST_WORDS, end, object_to
from finance.pools.desk.forms import CloseForm, FundForm, ReasonForm
from finance.pools.desk.ledger import booked, cause, signed, table
from finance.pools.duties import APPROVING, REVIEWING
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
        pools=list(RiskPool.objects.of(desk.department).with_new(timezone.localdate())),
        claims=list(waiting.order_by("filed_at")[:PAGE_SIZE]),
    )
    return render(request, "finance/office/pools.html", context)


@require_safe
def one(request: HttpRequest, department: int, code: str) -> HttpResponse:
    """One pool."""
    return _shown(request, act(request, department), code)


@require_POST
def take_step(request: HttpRequest, department: int, code: str, step: str) -> HttpResponse:
    """Put money in, ask for a fused pool to be opened, agree, end a lost loan, object to one, or close it."""
    desk = act(request, department)
    pool = _pool(desk, code)
    steps = {"fund": _fund, "ask": _ask, "agree": _agree, "end": _end, "object": _object, "close": _close}
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
    if step in ("agree", "end", "object"):
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
    named = named.prefetch_related("products__rule")
    found: RiskPool = get_object_or_404(named, department=desk.department, code=code)
    return found


def _shown(request: HttpRequest, desk: Desk, code: str, **bound: forms.Form) -> HttpResponse:
    pool = _pool(desk, code)
    fuses = PoolFuse.objects.filter(pool=pool).select_related("asked_by", "reopened_by")
    loans, today = PoolAdmission.objects.filter(pool=pool), timezone.localdate()
    parts = {"": loans, "new": loans.objectable(today), "bad": loans.live().filter(bad=True)}
    only = request.GET.get("only", "") if request.GET.get("only") in parts else ""
    claims = PoolClaim.objects.filter(admission__pool=pool)
    context: dict[str, Any] = {
        "pool": pool,
        "sources": list(PoolSource.objects.filter(pool=pool).select_related("by")),
        "banks": getattr(pool, "bank_names", ""),
        "fuses": list(fuses[:FEW]) if pool.state == PoolState.FUSED else [],
        "page": Paginator(parts[only].for_lists().with_lost(), PAGE_SIZE).get_page(request.GET.get("page")),
        "only": only,
        "today": today,
        "may_object": any(desk.user.has_role(role, desk.department) for role in (*REVIEWING, *APPROVING)),
        "most_words": MOST_WORDS,
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
    end(_admission(pool, request), by=desk.user, at=timezone.now())
    return _("已出池，额度已释放。")


def _object(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    reason = request.POST.get("reason", "")
    object_to(_admission(pool, request), reason, by=desk.user, at=timezone.now())
    return _("已提出异议，这笔贷款出池，银行会收到理由。")


def _admission(pool: RiskPool, request: HttpRequest) -> PoolAdmission:
    given = request.POST.get("admission", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Http404
    return get_object_or_404(pool.admissions.select_related("loan", "pool__department"), pk=int(given))


def _close(pool: RiskPool, desk: Desk, form: forms.Form, request: HttpRequest) -> str:
    closing.close(pool, form.cleaned_data["reason"], by=desk.user, at=timezone.now())
    return _("资金池已关闭，不再受理新贷款；账目保留，随时可查。")


def _live(pool: RiskPool) -> PoolFuse:
    return get_object_or_404(PoolFuse.objects.select_related("pool__department"), pool=pool, reopened_at=None)
