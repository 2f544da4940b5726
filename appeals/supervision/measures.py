"""What the supervisor counts. Each measure is one queryset: the figure counts it, the list shows it.

Counted are orders, by the department that holds them; those of providers, and those nobody holds yet, are
places of their own. A return is counted with the department that gave the order back, whoever has it now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    CharField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from appeals.enums import LIVE, OrderKind, OrderState, Satisfaction
from appeals.models import Assignment, OrderClock, OrderEvent, Survey, WorkOrder

Rows = QuerySet[WorkOrder]

WORK: Final = ("simple", "single", "joint", "second", "reply")
"""Clocks of the work itself: whether an order is on time is read from these."""
DONE: Final = (OrderState.ANSWERED, OrderState.CLOSED)
PROVIDERS: Final = 0
NOBODY: Final = -1
"""Places beside the departments, whose ids begin at one."""
AFTER_RETURN: Final = ("undo_return", "dispatch", "decide", "open_grab", "return_order", "cancel")


class Median(Aggregate):
    """The middle value; None of none."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure and its list. `population` says in words of what; `timed` ones have a `span` to each order."""

    key: str
    label: Any
    population: Any
    fill: Callable[[Rows, dt.datetime], Rows]
    timed: bool = False
    state: str = ""

    def orders(self, rows: Rows, now: dt.datetime, at: int | None = None) -> Any:
        """The orders counted (at one place alone), each with its `place`, and its `span`."""
        found: Any = self.fill(rows.exclude(state=OrderState.CANCELLED), now)
        if "place" not in found.query.annotations:
            found = found.annotate(place=_place("department", "provider"))
        if not self.timed:
            found = found.annotate(span=Cast(Value(None), DurationField()))
        return found if at is None else found.filter(place=at)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many orders, and the middle of their spans when they are timed."""

    count: int = 0
    median: dt.timedelta | None = None


def _place(department: str, provider: str) -> Case:
    return Case(
        When(**{f"{department}__isnull": False, "then": F(department)}),
        When(**{f"{provider}__isnull": False, "then": Value(PROVIDERS)}),
        default=Value(NOBODY),
        output_field=BigIntegerField(),
    )


def _leads(rows: Rows) -> Rows:
    return rows.filter(kind=OrderKind.LEAD)


def _work_clocks() -> QuerySet[Any]:
    clocks: QuerySet[Any] = OrderClock.objects.filter(order=OuterRef("pk"), target__in=WORK)
    return clocks


def _is_late(now: dt.datetime) -> Exists:
    """Whether a clock of the work ended, or runs, after its time."""
    too_late = Q(met_at__gte=F("due_at")) | Q(breached_at__isnull=False)
    running = Q(met_at=None, paused_at=None, due_at__lte=now)
    return Exists(_work_clocks().filter(too_late | running))


def _open(rows: Rows, now: dt.datetime) -> Rows:
    return _leads(rows).filter(state__in=LIVE)


def _overdue(rows: Rows, now: dt.datetime) -> Rows:
    return _open(rows, now).filter(_is_late(now))


def _judged(rows: Rows, now: dt.datetime) -> Rows:
    """Of which it can be said whether they were on time: answered ones with a clock, and late ones."""
    return _leads(rows).filter(
        Q(Exists(_work_clocks()), state__in=DONE) | Q(_is_late(now), state__in=LIVE),
    )


def _on_time(rows: Rows, now: dt.datetime) -> Rows:
    return _judged(rows, now).filter(~_is_late(now))


def _late(rows: Rows, now: dt.datetime) -> Rows:
    return _judged(rows, now).filter(_is_late(now))


def _returned(rows: Rows, now: dt.datetime) -> Rows:
    """Given back and not taken back within the two minutes, by who had them then."""
    back = FilteredRelation("events", condition=Q(events__name="return_order"))
    after = OrderEvent.objects.filter(subject=OuterRef("pk"), pk__gt=OuterRef("back__pk"))
    had = Assignment.objects.filter(order=OuterRef("pk"), at__lte=OuterRef("back__at")).order_by("-at", "-pk")
    found: Any = _leads(rows).annotate(back=back).filter(back__isnull=False)
    found = found.annotate(
        next=Subquery(after.filter(name__in=AFTER_RETURN).order_by("pk").values("name")[:1]),
        had=Subquery(had.values("department")[:1]),
    )
    kept: Rows = found.filter(Q(next=None) | ~Q(next="undo_return")).annotate(
        place=Coalesce(F("had"), Value(PROVIDERS), output_field=BigIntegerField())
    )
    return kept


def _badly_rated(rows: Rows) -> Any:
    """Rated as dissatisfied, with how many of the appeal's answers were `before`."""
    bad = Survey.objects.filter(satisfaction=Satisfaction.DISSATISFIED, order__appeal=OuterRef("appeal"))
    before = bad.filter(pk__lt=OuterRef("survey__pk")).order_by().values("order__appeal")
    found: Any = _leads(rows).filter(survey__satisfaction=Satisfaction.DISSATISFIED)
    return found.annotate(
        before=Coalesce(Subquery(before.annotate(number=Count("pk")).values("number")), Value(0)),
        again=Exists(bad.filter(pk__gt=OuterRef("survey__pk"))),
    )


def _once(rows: Rows, now: dt.datetime) -> Rows:
    """Once and not again: the appeal is counted here or as twice."""
    once: Rows = _badly_rated(rows).filter(before=0, again=False)
    return once


def _twice(rows: Rows, now: dt.datetime) -> Rows:
    """By the second bad answer; a third counts nothing more."""
    twice: Rows = _badly_rated(rows).filter(before=1)
    return twice


def _supervised(rows: Rows, now: dt.datetime) -> Rows:
    return rows.filter(kind=OrderKind.SUPERVISION, state__in=LIVE)


def _accepted(rows: Rows, now: dt.datetime) -> Rows:
    """From being given to who has it until taken on."""
    taken = OrderEvent.objects.filter(subject=OuterRef("pk"), name="accept", at__gte=OuterRef("held_at"))
    found: Any = _leads(rows).annotate(taken_at=Subquery(taken.order_by("at", "pk").values("at")[:1]))
    return _spanning(found.filter(taken_at__isnull=False), "taken_at")


def _answered(rows: Rows, now: dt.datetime) -> Rows:
    done = _leads(rows).filter(state__in=DONE, held_at__isnull=False, answered_at__gte=F("held_at"))
    return _spanning(done, "answered_at")


def _spanning(rows: Any, until: str) -> Rows:
    span = ExpressionWrapper(F(until) - F("held_at"), output_field=DurationField())
    spanning: Rows = rows.annotate(span=span)
    return spanning


MEASURES: Final = {
    measure.key: measure
    for measure in (
        Measure("open", _("在办"), _("还没有答复的主办工单"), _open),
        Measure(
            "overdue", _("办理超期未答复"), _("还没有答复、办理时限已过的主办工单"), _overdue, state="late"
        ),
        Measure("judged", _("应按时"), _("有办理时限、已答复或者已超期的主办工单"), _judged),
        Measure("on_time", _("按时"), _("在办理时限内答复的主办工单"), _on_time, state="done"),
        Measure(
            "late", _("办理超期"), _("超过办理时限才答复、或者至今没有答复的主办工单"), _late, state="late"
        ),
        Measure("returned", _("退单"), _("退回过的主办工单，算在退回的单位名下"), _returned, state="due"),
        Measure("once", _("一次不满意"), _("企业评价过一次不满意、没有第二次的诉求"), _once, state="due"),
        Measure("twice", _("二次不满意"), _("企业评价两次不满意的诉求，应转督办"), _twice, state="late"),
        Measure("supervised", _("督办中"), _("正在办理的督办工单"), _supervised, state="late"),
        Measure(
            "accepted", _("接单用时"), _("派给现在的单位后已接单的主办工单，从派出到接单"), _accepted, True
        ),
        Measure(
            "answered",
            _("答复用时"),
            _("已答复的主办工单，从派出到答复，含等企业补充的时间"),
            _answered,
            True,
        ),
    )
}


def figures(
    rows: Rows, now: dt.datetime, only: int | None = None
) -> tuple[dict[int, dict[str, Figure]], dict[str, Figure]]:
    """All measures by place, and over all places; two queries. Measures of which there is none are left out.

    `only`: what is counted at that place, and nothing else.

    An order that two departments have returned counts with both, and once over all.
    """

    def counted(*by: str) -> Iterable[Any]:
        return [_counted(each.orders(rows, now, only), each.key, *by) for each in MEASURES.values()]

    by_place: dict[int, dict[str, Figure]] = {}
    for key, place, count, median in _union(counted("place")):
        by_place.setdefault(place, {})[key] = Figure(count, median)
    total = _union(counted())
    return by_place, {key: Figure(count, median) for key, count, median in total}


def _counted(orders: Any, measure: str, *by: str) -> Any:
    key = Value(measure, output_field=CharField())
    found = orders.order_by().annotate(measure=key).values("measure", *by)
    counts = found.annotate(number=Count("pk", distinct=True), middle=Median("span"))
    return counts.values_list("measure", *by, "number", "middle")


def _union(parts: Iterable[Any]) -> Any:
    first, *others = parts
    return first.union(*others, all=True)


def listed(measure: Measure, rows: Rows, now: dt.datetime, place: int | None) -> Any:
    """The orders that the figure at a place counts (everywhere for None), each once."""
    found = measure.orders(rows, now, place)
    chosen: Any = WorkOrder.objects.filter(pk__in=found.order_by().values("pk"))
    if measure.timed:
        spans = measure.orders(WorkOrder.objects.filter(pk=OuterRef("pk")), now).values("span")[:1]
        chosen = chosen.annotate(span=Subquery(spans))
    return chosen
