"""What those do who plan visits: lists of pairings and visits, a quarter's plan, figures, problems found."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from appeals.desk.acting import sees_all
from appeals.models import Appeal, Visit
from appeals.visits import planning
from appeals.visits.acting import PLANNERS, act, pairings_at, visits_at
from appeals.visits.agenda import told_to_officials
from appeals.visits.coverage import COUNTS, GROUPS, coverage, found_on, solved, total
from appeals.visits.filters import PairingFilter, VisitFilter
from appeals.visits.forms import PlanForm
from appeals.visits.quarters import Quarter
from appeals.visits.sheets import csv_file
from appeals.visits.tabs import tabs
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 30
HEADINGS: Final = {
    "pairings": gettext_lazy("结对企业"),
    "planned": gettext_lazy("计划"),
    "done": gettext_lazy("已走访"),
    "covered": gettext_lazy("已覆盖企业"),
    "confirmed": gettext_lazy("企业已确认"),
    "disputed": gettext_lazy("有异议"),
    "late": gettext_lazy("逾期未走访"),
    "problems": gettext_lazy("发现问题"),
    "solved": gettext_lazy("已解决"),
}


@require_safe
def listing(request: HttpRequest, department: int) -> HttpResponse:
    """Visits of a quarter, narrowed."""
    desk = act(request, department, *PLANNERS)
    quarter = _quarter(request)
    rows = visits_at(desk).filter(planned_on__range=(quarter.first, quarter.last))
    chosen = VisitFilter(request.GET, rows, request=request, county=sees_all(desk))
    found = chosen.qs.select_related("pairing__enterprise", "pairing__officer__department")
    context = _frame(desk, "all", quarter) | {
        "filter": chosen,
        "page": Paginator(found.order_by("planned_on", "pk"), PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "appeals/visits/all.html", context)


@require_safe
def pairings(request: HttpRequest, department: int) -> HttpResponse:
    """Who has which enterprise, and whether a visit is planned; from here a quarter is planned."""
    desk = act(request, department, *PLANNERS)
    quarter = _quarter(request)
    chosen = _pairings(request, desk, quarter)
    planned = Visit.objects.planned_in(quarter.first, quarter.last).order_by("planned_on", "pk")
    rows = chosen.qs.select_related("officer__department", "enterprise__region")
    rows = rows.prefetch_related(Prefetch("visits", queryset=planned, to_attr="planned"))
    context = _frame(desk, "pairings", quarter) | {
        "filter": chosen,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "plan_form": PlanForm(),
    }
    return render(request, "appeals/visits/pairings.html", context)


@require_POST
def plan(request: HttpRequest, department: int) -> HttpResponse:
    """Plan the quarter for all pairings that the list shows as it is narrowed."""
    desk = act(request, department, *PLANNERS)
    quarter = _quarter(request)
    form = PlanForm(request.POST)
    chosen = _pairings(request, desk, quarter)
    try:
        if not form.is_valid():
            raise DomainError(_("请选择每季度几次。"))
        found = planning.plan_quarter(chosen.qs, quarter, times=form.cleaned_data["times"], by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = {"quarter": quarter, "count": len(found)}
        messages.success(request, _("%(quarter)s新排 %(count)d 次走访，均匀分布在工作日里。") % words)
        left = planning.left_behind(chosen.qs).count()
        if left:
            messages.warning(request, _("跳过 %(count)d 家：结对干部已离任，请先换干部。") % {"count": left})
    answer = redirect("desk_pairings", department)
    if request.GET:
        answer["Location"] += f"?{request.GET.urlencode()}"
    return answer


@require_safe
def figures(request: HttpRequest, department: int) -> HttpResponse:
    """Figures of a quarter by department, town or official; `export=csv` as a file."""
    desk = act(request, department, *PLANNERS)
    quarter, by = _quarter(request), _by(request, desk)
    rows = coverage(pairings_at(desk), visits_at(desk), quarter, by, timezone.localdate())
    heading, whole = GROUPS[by][0], total(rows)
    if request.GET.get("export") == "csv":
        lines = [[row.label, *(getattr(row, name) for name in COUNTS), row.percent] for row in [*rows, whole]]
        columns = [heading, *(HEADINGS[name] for name in COUNTS), _("覆盖率 %")]
        return csv_file(f"走访覆盖-{quarter.key}.csv", columns, lines)
    context = _frame(desk, "coverage", quarter) | {
        "heading": heading,
        "by": by,
        "groups": [(key, GROUPS[key][0]) for key in _groups(desk)],
        "rows": rows,
        "whole": whole,
    }
    return render(request, "appeals/visits/coverage.html", context)


@require_safe
def problems(request: HttpRequest, department: int) -> HttpResponse:
    """What visits of a quarter brought up, and how it stands; `export=csv` as a file."""
    desk = act(request, department, *PLANNERS)
    quarter = _quarter(request)
    visits = visits_at(desk).planned_in(quarter.first, quarter.last)
    ours = told_to_officials().filter(pk__in=found_on(visits).values("pk"))
    named = ours.annotate(solved=Exists(Appeal.objects.filter(solved(), pk=OuterRef("pk"))))
    where = visits_at(desk).select_related("pairing__officer__department").order_by("pk")
    rows = named.select_related("enterprise", "category").order_by("-pk")
    rows = rows.prefetch_related(Prefetch("visits", queryset=where, to_attr="found_on"))
    if request.GET.get("export") == "csv":
        columns = [_("编号"), _("问题"), _("企业"), _("结对干部"), _("部门"), _("状态"), _("已解决")]
        return csv_file(f"走访问题-{quarter.key}.csv", columns, [_line(appeal) for appeal in rows])
    context = _frame(desk, "problems", quarter) | {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    }
    return render(request, "appeals/visits/problems.html", context)


def _line(appeal: Any) -> list[Any]:
    officer = appeal.found_on[0].pairing.officer if appeal.found_on else None
    return [
        appeal.number,
        appeal.title,
        appeal.enterprise.name,
        officer.name if officer else "",
        officer.department.short_name if officer else "",
        appeal.status_for_officials,
        _("是") if appeal.solved else _("否"),
    ]


def _pairings(request: HttpRequest, desk: Desk, quarter: Quarter) -> PairingFilter:
    rows = pairings_at(desk).order_by("officer__department__code", "officer__name", "pk")
    return PairingFilter(request.GET, rows, request=request, quarter=quarter, county=sees_all(desk))


def _quarter(request: HttpRequest) -> Quarter:
    return Quarter.named(request.GET.get("quarter", ""), timezone.localdate())


def _groups(desk: Desk) -> list[str]:
    return ["department", "town"] if sees_all(desk) else ["officer", "town"]


def _by(request: HttpRequest, desk: Desk) -> str:
    given = request.GET.get("by", "")
    return given if given in _groups(desk) else _groups(desk)[0]


def _frame(desk: Desk, tab: str, quarter: Quarter) -> dict[str, Any]:
    return {
        "department": desk.department,
        "user_id": desk.user.pk,
        "tabs": tabs(desk, tab),
        "quarter": quarter,
        "today": timezone.localdate(),
    }
