"""Figures of reviewing, by item or by department: times of steps, returns, refusals, what enterprises say.

Everything counts the applications that were handed in within a period (`Population`), drafts never. A step's
time is the median of the stays in its state that are over, read from the events; the whole way is that from
the first sending to the decision. On time are deadlines of officials that were met before they were late;
each is counted where it ran: that of an opinion at the department that was asked, not at the one that leads.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    S.SUBMITTED.value: gettext_lazy("受理"),
    S.RETURNED.value: gettext_lazy("企业补正"),
    S.REVIEWING.value: gettext_lazy("审核"),
    S.JOINT.value: gettext_lazy("联审"),
    S.PROPOSED.value: gettext_lazy("审定"),
    S.NOTICED.value: gettext_lazy("公示"),
    WHOLE: gettext_lazy("全程"),
}
"""What is timed, by the state in which it happens."""
GROUPS: Final = {"item": ("item", "a.item_id"), "department": ("item__department", "i.department_id")}
"""By what applications are told apart: for the ORM, and in SQL."""
HURRIED: Final = {
    "item": F("application__item"),
    "department": Coalesce("opinion__department", "application__item__department"),
}
"""By what deadlines are told apart."""
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

    @property
    def clocks(self) -> QuerySet[ApplicationClock]:
        """Deadlines of officials: of the applications, and for a department those that it itself had.

        One that ended before anybody was late, because nobody waited any longer, says nothing.
        """
        everybodys = Population(None, self.since, self.until)
        clocks: Any = ApplicationClock.objects.filter(application__in=everybodys.rows.values("pk"))
        clocks = clocks.exclude(target__in=NOT_OURS)
        clocks = clocks.exclude(opinion__recalled_at__isnull=False, breached_at=None)
        if self.department is not None:
            led = Q(opinion=None, application__item__department=self.department)
            clocks = clocks.filter(led | Q(opinion__department=self.department))
        own: QuerySet[ApplicationClock] = clocks
        return own


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
    """A line for each item or department, the worst first, and the one of all: six queries.

    Who led nothing and was asked for opinions has a line as well, with deadlines alone; so has an item of
    another department of which this one was asked.
    """
    path, group = GROUPS[by]
    times = _times(population, group)
    counted = {row.pop("key"): row for row in _counted(population.rows, F(path))}
    deadlines = {row.pop("key"): row for row in _deadlines(population.clocks, HURRIED[by], now)}
    total: dict[str, Any] = _returned(population.rows).aggregate(**_measures())
    total |= population.clocks.aggregate(**_punctuality(now))
    found = []
    for key, name in _names(by, [*counted, *deadlines]).items():
        counts = counted.get(key, NONE_COUNTED) | deadlines.get(key, NONE_DUE)
        asked = by == "item" and key not in counted
        found.append(Line(key, _("%s（只出意见）") % name if asked else name, counts, times.get(key, {})))
    return sorted(found, key=lambda line: line.badness), Line(None, "", total, times.get(None, {}))


def wanted_most(population: Population) -> list[dict[str, Any]]:
    """What was asked to be amended most often, by material or question: one query."""
    points = AmendmentPoint.objects.filter(amendment__application__in=population.rows.values("pk"))
    named: Any = points.exclude(target="").values("wanted", "target")
    return list(named.annotate(count=Count("pk")).order_by("-count", "target")[:REASONS])


def refused_most(population: Population) -> list[dict[str, Any]]:
    """By which clauses applications were refused most often: one query."""
    refused: Any = population.rows.filter(state=S.REFUSED).values("clause")
    return list(refused.annotate(count=Count("pk")).order_by("-count", "clause")[:REASONS])


def _returned(rows: QuerySet[Application]) -> Any:
    """Each with whether it was returned."""
    returned = ApplicationEvent.objects.filter(name="return", subject=OuterRef("pk"))
    return rows.annotate(was_returned=Exists(returned)).order_by()


def _measures() -> dict[str, Any]:
    in_hand = (*UNDER_REVIEW, S.RETURNED)
    return {
        "received": Count("pk"),
        "open": Count("pk", filter=Q(state__in=in_hand)),
        "returned": Count("pk", filter=Q(was_returned=True)),
        "decided": Count("pk", filter=Q(state__in=DECIDED)),
        "approved": Count("pk", filter=Q(state=S.APPROVED)),
        "refused": Count("pk", filter=Q(state=S.REFUSED)),
        "withdrawn": Count("pk", filter=Q(state=S.WITHDRAWN)),
        "rated": Count("rating"),
        "stars": Avg("rating__stars"),
    }


NONE_COUNTED: Final = dict.fromkeys(_measures(), 0)


def _punctuality(now: dt.datetime) -> dict[str, Any]:
    """How many applications are late, how many deadlines were met, and how many of them in time."""
    met = Q(met_at__isnull=False)
    late = Q(met_at=None, paused_at=None, due_at__lte=now)
    return {
        "overdue": Count("application", filter=late, distinct=True),
        "met": Count("pk", filter=met),
        "on_time": Count("pk", filter=met & Q(breached_at=None)),
    }


NONE_DUE: Final = {"overdue": 0, "met": 0, "on_time": 0}


def _counted(rows: QuerySet[Application], group: F) -> list[dict[str, Any]]:
    return list(_returned(rows).annotate(key=group).values("key").annotate(**_measures()))


def _deadlines(clocks: QuerySet[ApplicationClock], group: Any, now: dt.datetime) -> list[dict[str, Any]]:
    rows: Any = clocks.order_by().annotate(key=group).values("key")
    return list(rows.annotate(**_punctuality(now)))


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
