"""Who acts at a department's finance desk, and the frame that its pages share."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.pools.duties import READING
from finance.scoring.access import WATCHING, watches
from portal.accounts.desks import Desk, act_at_desk

OFFICE_PLACES: Final = (
    ("desk_finance", _("总览"), READING),
    ("desk_loans", _("贷款"), READING),
    ("desk_ranking", _("银行赛马"), READING),
    ("desk_scoring", _("评分监测"), WATCHING),
)
"""Pages of the office that keeps finance, by the names of their addresses, with the roles that see them."""
PLACES: Final = (
    ("desk_pools", _("风险补偿金池"), READING),
    ("desk_pool_books", _("账目核验"), READING),
    ("desk_whitelists", _("白名单"), READING),
)
"""Pages of the finance desk of any department."""


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who acts at the finance desk: any role that looks at pools when none is named; else ``Http404``."""
    return act_at_desk(request, department, *(roles or READING))


def act_at_office(request: HttpRequest, department: int) -> Desk:
    """Who acts at the desk of the office that keeps finance; ``Http404`` at any other department."""
    desk = act(request, department)
    if not watches(desk.department):
        raise Http404
    return desk


def frame(desk: Desk, current: str, **context: Any) -> dict[str, Any]:
    """What every page of the desk shows: its department, and the way to the other pages."""
    shown = (*OFFICE_PLACES, *PLACES) if watches(desk.department) else PLACES
    places = [
        {"url": reverse(name, args=[desk.department.pk]), "label": label, "current": name == current}
        for name, label, roles in shown
        if desk.holds(*roles)
    ]
    return {"desk": desk, "department": desk.department, "places": places} | context
