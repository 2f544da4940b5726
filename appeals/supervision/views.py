"""The supervisor's page, and the list behind each of its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appeals.desk.acting import act, counted_at, orders_at, sees_all
from appeals.desk.filters import InboxFilter
from appeals.desk.rows import Row, with_clocks
from appeals.enums import OrderKind
from appeals.models import WorkOrder
from appeals.narrowing import Narrowing
from appeals.supervision.measures import MEASURES, Measure, listed
from appeals.supervision.table import COLUMNS, PLACES, place_key, place_of, table
from portal.accounts.desks import Desk
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.durations import closely

PAGE_SIZE: Final = 20
SUPERVISING: Final = (Role.SUPERVISOR, Role.LEADER)
"""A supervisor looks after the county, a leader after the own department."""
SORTS: Final = {
    "new": (_("最近提交的在前"), ("-appeal__submitted_at", "-pk")),
    "old": (_("最早提交的在前"), ("appeal__submitted_at", "pk")),
}
HEADS: Final = ("open", "overdue", "twice", "supervised")
"""What is said in large figures above the table."""
SLOWEST: Final = (_("用时最长的在前"), ("-span", "-pk"))
"""Of timed measures alone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An order of a list, with what is told of it here."""

    row: Row
    spent: str
    supervision: WorkOrder | None
    opens: bool
    """Whether the order may be opened at this desk."""
    opens_supervision: bool

    @property
    def order(self) -> WorkOrder:
        """The order counted."""
        return self.row.order


@require_safe
def overview(request: HttpRequest, department: int) -> HttpResponse:
    """Departments side by side; every figure opens its list."""
    desk = act(request, department, *SUPERVISING)
    narrowing = Narrowing(request.GET, prefix_of_appeal="appeal__")
    own = None if sees_all(desk) else desk.department
    by = request.GET.get("by", "")
    lines, total = table(narrowing.apply(counted_at(desk)), timezone.now(), own, by)
    context = {
        "department": desk.department,
        "everything": sees_all(desk),
        "narrowing": narrowing,
        "columns": [MEASURES[key] for key in COLUMNS],
        "measures": MEASURES.values(),
        "heads": [(MEASURES[key].label, key, total.count(key)) for key in HEADS],
        "by": by,
        "lines": lines,
        "total": total,
        "any": any(figure.count for figure in total.figures.values()),
    }
    return render(request, "appeals/supervision/overview.html", context)


@require_safe
def listing(request: HttpRequest, department: int, measure: str) -> HttpResponse:
    """The orders that a figure counts; `place` is where, all without. A leader's is the own department."""
    desk = act(request, department, *SUPERVISING)
    if measure not in MEASURES:
        raise Http404
    chosen, now = MEASURES[measure], timezone.now()
    place = place_of(request.GET.get("place", ""))
    rows = counted_at(desk)
    if not sees_all(desk):
        rows = rows if place in (None, desk.department.pk) else rows.none()
        place = desk.department.pk
    narrowing = Narrowing(request.GET, prefix_of_appeal="appeal__")
    counted = listed(chosen, narrowing.apply(rows), now, place)
    searching = InboxFilter(request.GET, counted, discreet=not sees_all(desk))
    sorts = {"slow": SLOWEST, **SORTS} if chosen.timed else SORTS
    sort = request.GET.get("sort", "")
    sort = sort if sort in sorts else next(iter(sorts))
    found: Any = searching.qs if searching.form.is_valid() else counted
    page = Paginator(found.for_lists().order_by(*sorts[sort][1]), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "department": desk.department,
        "everything": sees_all(desk),
        "measure": chosen,
        "place": place_key(place),
        "place_name": _name_of(place),
        "narrowing": narrowing,
        "form": searching.form,
        "sorts": [
            {"key": key, "label": label, "current": key == sort} for key, (label, _by) in sorts.items()
        ],
        "page": page,
        "rows": _shown(desk, page.object_list, chosen),
    }
    return render(request, "appeals/supervision/list.html", context)


def _name_of(place: int | None) -> str:
    if place is None:
        return ""
    if place in PLACES:
        return str(PLACES[place])
    return Department.objects.filter(pk=place).values_list("short_name", flat=True).first() or ""


def _shown(desk: Desk, orders: Iterable[Any], measure: Measure) -> list[Shown]:
    """The orders of a page with their deadlines and the supervision of their appeals.

    Two queries; a third for who may not open everything.
    """
    orders = list(orders)
    appeals = {order.appeal_id for order in orders}
    rows = WorkOrder.objects.filter(appeal__in=appeals, kind=OrderKind.SUPERVISION).order_by("pk")
    over = {order.appeal_id: order for order in rows.select_related("appeal", "department", "leader")}
    known = [order.pk for order in (*orders, *over.values())]
    opens = set(known)
    if not sees_all(desk):
        opens = set(orders_at(desk).filter(pk__in=known).values_list("pk", flat=True))
    return [
        _one(row, _spent(row.order, measure), over.get(row.order.appeal_id), opens)
        for row in with_clocks(orders)
    ]


def _one(row: Row, spent: str, supervision: WorkOrder | None, opens: Container[int]) -> Shown:
    over = supervision is not None and supervision.pk in opens
    return Shown(row, spent, supervision, row.order.pk in opens, over)


def _spent(order: Any, measure: Measure) -> str:
    span: dt.timedelta | None = order.span if measure.timed else None
    return closely(span) if span is not None else ""
