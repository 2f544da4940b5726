"""Months with their ranks, and what each indicator said of a bank."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from finance.models import Indicator, RankingLine, RankingSnapshot
from finance.office import act_at_office, frame
from finance.rankings.indicators import next_month

FIRST: Final = 3
"""So many are rewarded."""
SHOWN: Final = 36
"""Months that can be looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an indicator said of a bank, gave it, and weighed for it; hundredths of points.

    `share` is None in months that were ranked before weights were shared among what can be measured.
    """

    indicator: Indicator
    value: str | None
    got: int
    share: int | None = None

    @property
    def points(self) -> str:
        """With two decimals."""
        return in_points(self.got)

    @property
    def weight(self) -> str:
        """What it weighed for the bank, with two decimals; as the version says where nothing was shared."""
        return str(self.indicator.weight) if self.share is None else in_points(self.share)


def in_points(hundredths: int) -> str:
    """Points with two decimals."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@require_safe
def months(request: HttpRequest, department: int) -> HttpResponse:
    """The ranks of a month, the last one unless another is chosen."""
    desk = act_at_office(request, department)
    taken = list(RankingSnapshot.objects.select_related("version").order_by("-month")[:SHOWN])
    asked = request.GET.get("month", "")
    shown = next((one for one in taken if str(one) == asked), taken[0] if taken else None)
    lines = list(shown.lines.select_related("bank").order_by("rank", "bank__short")) if shown else []
    most = max((line.points for line in lines), default=0)
    rows = [
        (line, in_points(line.points), line.points * 100 // (most or 1), _silent(line.values))
        for line in lines
    ]
    counted = shown.version.indicators.filter(recorded=True) if shown else Indicator.objects.none()
    whole = all(_is_shared(line.values) for line in lines)
    context = frame(
        desk,
        "desk_ranking",
        taken=taken,
        shown=shown,
        rows=rows,
        first=FIRST,
        attainable=100 if whole else counted.aggregate(points=Sum("weight", default=0))["points"],
        last_day=next_month(shown.month) - dt.timedelta(days=1) if shown else None,
    )
    return render(request, "finance/rankings/months.html", context)


@require_safe
def line(request: HttpRequest, department: int, snapshot: int, bank: int) -> HttpResponse:
    """Each indicator's value, weight and points of a bank in a month."""
    desk = act_at_office(request, department)
    found = RankingLine.objects.select_related("bank", "snapshot__version")
    shown = get_object_or_404(found, snapshot=snapshot, bank=bank)
    said = [
        Said(one, *shown.values.get(one.key, (None, 0))) for one in shown.snapshot.version.indicators.all()
    ]
    is_shared = _is_shared(shown.values)
    silent = [one for one in said if (one.value is None if is_shared else not one.indicator.recorded)]
    context = frame(
        desk,
        "desk_ranking",
        line=shown,
        points=in_points(shown.points),
        said=said,
        is_shared=is_shared,
        silent=len(silent),
        silent_weight=sum(one.indicator.weight for one in silent),
        first=FIRST,
    )
    return render(request, "finance/rankings/line.html", context)


def _is_shared(found: dict[str, list[Any]]) -> bool:
    """Whether the line says what each indicator weighed for the bank."""
    return all(len(row) > 2 for row in found.values())


def _silent(found: dict[str, list[Any]]) -> int:
    """How many indicators had nothing to measure; none of months that were ranked before."""
    return sum(row[0] is None for row in found.values()) if _is_shared(found) else 0
