"""Which appeals may become a shared problem, what is suggested, and how the problems there are stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Prefetch, Q, QuerySet

from appeals.enums import LIVE, OrderKind, OrderState, Secrecy
from appeals.models import Appeal, SharedProblem, WorkOrder
from appeals.narrowing import town_of
from appeals.sharing.alike import Group, Said, groups, nearest
from portal.accounts.models import User

COMPARED: Final = 400
"""The newest appeals that are compared with each other at a look."""
TEXT: Final = 400
"""So much of an appeal is compared."""
MOST_MEMBERS: Final = 60
"""Of a group so many are shown; more can be added afterwards."""


@dataclass(frozen=True, slots=True)
class Line:
    """An appeal that may be chosen; `likeness` in percent, None when it was searched for."""

    appeal: Appeal
    likeness: int | None = None
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Alike appeals as a card: which, of how many enterprises, what they have in common."""

    lines: list[Line]
    enterprises: int
    words: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the problem may be called: as its first appeal is."""
        return self.lines[0].appeal.title if self.lines else ""


def candidates(user: User) -> QuerySet[Appeal]:
    """Open appeals that may be shared: no complaint, nothing confidential, none that is shared already."""
    open_ = Q(orders__kind=OrderKind.LEAD, orders__state__in=LIVE)
    rows: QuerySet[Appeal] = Appeal.objects.visible_to(user).filter(
        open_, about=None, problem=None, secrecy=Secrecy.OPEN
    )
    return rows.select_related("enterprise", "category")


def suggestions(user: User) -> list[Suggestion]:
    """Groups among the newest candidates; two queries for any number."""
    found = groups(_said(candidates(user)))
    wanted = [one.pk for group in found for one in group.members[:MOST_MEMBERS]]
    appeals = candidates(user).in_bulk(wanted)
    return [_suggestion(group, appeals) for group in found]


def more_like(problem: SharedProblem, user: User) -> list[Line]:
    """Candidates that say what the problem's appeals say; three queries."""
    members = _compared(Appeal.objects.filter(problem=problem).order_by("pk")[:MOST_MEMBERS])
    alike = nearest(members, _said(candidates(user)))[:MOST_MEMBERS]
    appeals = candidates(user).in_bulk([one.pk for one, _likeness in alike])
    return [Line(appeals[one.pk], _percent(likeness), False) for one, likeness in alike if one.pk in appeals]


def searched(user: User, words: str) -> list[Line]:
    """Candidates whose number, title, text or place has the words; a few dozen."""
    words = words.strip()[:80]
    if not words:
        return []
    named = Q(number__istartswith=words) | Q(title__icontains=words) | Q(place__icontains=words)
    found = candidates(user).filter(named | Q(text__icontains=words)).order_by("-pk")[:MOST_MEMBERS]
    return [Line(appeal, None, False) for appeal in found]


def problems(user: User) -> QuerySet[SharedProblem]:
    """The shared problems that the user may see, newest first, with how many they are and still to answer."""
    visible = SharedProblem.objects.filter(lead__in=Appeal.objects.visible_to(user).values("pk"))
    lead = Q(appeals__orders__kind=OrderKind.LEAD)
    rows: Any = visible.select_related("lead", "created_by").annotate(
        members=Count("appeals", distinct=True),
        firms=Count("appeals__enterprise", distinct=True),
        waiting=Count("appeals", distinct=True, filter=lead & Q(appeals__orders__state__in=LIVE)),
    )
    found: QuerySet[SharedProblem] = rows.prefetch_related(
        Prefetch("lead__orders", _leads(), to_attr="leads")
    ).order_by("-pk")
    return found


def members(problem: SharedProblem) -> list[tuple[Appeal, WorkOrder | None]]:
    """The appeals of a problem, the leading one first, each with its newest lead order; two queries."""
    rows: Any = problem.appeals.select_related("enterprise").order_by("pk")
    rows = rows.prefetch_related(Prefetch("orders", _leads(), to_attr="leads"))
    found = [(appeal, appeal.leads[-1] if appeal.leads else None) for appeal in rows]
    return sorted(found, key=lambda pair: (pair[0].pk != problem.lead_id, pair[0].pk))


def _leads() -> Any:
    rows = WorkOrder.objects.filter(kind=OrderKind.LEAD).exclude(state=OrderState.CANCELLED)
    return rows.select_related("department", "section", "provider").order_by("pk")


def _said(rows: QuerySet[Appeal]) -> list[Said]:
    """The newest, the oldest of them first."""
    return _compared(rows.order_by("-pk")[:COMPARED])[::-1]


def _compared(rows: Any) -> list[Said]:
    columns = ("pk", "title", "text", "enterprise", "town", "category")
    known = rows.annotate(town=town_of()).values_list(*columns)
    return [Said(pk, title, text[:TEXT], *rest) for pk, title, text, *rest in known]


def _suggestion(group: Group, appeals: dict[int, Appeal]) -> Suggestion:
    pairs: Iterable[tuple[Said, float]] = zip(group.members, group.likeness, strict=True)
    lines = [Line(appeals[one.pk], _percent(likeness)) for one, likeness in pairs if one.pk in appeals]
    return Suggestion(lines, group.enterprises, group.words)


def _percent(likeness: float) -> int:
    return round(100 * likeness)


def chosen_lines(appeals: Sequence[Appeal]) -> list[Line]:
    """What somebody chose, to be shown again."""
    return [Line(appeal) for appeal in appeals]
