"""The page of statistics, and the same table as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appeals.desk.acting import READING, act, sees_all
from appeals.models import Appeal
from appeals.narrowing import Narrowing
from appeals.statistics.dimensions import DIMENSIONS, Dimension
from appeals.statistics.export import Sheet
from appeals.statistics.figures import FIGURES, Share, counted, with_last
from portal.accounts.desks import Desk
from portal.kernel.spreadsheets import KINDS, handed_out

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted, and by what."""

    rows: Any
    dimension: Dimension
    narrowing: Narrowing
    now: dt.datetime

    def table(self) -> tuple[list[tuple[str, list[Share]]], list[Share]]:
        """The lines with their names, and the sum; two queries."""
        lines, total = counted(self.rows, self.dimension.group, self.now)
        return self.dimension.lines(lines), total


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The figures over all in sentences, and a table by one dimension."""
    desk = act(request, department, *READING)
    asked = _asked(request, desk)
    lines, total = asked.table()
    context = {
        "department": desk.department,
        "everything": sees_all(desk),
        "narrowing": asked.narrowing,
        "by": asked.dimension,
        "tabs": _tabs(request, asked.dimension),
        "figures": FIGURES,
        "total": total,
        "page": Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "appeals/statistics/page.html", context)


@require_safe
def export(request: HttpRequest, department: int, kind: str) -> HttpResponse:
    """The table as CSV or XLSX, with what was counted, for whom and when."""
    desk = act(request, department, *READING)
    if kind not in KINDS:
        raise Http404
    asked = _asked(request, desk)
    lines, total = asked.table()
    sheet = Sheet(str(asked.dimension.label), [*lines, (_("合计"), total)], _notes(desk, asked))
    name = f"appeals-{asked.dimension.key}-{timezone.localdate(asked.now)}"
    return handed_out(sheet.table, kind, name)


def _asked(request: HttpRequest, desk: Desk) -> Asked:
    """A department's leader asks of what the department has; the desk of the county."""
    narrowing = Narrowing(request.GET)
    rows = with_last(narrowing.apply(Appeal.objects.visible_to(desk.user)))
    if not sees_all(desk):
        rows = rows.filter(department=desk.department.pk)
    dimension = DIMENSIONS.get(request.GET.get("by", ""), DIMENSIONS["department"])
    return Asked(rows, dimension, narrowing, timezone.now())


def _tabs(request: HttpRequest, chosen: Dimension) -> list[dict[str, Any]]:
    tabs = []
    for each in DIMENSIONS.values():
        query = request.GET.copy()
        query.pop("page", None)
        query["by"] = each.key
        tabs.append(
            {"url": f"?{query.urlencode()}", "label": each.label, "count": None, "current": each == chosen}
        )
    return tabs


def _notes(desk: Desk, asked: Asked) -> list[str]:
    scope = _("全县") if sees_all(desk) else desk.department.name
    chosen = asked.narrowing.cleaned_data
    town = dict(asked.narrowing.towns).get(chosen.get("town") or "", _("全部镇街"))
    said = {
        "scope": scope,
        "period": asked.narrowing.period,
        "category": chosen.get("category") or _("全部类别"),
    }
    made = {"who": desk.user, "at": f"{timezone.localtime(asked.now):%Y-%m-%d %H:%M}"}
    return [
        _("范围：%(scope)s，%(period)s，%(category)s") % said + f"，{town}",
        _("导出：%(who)s，%(at)s") % made,
        _("每件诉求只数一次，按最后一次办理的主办工单；不含导出人无权查看的投诉。"),
    ]
