"""What is counted of appeals. Every figure is a part of a whole, and both are said in words.

An appeal counts once, however often it was handled: with its last lead order, and whoever has that. No
answer to the survey is no rating, and never “satisfied”; closed is not solved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.enums import Intake, OrderKind, OrderState, Outcome, Satisfaction, Status
from appeals.models import Answer, AppealEvent, Promise, Survey, WorkOrder
from appeals.models.appeal import AppealQuerySet
from appeals.supervision.measures import MEASURES

Condition = Callable[[dt.datetime], Q]
ALL: Final = Q()


@dataclass(frozen=True, slots=True)
class Figure:
    """Of those that are `whole` (`of` in words), how many are `part` (`did` in words)."""

    key: str
    label: Any
    of: Any
    did: Any
    whole: Condition
    part: Condition
    state: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A figure as it was counted."""

    figure: Figure
    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """The share; None of an empty whole."""
        return 100 * self.part / self.whole if self.whole else None

    @property
    def words(self) -> str:
        """The share; “—” of an empty whole. It says 100 % and 0 % only of all and of none."""
        if self.percent is None:
            return "—"
        shown = min(99.9, self.percent) if self.part < self.whole else 100
        shown = max(0.1, shown) if self.part else 0
        return f"{shown:.1f}%".replace(".0%", "%")

    @property
    def sentence(self) -> str:
        """Numerator and denominator with what they are."""
        said = {"of": self.figure.of, "whole": self.whole, "did": self.figure.did, "part": self.part}
        return _("%(of)s %(whole)d 件中，%(did)s %(part)d 件") % said

    @property
    def bar(self) -> int:
        """Out of a hundred."""
        return round(self.percent or 0)


def _always(condition: Q) -> Condition:
    return lambda now: condition


def _orders(*, closed: bool = False) -> Any:
    rows = WorkOrder.objects.filter(appeal=OuterRef("pk")).exclude(state=OrderState.CANCELLED)
    return rows.filter(kind=OrderKind.LEAD, state=OrderState.CLOSED) if closed else rows


def _measured(key: str, now: dt.datetime) -> Q:
    """Whether an order of the appeal is counted by a measure of the supervisor's."""
    return Q(Exists(MEASURES[key].fill(_orders(), now)))


def _on_time(now: dt.datetime) -> Q:
    return _measured("judged", now) & ~_measured("late", now)


def _promised(now: dt.datetime) -> Q:
    due = Q(kept_at__isnull=False) | Q(due_on__lt=timezone.localdate(now))
    return Q(Exists(Promise.objects.filter(due, order__appeal=OuterRef("pk"))))


def _kept(now: dt.datetime) -> Q:
    broken = Q(kept_at=None, due_on__lt=timezone.localdate(now)) | Q(kept_at__date__gt=F("due_on"))
    return ~Q(Exists(Promise.objects.filter(broken, order__appeal=OuterRef("pk"))))


WAS_ACCEPTED: Final = Q(Exists(AppealEvent.objects.filter(subject=OuterRef("pk"), name="accept_appeal")))
"""Be it merged or withdrawn later on."""
ACCEPTED: Final = Q(intake=Intake.ACCEPTED)
CLOSED: Final = Q(status=Status.CLOSED)
RATED: Final = Q(satisfaction__isnull=False)
REOPENED: Final = Q(Exists(AppealEvent.objects.filter(subject=OuterRef("pk"), name="reopen")))
WAS_CLOSED: Final = Q(Exists(_orders(closed=True)))
SATISFIED: Final = Q(satisfaction__in=(Satisfaction.SATISFIED, Satisfaction.NEUTRAL))
SAID_SOLVED: Final = Q(outcome__in=(Outcome.SOLVED, Outcome.PROMISED))
"""A closed appeal has no promise left open."""
_l = gettext_lazy
FIGURES: Final = (
    Figure("received", _l("收到"), _l("提交的诉求"), _l("收到"), _always(ALL), _always(ALL)),
    Figure("accepted", _l("受理"), _l("收到的"), _l("已受理"), _always(ALL), _always(WAS_ACCEPTED)),
    Figure(
        "closed",
        _l("办结"),
        _l("已受理、没有并案或撤回的"),
        _l("已办结"),
        _always(ACCEPTED),
        _always(CLOSED),
        "done",
    ),
    Figure(
        "on_time",
        _l("按时"),
        _l("有办理时限、已答复或者已超期的"),
        _l("每次办理都在时限内"),
        partial(_measured, "judged"),
        _on_time,
        "done",
    ),
    Figure(
        "answered_solved",
        _l("答复为解决"),
        _l("已办结的"),
        _l("承办单位答复已解决或者承诺已兑现"),
        _always(CLOSED),
        _always(SAID_SOLVED),
    ),
    Figure(
        "solved",
        _l("企业认为解决"),
        _l("已办结且已评价的"),
        _l("企业认为已解决"),
        _always(CLOSED & RATED),
        _always(Q(solved=True)),
        "done",
    ),
    Figure(
        "satisfied",
        _l("满意"),
        _l("已办结且已评价的"),
        _l("满意或基本满意"),
        _always(CLOSED & RATED),
        _always(SATISFIED),
        "done",
    ),
    Figure("rated", _l("评价"), _l("已办结的"), _l("企业作了评价"), _always(CLOSED), _always(RATED)),
    Figure(
        "silent",
        _l("未评价"),
        _l("已办结的"),
        _l("企业没有评价，不算满意也不算不满意"),
        _always(CLOSED),
        _always(~RATED),
        "due",
    ),
    Figure(
        "reopened",
        _l("重新办理"),
        _l("办结过的"),
        _l("企业要求重新办理"),
        _always(WAS_CLOSED),
        _always(REOPENED),
        "late",
    ),
    Figure("promises", _l("承诺兑现"), _l("有到期承诺的"), _l("全部按期兑现"), _promised, _kept, "done"),
)


def with_last(rows: AppealQuerySet) -> Any:
    """Each appeal with its last lead order, who has it, and what was answered and said of it."""
    leads = WorkOrder.objects.filter(appeal=OuterRef("pk"), kind=OrderKind.LEAD)
    last = leads.exclude(state=OrderState.CANCELLED).order_by("-pk")
    surveys = Survey.objects.filter(order=OuterRef("last"))
    answers = Answer.objects.filter(order=OuterRef("last")).order_by("-pk")
    found: Any = rows.alias(
        last=Subquery(last.values("pk")[:1]),
        department=Subquery(last.values("department")[:1]),
        provider=Subquery(last.values("provider")[:1]),
        team=Subquery(last.values("provider__team__kind")[:1]),
    )
    return found.alias(
        satisfaction=Subquery(surveys.values("satisfaction")[:1]),
        solved=Subquery(surveys.values("solved")[:1]),
        outcome=Subquery(answers.values("outcome")[:1]),
    )


def counted(rows: Any, group: Any, now: dt.datetime) -> tuple[list[tuple[Any, list[Share]]], list[Share]]:
    """Every figure by what `group` says of an appeal, and over all of them; one query.

    What is true of each appeal is found out in the inner statement, once; the outer one counts.
    """
    flags: dict[str, Any] = {}
    for figure in FIGURES:
        whole = figure.whole(now)
        flags[f"{figure.key}_whole"] = _flag(whole)
        flags[f"{figure.key}_part"] = _flag(whole & figure.part(now))
    known = rows.order_by().annotate(key=group, **flags).values_list("key", *flags)
    sql, values = known.query.sql_with_params()
    counts = ", ".join(f"count(*) FILTER (WHERE {name})" for name in flags)
    statement = (
        f"SELECT grouping(key), key, {counts} FROM ({sql}) AS known"  # noqa: S608 - the ORM's own statement
        " GROUP BY GROUPING SETS ((key), ())"
    )
    lines, total = [], []
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for over_all, key, *numbers in cursor.fetchall():
            pairs = zip(FIGURES, numbers[::2], numbers[1::2], strict=True)
            shares = [Share(figure, part, whole) for figure, whole, part in pairs]
            if over_all:
                total = shares
            else:
                lines.append((key, shares))
    return lines, total


def _flag(condition: Q) -> Any:
    return condition if condition else Value(True)
