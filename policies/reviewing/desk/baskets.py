"""The baskets of the queue: what is in each, in which order, and how many.

A department's applications are found by its items (index `policies_application_urgent`), those it was asked
about by open opinions, so that a page costs the same over ten thousand as over a hundred. What is due first
comes first; of what has ended, the newest. Counts stop at `MOST`; the statement that counts is written once
for all departments (see `portal.kernel.statements`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from policies.enums import DECIDED, ApplicationState
from policies.models import Application, ApplicationClock, Opinion, PolicyItem
from policies.models.applying.application import IN_HAND
from portal.accounts.desks import Desk
from portal.kernel.statements import Named, Statement, bound

MOST: Final = 99
BRIEFLY: Final = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;"
"""A few milliseconds of work are done sooner than helpers for it are started."""
S = ApplicationState
ENDED: Final = (*DECIDED, S.WITHDRAWN)
Rows = QuerySet[Application]


@dataclass(frozen=True, slots=True)
class Moment:
    """For whom, where (by id) and when a basket is looked into."""

    user: Any
    department: Any
    now: Any

    @classmethod
    def of(cls, desk: Desk, now: dt.datetime) -> Moment:
        """That desk's, at that time."""
        return cls(desk.user.pk, desk.department.pk, now)

    @property
    def led(self) -> Rows:
        """What the department decides, drafts never."""
        items = PolicyItem.objects.filter(department=self.department)
        return Application.objects.filter(item__in=items.values("pk")).exclude(state=S.DRAFT)


ANY_MOMENT: Final = Moment(
    Named("user", BigIntegerField()), Named("department", BigIntegerField()), Named("now", DateTimeField())
)
"""Stands for every moment in a statement that is written once."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A kind of applications. `due` is until when something is to be done about one: the deadline that runs.

    `state` colours its number when there are any.
    """

    key: str
    label: Any
    fill: Callable[[Moment], Rows]
    newest_first: bool = False
    due: Callable[[Moment], Any] = lambda moment: F("due_at")
    state: str = ""
    empty: Any = _("这里没有申报。")

    def ordered(self, rows: Rows, moment: Moment) -> Any:
        """The rows in its order, each with its `due`: urgent first, without a deadline last; or by age."""
        known = rows.annotate(due=self.due(moment))
        return known.order_by(*(["-pk"] if self.newest_first else [F("due").asc(nulls_last=True), "pk"]))

    def behind(self, rows: Any, after: str) -> Any:
        """Those of its ordered rows that come after the line with that key; all when it is no line's."""
        due, _tilde, pk = after.rpartition("~")
        if not (pk.isascii() and pk.isdecimal() and len(pk) <= 18):
            return rows
        if self.newest_first:
            return rows.filter(pk__lt=int(pk))
        if not due:
            return rows.filter(due=None, pk__gt=int(pk))
        moment = _moment(due)
        if moment is None:
            return rows
        return rows.filter(Q(due__gt=moment) | Q(due=moment, pk__gt=int(pk)) | Q(due=None))

    def key_of(self, pk: int, due: dt.datetime | None) -> str:
        """The key of a line, as `behind` reads it."""
        return str(pk) if self.newest_first else f"{'' if due is None else due.isoformat()}~{pk}"


def _moment(text: str) -> dt.datetime | None:
    """The moment that a key names; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return None if moment is None or timezone.is_naive(moment) else moment


def _in(*states: ApplicationState) -> Callable[[Moment], Rows]:
    return lambda moment: moment.led.filter(state__in=states)


def _asked(moment: Moment) -> Rows:
    asked = Opinion.objects.awaited().filter(department=moment.department)
    return Application.objects.filter(pk__in=asked.values("application"), state=S.JOINT)


def _due_here(moment: Moment) -> Any:
    """Until when the department's own opinion is awaited; that of another one may be due sooner."""
    running: Any = ApplicationClock.objects.running()
    clocks = running.filter(application=OuterRef("pk"), opinion__department=moment.department)
    return Subquery(clocks.order_by("due_at").values("due_at")[:1])


def _mine(moment: Moment) -> Rows:
    return moment.led.filter(reviewer=moment.user, state__in=IN_HAND)


def _overdue(moment: Moment) -> Rows:
    """With a deadline of the department's own that has passed: of what it leads, or an opinion asked of it.

    The end of a notice is no deadline but a beginning. Conditions, not keys of clocks, beside the deadline
    that the application bears: so the first lines are found without sorting, or looking at, the other ones.
    A comparison, no EXISTS: of that one, PostgreSQL makes a hash of all clocks that are late.
    """
    hurrying: Any = ApplicationClock.objects.hurrying()
    late = hurrying.filter(due_at__lte=moment.now)
    clocks = hurrying.filter(application=OuterRef("pk"), opinion=None).order_by("due_at")
    own = LessThanOrEqual(Subquery(clocks.values("due_at")[:1]), moment.now)
    items = PolicyItem.objects.filter(department=moment.department)
    asked = Opinion.objects.awaited().filter(department=moment.department, clocks__in=late)
    led = Q(own, item__in=items.values("pk"))
    found = Application.objects.filter(due_at__lte=moment.now)
    return found.filter(led | Q(pk__in=asked.values("application")))


GROUPS: Final = (
    (
        Basket("new", _("待受理"), _in(S.SUBMITTED), empty=_("申报都受理了。")),
        Basket("reviewing", _("审核中"), _in(S.REVIEWING), empty=_("没有正在审核的申报。")),
        Basket("returned", _("等企业补正"), _in(S.RETURNED), empty=_("没有等企业补正的申报。")),
        Basket("joint", _("联审中"), _in(S.JOINT), empty=_("没有正在联审的申报。")),
        Basket("proposed", _("待审定"), _in(S.PROPOSED), empty=_("拟定的都审定了。")),
        Basket("noticed", _("公示中"), _in(S.NOTICED), empty=_("没有正在公示的申报。")),
    ),
    (
        Basket(
            "asked",
            _("要我出意见"),
            _asked,
            due=_due_here,
            state="due",
            empty=_("没有等本部门出意见的申报。"),
        ),
        Basket("mine", _("我的"), _mine, empty=_("没有由您审核的申报。")),
        Basket("overdue", _("已超期"), _overdue, state="late", empty=_("没有超期的申报。")),
    ),
    (Basket("ended", _("已办结"), _in(*ENDED), newest_first=True, empty=_("还没有办结的申报。")),),
)
BASKETS: Final = {basket.key: basket for group in GROUPS for basket in group}


def counts(moment: Moment) -> dict[str, int]:
    """How many applications are in each basket, at most one more than `MOST`: one query."""
    sql, parameters = _counting
    with connection.cursor() as cursor:
        cursor.execute(sql, bound(parameters, moment))
        return dict(zip(BASKETS, cursor.fetchone(), strict=True))


def _written() -> Statement:
    parts: list[str] = []
    values: list[Any] = []
    for basket in BASKETS.values():
        few = basket.fill(ANY_MOMENT).order_by().values("pk")[: MOST + 1]
        sql, parameters = few.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS few)")  # noqa: S608 - the ORM's own statement
        values.extend(parameters)
    return f"{BRIEFLY} SELECT {', '.join(parts)}", tuple(values)


_counting: Any = SimpleLazyObject(_written)


def shown_count(count: int) -> str:
    """As many, or that there are more than anybody counts."""
    return f"{MOST}+" if count > MOST else str(count)


def moment_of(desk: Desk) -> Moment:
    """The desk's, now."""
    return Moment.of(desk, timezone.now())
