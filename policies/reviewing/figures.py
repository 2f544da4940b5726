"""Figures of reviewing, by item or by department: times of steps, returns, refusals, what enterprises say.

Everything counts the applications that were handed in within a period (`Population`), drafts never. A step's
time is the median of the stays in its state that are over, read from the events; the whole way is that from
the first sending to the decision. On time are deadlines of officials that were met before they were late.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from policies.enums import DECIDED, UNDER_REVIEW, ApplicationState
from policies.models import (
    AmendmentPoint,
    Application,
    ApplicationClock,
    ApplicationEvent,
    PolicyItem,
)
from policies.models.applying.deadline import NOT_OURS
from portal.accounts.models import Department
from portal.kernel.spans import end_of_day, start_of_day

S = ApplicationState
WHOLE: Final = "whole"
STEPS: Final = {
    S.SUBMITTED.value: _("受理"),
    S.RETURNED.value: _("企业补正"),
    S.REVIEWING.value: _("审核"),
    S.JOINT.value: _("联审"),
    S.PROPOSED.value: _("审定"),
    S.NOTICED.value: _("公示"),
    WHOLE: _("全程"),
}
"""What is timed, by the state in which it happens."""
GROUPS: Final = {"item": ("item", "a.item_id"), "department": ("item__department", "i.department_id")}
"""By what applications are told apart: for the ORM, and in SQL."""
REASONS: Final = 8

_TIMES = """
WITH population AS ({population}),
stays AS (
    SELECT e.subject_id, e.target AS step, e.at AS since,
           lead(e.at) OVER (PARTITION BY e.subject_id ORDER BY e.at, e.id) AS until
      FROM policies_applicationevent e
     WHERE e.source <> e.target AND e.subject_id IN (SELECT population.pk FROM population)
    UNION ALL
    SELECT id, 'whole', submitted_at, decided_at FROM policies_application
     WHERE id IN (SELECT population.pk FROM population)
)
SELECT {group}, step, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM until - since))
  FROM stays
  JOIN policies_application a ON a.id = stays.subject_id
  JOIN policies_policyitem i ON i.id = a.item_id
 WHERE until IS NOT NULL
 GROUP BY GROUPING SETS (({group}, step), (step))
"""


@dataclass(frozen=True, slots=True)
class Population:
    """What is counted: applications of a department (None: of all), handed in from one day to another."""

    department: Department | None
    since: dt.date
    until: dt.date

    @property
    def rows(self) -> QuerySet[Application]:
        """The applications."""
        within = {"submitted_at__gte": start_of_day(self.since), "submitted_at__lt": end_of_day(self.until)}
        rows = Application.objects.exclude(state=S.DRAFT).filter(**within)
        return rows if self.department is None else rows.filter(item__department=self.department)


@dataclass(frozen=True)
class Line:
    """The figures of one item or department, or of all (`key` None)."""

    key: int | None
    name: str
    counts: dict[str, Any] = field(default_factory=dict)
    times: dict[str, dt.timedelta] = field(default_factory=dict)

    @property
    def badness(self) -> tuple[Any, ...]:
        """The worst queue first: most overdue, then slowest, then longest."""
        whole = self.times.get(WHOLE) or self.times.get(S.REVIEWING.value) or dt.timedelta()
        return -self.counts["overdue"], -whole, -self.counts["open"], self.name

    @property
    def steps(self) -> list[tuple[Any, dt.timedelta | None]]:
        """Each step with its median."""
        return [(label, self.times.get(key)) for key, label in STEPS.items()]


def lines(population: Population, by: str, now: dt.datetime) -> tuple[list[Line], Line]:
    """A line for each item or department, the worst first, and the one of all: five queries."""
    path, group = GROUPS[by]
    times = _times(population, group)
    counted = {row.pop("key"): row for row in _counted(population.rows, F(path), now)}
    deadlines = _deadlines(population, F(f"application__{path}"))
    total: dict[str, Any] = _counted_all(population.rows, now)
    names = _names(by, list(counted))
    found = [
        Line(key, names[key], row | deadlines.get(key, NONE_MET), times.get(key, {}))
        for key, row in counted.items()
    ]
    over_all = {name: sum(one[name] for one in deadlines.values()) for name in NONE_MET}
    return sorted(found, key=lambda line: line.badness), Line(None, "", total | over_all, times.get(None, {}))


NONE_MET: Final = {"met": 0, "on_time": 0}


def wanted_most(population: Population) -> list[dict[str, Any]]:
    """What was asked to be amended most often, by material or question: one query."""
    points = AmendmentPoint.objects.filter(amendment__application__in=population.rows.values("pk"))
    named: Any = points.exclude(target="").values("wanted", "target")
    return list(named.annotate(count=Count("pk")).order_by("-count", "target")[:REASONS])


def refused_most(population: Population) -> list[dict[str, Any]]:
    """By which clauses applications were refused most often: one query."""
    refused: Any = population.rows.filter(state=S.REFUSED).values("clause")
    return list(refused.annotate(count=Count("pk")).order_by("-count", "clause")[:REASONS])


def _flags(now: dt.datetime) -> dict[str, Any]:
    late: Any = ApplicationClock.objects.hurrying().filter(due_at__lte=now)
    returned = ApplicationEvent.objects.filter(name="return", subject=OuterRef("pk"))
    return {
        "is_late": Exists(late.filter(application=OuterRef("pk"))),
        "was_returned": Exists(returned),
    }


def _measures() -> dict[str, Any]:
    in_hand = (*UNDER_REVIEW, S.RETURNED)
    return {
        "received": Count("pk"),
        "open": Count("pk", filter=Q(state__in=in_hand)),
        "overdue": Count("pk", filter=Q(is_late=True)),
        "returned": Count("pk", filter=Q(was_returned=True)),
        "decided": Count("pk", filter=Q(state__in=DECIDED)),
        "approved": Count("pk", filter=Q(state=S.APPROVED)),
        "refused": Count("pk", filter=Q(state=S.REFUSED)),
        "withdrawn": Count("pk", filter=Q(state=S.WITHDRAWN)),
        "rated": Count("rating"),
        "stars": Avg("rating__stars"),
    }


def _counted(rows: QuerySet[Application], group: F, now: dt.datetime) -> list[dict[str, Any]]:
    flagged: Any = rows.annotate(**_flags(now)).order_by()
    return list(flagged.annotate(key=group).values("key").annotate(**_measures()))


def _counted_all(rows: QuerySet[Application], now: dt.datetime) -> dict[str, Any]:
    return rows.annotate(**_flags(now)).order_by().aggregate(**_measures())


def _deadlines(population: Population, group: F) -> dict[int, dict[str, int]]:
    """How many deadlines of officials were met, and how many of them in time."""
    clocks = ApplicationClock.objects.filter(
        application__in=population.rows.values("pk"), met_at__isnull=False
    ).exclude(target__in=NOT_OURS)
    rows: Any = clocks.order_by().annotate(key=group).values("key")
    rows = rows.annotate(met=Count("pk"), on_time=Count("pk", filter=Q(breached_at=None)))
    return {row.pop("key"): row for row in rows}


def _times(population: Population, group: str) -> dict[int | None, dict[str, dt.timedelta]]:
    sql, values = population.rows.order_by().values("pk").query.sql_with_params()
    found: dict[int | None, dict[str, dt.timedelta]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TIMES.format(population=sql, group=group), values)
        for key, step, seconds in cursor.fetchall():
            found.setdefault(key, {})[step] = dt.timedelta(seconds=float(seconds))
    return found


def _names(by: str, keys: list[int]) -> dict[int, str]:
    if by == "department":
        return dict(Department.objects.filter(pk__in=keys).values_list("pk", "short_name"))
    return {item.pk: item.title for item in PolicyItem.objects.filter(pk__in=keys).select_related("rule")}
