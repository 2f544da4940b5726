"""The baskets of the inbox: what is in each, in which order, and how many.

Each basket is a condition that a partial index answers (see `WorkOrder.Meta.indexes`), so that a page costs
the same over two hundred thousand orders as over two hundred. Counts stop at `MOST`: nobody reads on from
there. The statement that counts is written once (see `Named`): writing it costs more than running it.
Co-orders are not in the inbox: they come and go with their lead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.enums import LIVE, Intake, OrderKind, OrderState, Satisfaction
from appeals.lights import first_due
from appeals.models import Appeal, Assignment, OrderEvent, Survey, WorkOrder
from appeals.telling import UNDO_WITHIN
from portal.accounts.models import User
from portal.kernel.kept import Kept
from portal.kernel.statements import Named, Statement, bound

MOST: Final = 99
MINE_FOR: Final = dt.timedelta(days=30)
"""How far back what one has handed out oneself is followed."""
A_MOMENT: Final = dt.timedelta(seconds=5)
"""Between a dispatch and the event that its undoing is counted from."""
LEADING: Final = (OrderKind.LEAD, OrderKind.SUPERVISION)
BRIEFLY: Final = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;"
"""A few milliseconds of work are done sooner than helpers for it are started."""
Rows = QuerySet[WorkOrder]


@dataclass(frozen=True, slots=True)
class Moment:
    """For whom (by id) and when a basket is looked into; `today` is when the local day began."""

    user: Any
    now: Any
    today: Any

    @classmethod
    def of(cls, user: User, now: dt.datetime) -> Moment:
        """That user's, at that time."""
        day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(user.pk, now, day)


ANY_MOMENT: Final = Moment(
    Named("user", BigIntegerField()), Named("now", DateTimeField()), Named("today", DateTimeField())
)
"""Stands for every moment in a statement that is written once."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A kind of orders: `fill` narrows the visible ones. `by_due`: the most urgent first, else by age."""

    key: str
    label: Any
    fill: Callable[[Rows, Moment], Rows]
    newest_first: bool = False
    by_due: bool = False
    state: str = ""
    empty: Any = _("这里没有工单。")

    def orders(self, rows: Rows, moment: Moment) -> Rows:
        """Its orders, in their order."""
        found: Any = self.fill(rows, moment)
        order = ("due_at", "pk") if self.by_due else ("-pk" if self.newest_first else "pk",)
        ordered: Rows = found.order_by(*order)
        return ordered


def _live(rows: Rows, moment: Moment) -> Rows:
    return rows.filter(kind__in=LEADING, state__in=LIVE)


def _new(rows: Rows, moment: Moment) -> Rows:
    """To be given to somebody; those the enterprise was asked about first are not, until it has answered."""
    asked = Appeal.objects.filter(intake=Intake.ASKED).values("pk")
    return rows.filter(kind__in=LEADING, state=OrderState.WAITING).exclude(appeal__in=asked)


def _unclaimed(rows: Rows, moment: Moment) -> Rows:
    return rows.filter(kind__in=LEADING, state__in=(OrderState.OFFERED, OrderState.OPEN))


def _returned(rows: Rows, moment: Moment) -> Rows:
    return rows.filter(kind__in=LEADING, state__in=(OrderState.RETURNED, OrderState.MEDIATION))


def _due_today(rows: Rows, moment: Moment) -> Rows:
    due: Rows = first_due(rows).filter(due_at__gt=moment.now, due_at__lte=moment.today + dt.timedelta(days=1))
    return due


def _overdue(rows: Rows, moment: Moment) -> Rows:
    late: Rows = first_due(rows).filter(due_at__lte=moment.now)
    return late


def _surveys(number: int) -> Exists:
    """Whether the appeal has at least so many answers that the enterprise was dissatisfied with."""
    bad = Survey.objects.filter(order__appeal=OuterRef("appeal"), satisfaction=Satisfaction.DISSATISFIED)
    return Exists(bad.order_by("pk")[number - 1 : number])


def _once(rows: Rows, moment: Moment) -> Rows:
    again = _live(rows, moment).filter(round__gt=1, kind=OrderKind.LEAD)
    return again.filter(_surveys(1), ~_surveys(2))


def _twice(rows: Rows, moment: Moment) -> Rows:
    supervised = _live(rows, moment).filter(Q(kind=OrderKind.SUPERVISION) | Q(round__gt=1))
    return supervised.filter(_surveys(2))


def _supervised(rows: Rows, moment: Moment) -> Rows:
    return _live(rows, moment).filter(kind=OrderKind.SUPERVISION)


def _shared(rows: Rows, moment: Moment) -> Rows:
    """One card for each shared problem: the order that leads it."""
    return _live(rows, moment).filter(kind=OrderKind.LEAD, appeal__leads_problem__isnull=False)


def _closed_today(rows: Rows, moment: Moment) -> Rows:
    closed = OrderEvent.objects.filter(name="close", at__gte=moment.today).values("subject")
    return rows.filter(kind=OrderKind.LEAD, pk__in=closed)


def _given(by: Any, since: Any) -> Any:
    """What a user has given out since, but for what they undid at once."""
    undone = OrderEvent.objects.filter(
        name="undo_dispatch",
        subject=OuterRef("order"),
        at__gte=OuterRef("at"),
        at__lte=OuterRef("at") + UNDO_WITHIN + A_MOMENT,
    )
    return Assignment.objects.filter(~Exists(undone), by=by, at__gte=since)


def _mine(rows: Rows, moment: Moment) -> Rows:
    given = _given(moment.user, moment.now - MINE_FOR).values("order")
    return _live(rows, moment).filter(pk__in=given)


GROUPS: Final = (
    (
        Basket("new", _("新诉求"), _new, empty=_("新诉求都派出去了。")),
        Basket("unclaimed", _("待认领"), _unclaimed, empty=_("派出的工单都有人接了。")),
        Basket("returned", _("被退回"), _returned, empty=_("没有被退回的工单。")),
        Basket(
            "due",
            _("今天到期"),
            _due_today,
            by_due=True,
            state="due",
            empty=_("今天没有到期的工单，休息日顺延。"),
        ),
        Basket(
            "overdue", _("任一时限超期"), _overdue, by_due=True, state="late", empty=_("没有超期的工单。")
        ),
    ),
    (
        Basket("once", _("一次不满意"), _once, empty=_("没有正在二次办理的工单。")),
        Basket("twice", _("二次不满意"), _twice, state="late", empty=_("没有两次不满意的工单。")),
        Basket("supervised", _("督办"), _supervised, empty=_("没有正在督办的工单。")),
        Basket("shared", _("同类问题"), _shared, empty=_("没有正在办理的同类问题。")),
    ),
    (
        Basket("open", _("全部在办"), _live, newest_first=True, empty=_("没有在办的工单。")),
        Basket("closed", _("今天办结"), _closed_today, newest_first=True, empty=_("今天还没有办结的工单。")),
        Basket("mine", _("我派出的"), _mine, newest_first=True, empty=_("您近 30 天派出的都已办完。")),
    ),
)
BASKETS: Final = {basket.key: basket for group in GROUPS for basket in group}


def counts(rows: Rows, moment: Moment) -> dict[str, int]:
    """How many orders are in each basket, at most one more than `MOST`, and `handed_out` by the user today.

    One query.
    """
    seen = rows.order_by().values("pk").query.sql_with_params()
    sql, parameters = _written.get(seen) or _written.keep(seen, _counting(rows))
    with connection.cursor() as cursor:
        cursor.execute(sql, bound(parameters, moment))
        return dict(zip((*BASKETS, "handed_out"), cursor.fetchone(), strict=True))


def _counting(rows: Rows) -> Statement:
    """The statement that counts among these rows, at any moment."""
    parts: list[str] = []
    values: list[Any] = []
    counted = [basket.fill(rows, ANY_MOMENT).order_by().values("pk") for basket in BASKETS.values()]
    given = _given(ANY_MOMENT.user, ANY_MOMENT.today)
    for few in (*(one[: MOST + 1] for one in counted), given.order_by().values("order").distinct()):
        sql, parameters = few.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS few)")  # noqa: S608 - the ORM's own statement
        values.extend(parameters)
    return f"{BRIEFLY} SELECT {', '.join(parts)}", tuple(values)


_written: Kept[Statement, Statement] = Kept(100)
"""The counting statements, by the statement of the rows they count among: one for each set of departments."""
