"""The books: every figure that must hold, and whether it does, as the database says now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.money import invariants
from policies.money.desk.acting import act, frame


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """All figures, those that do not hold first."""
    desk = act(request, department)
    figures = invariants.figures()
    context = frame(
        desk,
        "desk_money_books",
        figures=[(invariants.MEANINGS.get(one.name, one.name), one) for one in figures],
        broken=sum(1 for one in figures if one.broken),
        now=timezone.now(),
    )
    return render(request, "money/desk/books.html", context)
