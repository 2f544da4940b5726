"""The desk's page of shared problems: what is suggested, what there is, one of them with all it concerns."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.desk.acting import act, holds
from appeals.intake import join, share
from appeals.models import SharedProblem
from appeals.models.appeal import DESK
from appeals.sharing.forms import ChosenForm, ShareForm
from appeals.sharing.problems import (
    candidates,
    chosen_lines,
    members,
    more_like,
    problems,
    searched,
    suggestions,
)
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

GROUPS_SHOWN: Final = 5
PROBLEMS_SHOWN: Final = 20


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Suggested groups, or the problems there are."""
    desk = act(request, department, *DESK)
    if request.GET.get("tab") == "shared":
        listed = Paginator(problems(desk.user), PROBLEMS_SHOWN).get_page(request.GET.get("page"))
        return _shown(request, desk, {"page": listed, "shared": True})
    return _suggested(request, desk)


@require_POST
def create(request: HttpRequest, department: int) -> HttpResponse:
    """Make one problem of the appeals chosen; all enterprises are told. What is refused is said (422)."""
    desk = act(request, department, Role.DISPATCHER)
    form = ShareForm(request.POST, user=desk.user)
    refused = form.problems
    if not refused:
        try:
            problem = share(list(form.cleaned_data["appeals"]), form.cleaned_data["title"], by=desk.user)
        except DomainError as error:
            refused = [str(error)]
        else:
            messages.success(request, _("已列为共性问题，有关企业都已收到消息。"))
            return redirect("desk_problem", department, problem.pk)
    return _suggested(request, desk, refused, form)


@require_safe
def problem(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One problem: its lead order, every enterprise's appeal, and what says the same since."""
    desk = act(request, department, *DESK)
    return _one(request, desk, get_object_or_404(problems(desk.user), pk=pk))


@require_POST
def add(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """More appeals for the problem; their enterprises are told. What is refused is said (422)."""
    desk = act(request, department, Role.DISPATCHER)
    found = get_object_or_404(problems(desk.user), pk=pk)
    form = ChosenForm(request.POST, user=desk.user)
    refused = form.problems
    if not refused:
        try:
            join(found, list(form.cleaned_data["appeals"]), by=desk.user)
        except DomainError as error:
            refused = [str(error)]
        else:
            messages.success(request, _("已加入，有关企业都已收到消息。"))
            return redirect("desk_problem", department, pk)
    return _one(request, desk, found, refused)


def _suggested(
    request: HttpRequest, desk: Desk, refused: list[str] | None = None, form: ShareForm | None = None
) -> HttpResponse:
    words = request.GET.get("q", "")
    listed = Paginator(suggestions(desk.user), GROUPS_SHOWN).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"page": listed, "words": words, "shared": False, "refused": refused}
    if form is not None:
        given = form.data.getlist("appeals") if hasattr(form.data, "getlist") else []
        keys = [int(each) for each in given if each.isascii() and each.isdecimal() and len(each) <= 18]
        again = candidates(desk.user).filter(pk__in=keys).order_by("pk")
        context |= {"again": chosen_lines(list(again)), "given_title": form.data.get("title", "")}
    elif words.strip():
        context["found"] = searched(desk.user, words)
    return _shown(request, desk, context, status=422 if refused else 200)


def _shown(request: HttpRequest, desk: Desk, context: dict[str, Any], status: int = 200) -> HttpResponse:
    count = SharedProblem.objects.filter(pk__in=problems(desk.user).values("pk")).count()
    suggested = None if context["shared"] else context["page"].paginator.count
    tabs = [
        {"url": "?", "label": _("建议合并"), "count": suggested, "current": not context["shared"]},
        {"url": "?tab=shared", "label": _("已列为共性问题"), "count": count, "current": context["shared"]},
    ]
    context |= {"department": desk.department, "tabs": tabs, "shares": holds(desk, Role.DISPATCHER)}
    return render(request, "appeals/sharing/page.html", context, status=status)


def _one(
    request: HttpRequest, desk: Desk, found: SharedProblem, refused: list[str] | None = None
) -> HttpResponse:
    concerned = members(found)
    lead = next((order for appeal, order in concerned if appeal.pk == found.lead_id), None)
    shares = holds(desk, Role.DISPATCHER)
    context = {
        "department": desk.department,
        "problem": found,
        "lead": lead,
        "members": concerned,
        "enterprises": len({appeal.enterprise_id for appeal, _order in concerned}),
        "shares": shares,
        "more": more_like(found, desk.user) if shares else [],
        "refused": refused,
    }
    return render(request, "appeals/sharing/problem.html", context, status=422 if refused else 200)
