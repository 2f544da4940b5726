"""How the visits of a quarter go: by official, department or town; what was found, and what was solved.

A problem is solved when its last handling was answered as solved, or with a promise that was kept, and the
enterprise did not say otherwise. Closed alone is not solved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import OrderKind, Outcome, Status
from appeals.models import Answer, Appeal, Promise, Survey, Visit
from appeals.models.visit import MADE, PairingQuerySet, VisitQuerySet, VisitState
from appeals.visits.quarters import Quarter

GROUPS: Final = {
    "department": (_("部门"), "officer__department__short_name", "officer__department__code"),
    "town": (_("镇街"), "enterprise__region__name", "enterprise__region__code"),
    "officer": (_("干部"), "officer__name", "officer"),
}
"""What figures are told apart by: heading, name, and what tells two of one name apart."""


@dataclass(slots=True)
class Row:
    """Figures of one group. `pairings` live today; the others are of visits planned in the quarter.

    `covered` counts those of the pairings whose enterprise was visited at least once, by whoever had it then;
    `late` were planned for a day that is over.
    """

    key: Any
    label: str
    pairings: int = 0
    planned: int = 0
    done: int = 0
    covered: int = 0
    confirmed: int = 0
    disputed: int = 0
    late: int = 0
    problems: int = 0
    solved: int = 0

    @property
    def percent(self) -> int:
        """Of the enterprises paired, how many were visited."""
        return self.covered * 100 // self.pairings if self.pairings else 0


COUNTS: Final = tuple(each.name for each in fields(Row))[2:]
OF_VISITS: Final = ("planned", "done", "confirmed", "disputed", "late")


def solved() -> Q:
    """Appeals that are answered as solved and not denied by the enterprise."""
    last = {"order__appeal": OuterRef("pk"), "order__kind": OrderKind.LEAD, "order__round": OuterRef("round")}
    answered = Exists(Answer.objects.filter(outcome=Outcome.SOLVED, **last))
    kept = Exists(Promise.objects.filter(kept_at__isnull=False, **last))
    denied = Exists(Survey.objects.filter(solved=False, **last))
    return Q(status__in=(Status.ANSWERED, Status.CLOSED)) & (Q(answered) | Q(kept)) & ~Q(denied)


def found_on(visits: VisitQuerySet) -> Any:
    """Appeals that visits brought up."""
    return Appeal.objects.filter(visits__in=visits.order_by())


def coverage(
    pairings: PairingQuerySet, visits: VisitQuerySet, quarter: Quarter, by: str, today: dt.date
) -> list[Row]:
    """The figures, a row for each group that has pairings or visits; three queries."""
    _heading, name, key = GROUPS[by]
    rows: dict[Any, Row] = {}
    made, state = Q(state__in=MADE), VisitState
    visited = Visit.objects.planned_in(quarter.first, quarter.last).filter(made).order_by()
    reached = Q(enterprise__in=visited.values("pairing__enterprise"))
    paired = pairings.order_by(key).values_list(key, name)
    for found, label, count, covered in paired.annotate(Count("pk"), covered=Count("pk", filter=reached)):
        rows[found] = Row(found, label, pairings=count, covered=covered)
    planned: Any = visits.planned_in(quarter.first, quarter.last).order_by()
    counted = planned.values_list(f"pairing__{key}", f"pairing__{name}").annotate(
        planned=Count("pk"),
        done=Count("pk", filter=made),
        confirmed=Count("pk", filter=Q(state=state.CONFIRMED)),
        disputed=Count("pk", filter=Q(state=state.DISPUTED)),
        late=Count("pk", filter=Q(state=state.PLANNED, planned_on__lt=today)),
    )
    for found, label, *figures in counted:
        row = rows.setdefault(found, Row(found, label))
        for field, figure in zip(OF_VISITS, figures, strict=True):
            setattr(row, field, figure)
    solved_ones = Appeal.objects.filter(solved(), visits__in=planned).values("pk")
    problems = planned.filter(appeals__isnull=False).values_list(f"pairing__{key}")
    for found, count, good in problems.annotate(
        Count("appeals", distinct=True),
        good=Count("appeals", distinct=True, filter=Q(appeals__in=solved_ones)),
    ):
        rows[found].problems, rows[found].solved = count, good
    return sorted(rows.values(), key=lambda row: str(row.key) if by != "officer" else row.label)


def total(rows: Iterable[Row]) -> Row:
    """The sum of all groups."""
    whole = Row(None, str(_("合计")))
    for row in rows:
        for field in COUNTS:
            setattr(whole, field, getattr(whole, field) + getattr(row, field))
    return whole
