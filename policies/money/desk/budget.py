"""The budget page: what each line was given, what is on its way, paid, and left; what is still to come."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.money.desk.acting import act, frame, lines_at
from policies.money.forecasting import Standing, standings
from portal.kernel.http import posted_id


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The lines of one budget year, with the forecast by quarter."""
    desk = act(request, department)
    today = timezone.localdate()
    years = sorted(set(lines_at(desk).order_by().values_list("year", flat=True)) | {today.year}, reverse=True)
    asked = posted_id(request.GET.get("year", ""))
    year = asked if asked in years else today.year
    found = standings(lines_at(desk).filter(year=year).order_by("code"), today)
    total = Standing.sum(found)
    context = frame(
        desk,
        "desk_money_budget",
        year=year,
        found=found,
        total=total,
        quarters=total.quarters,
        most=max((one.fen for one in total.quarters), default=0),
        tabs=[{"url": f"?year={one}", "label": one, "count": None, "current": one == year} for one in years],
    )
    return render(request, "money/desk/budget.html", context)
