"""Who acts at a department's finance desk, and the frame that its pages share."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.pools.duties import READING
from finance.scoring.access import WATCHING, watches
from portal.accounts.desks import Desk, act_at_desk

PLACES: Final = (
    ("desk_pools", _("风险补偿金池")),
    ("desk_pool_books", _("账目核验")),
    ("desk_whitelists", _("白名单")),
)
"""Pages of the finance desk, by the names of their addresses."""
WATCHED: Final = ("desk_scoring", _("评分监测"))
"""One more, of the office that keeps scores."""


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who acts at the finance desk: any role that looks at pools when none is named; else ``Http404``."""
    return act_at_desk(request, department, *(roles or READING))


def frame(desk: Desk, current: str, **context: Any) -> dict[str, Any]:
    """What every page of the desk shows: its department, and the way to the other pages."""
    shown = (
        *(PLACES if desk.holds(*READING) else ()),
        *((WATCHED,) if watches(desk.department) and desk.holds(*WATCHING) else ()),
    )
    places = [
        {"url": reverse(name, args=[desk.department.pk]), "label": label, "current": name == current}
        for name, label in shown
    ]
    return {"desk": desk, "department": desk.department, "places": places} | context
