"""The door to the desks: in which departments somebody works, and where work begins in one of them."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from appeals.desk.acting import ROLES, act, sees_all
from finance.scoring.access import watched_by
from policies.money.duties import PAYING
from policies.reviewers import departments_of
from portal.accounts.models import Department, User
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role

PAGE_SIZE: Final = 20


def desks_of(user: User) -> set[int]:
    """Ids of the departments at whose desks the user works, be it to visit, or in a colleague's place."""
    own = {place for role in (*ROLES, *PAYING, Role.PAIRED) for place in user.departments_as(role)}
    return own | departments_of(user) | watched_by(user)


@require_safe
def chooser(request: HttpRequest) -> HttpResponse:
    """The departments at whose desks the user works; straight on when there is one."""
    mine = Department.objects.filter(pk__in=desks_of(signed_in(request)))
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    if page.paginator.count == 1:
        return redirect("desk", page.object_list[0].pk)
    return render(request, "shell/desks.html", {"page": page})


@require_safe
def home(request: HttpRequest, department: int) -> HttpResponse:
    """Where work begins: the county's inbox, a department's orders, reviews, payments, visits, finance."""
    user = signed_in(request)
    if user.is_superuser or any(user.has_role(role, department) for role in ROLES):
        desk = act(request, department)
        return redirect("desk_inbox" if sees_all(desk) else "desk_orders", department)
    if department in departments_of(user):
        return redirect("desk_applications", department)
    if any(user.has_role(role, department) for role in PAYING):
        return redirect("desk_money", department)
    if user.has_role(Role.PAIRED, department):
        return redirect("desk_visits", department)
    if department in watched_by(user):
        return redirect("desk_finance", department)
    raise Http404
