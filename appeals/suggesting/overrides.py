"""How often dispatchers knew better: assignments whose first suggestion was another department.

Population: first assignments by hand (suggestion taken or not) of lead orders for which there was a
suggestion. Transfers, mediation and second handling are other decisions and do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Subquery

from appeals.enums import OrderKind, Why
from appeals.models import Assignment, Suggestion


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was suggested first, and how often another department got the order."""

    name: str
    suggested: int
    overridden: int


def judged(rows: Any = None) -> Any:
    """The assignments that say whether a suggestion was right, with the rule behind it (`by_rule`)."""
    first = Suggestion.objects.filter(
        appeal=OuterRef("order__appeal"), rank=1, made_at__lte=OuterRef("at")
    ).order_by("-made_at", "-pk")
    return (
        (Assignment.objects.all() if rows is None else rows)
        .filter(order__kind=OrderKind.LEAD, why__in=(Why.SUGGESTED, Why.MANUAL))
        .exclude(suggested=None)
        .exclude(department=None)
        .annotate(by_rule=Subquery(first.values("rule__title")[:1]))
    )


def overridden(rows: Any = None) -> Any:
    """Those where the dispatcher chose another department."""
    return judged(rows).exclude(department=F("suggested"))


def by_rule() -> list[Count]:
    """By the rule that made the suggestion, most overridden first; the classifier's own are left out."""
    rows = judged().filter(by_rule__isnull=False)
    return _counted(rows.values_list("by_rule", "suggested", "department"))


def by_department() -> list[Count]:
    """By the department suggested (the class), most overridden first."""
    return _counted(judged().values_list("suggested__short_name", "suggested", "department"))


def _counted(rows: Any) -> list[Count]:
    total: dict[str, list[int]] = {}
    for name, suggested, given in rows.iterator(chunk_size=2_000):
        counts = total.setdefault(name, [0, 0])
        counts[0] += 1
        counts[1] += suggested != given
    found = [Count(name, *counts) for name, counts in total.items()]
    return sorted(found, key=lambda count: (-count.overridden, -count.suggested, count.name))
