"""How long it takes from being eligible to being paid: by item and by department."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from policies.money.desk.acting import COUNTING, act, frame
from policies.money.speed import by
from portal.accounts.roles import Role

TABS: Final = {"item": _("按事项"), "department": _("按部门")}
DAYS: Final = 365


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Of the last year; at a department's desk its own items, for who supervises those of the county."""
    desk = act(request, department, *COUNTING)
    everything = desk.holds(Role.SUPERVISOR)
    asked = request.GET.get("by", "")
    tab = asked if everything and asked in TABS else "item"
    rows = by(tab, timezone.now(), None if everything else desk.department, days=DAYS)
    context = frame(
        desk,
        "desk_money_speed",
        rows=rows[:-1],
        total=rows[-1] if rows else None,
        by=TABS[tab],
        everything=everything,
        slowest=max((row.median_days or 0 for row in rows), default=0),
        tabs=[
            {"url": f"?by={key}", "label": label, "count": None, "current": key == tab}
            for key, label in TABS.items()
        ]
        if everything
        else [],
    )
    return render(request, "money/desk/speed.html", context)
