"""Reminders of clocks that climb level by level, in working hours: each level of each clock once.

Who is told at which light, and how long after it began to show, are rows (`EscalationLevel`). A level is
taken by one conditional UPDATE for a set of clocks, in one statement with the events of what they drive and
in one transaction with the messages: of two sweeps at once one takes it, and a sweep that dies half way has
told nobody. What somebody is at right now is left to the next sweep. Reminding decides nothing.

    LADDER = Ladder(OrderClock, "order", OrderEvent, ClockTarget, ReminderLevel, aside=NOT_OURS)
    climb(LADDER, now, tell)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.kernel.clocks import Clock, Light, SpanTarget
from portal.kernel.hours import is_working, worktime_before
from portal.kernel.transitions import EventModel
from portal.kernel.workdays import Calendar

HANDLER: Final = "handler"
"""Of `whom`: who is to do it. Everybody else is above them, and telling them is an escalation."""
BATCH: Final = 500
CLIMB: Final = """
    WITH rungs (level, light, until, name, words) AS (
        SELECT * FROM unnest(%(levels)s::int[], %(lights)s::text[], %(untils)s::timestamptz[],
            %(names)s::text[], %(words)s::text[])
    ), due AS (
        SELECT DISTINCT ON (c.id) c.id, c.{key} AS subject, c.level AS was, r.level AS reached
        FROM {clock} c JOIN rungs r ON r.level > c.level AND CASE r.light
            WHEN 'yellow' THEN c.warn_at <= r.until AND c.due_at > %(now)s ELSE c.due_at <= r.until END
        WHERE c.level = ANY(%(below)s) AND c.warn_at <= %(now)s AND c.met_at IS NULL AND c.paused_at IS NULL
            AND c.target <> ALL(%(aside)s) AND (r.name = 'remind' OR c.target <> ALL(%(mild)s))
        ORDER BY c.id, r.level LIMIT %(most)s
    ), held AS (
        SELECT o.id, o.state FROM {subject} o WHERE o.id IN (SELECT subject FROM due)
        ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED
    ), climbed AS (
        UPDATE {clock} c SET level = due.reached FROM due JOIN held ON held.id = due.subject
        WHERE c.id = due.id AND c.level = due.was AND c.met_at IS NULL AND c.paused_at IS NULL
        RETURNING c.id, c.{key} AS subject, c.level, c.target, held.state
    ), written AS (
        INSERT INTO {event} (subject_id, at, name, source, target, comment, public)
        SELECT c.subject, %(now)s, r.name, c.state, c.state, COALESCE(t.label, c.target) || r.words, false
        FROM climbed c JOIN rungs r USING (level) LEFT JOIN {target} t ON t.key = c.target
        ORDER BY c.id
    )
    SELECT id, level FROM climbed
"""


class EscalationLevel(models.Model):
    """Who is told of a clock, at which light, and how long after it began to show: one message a level.

    A clock climbs level by level while its light lasts; levels of a light that is over are left out.
    Subclasses add `whom` with its choices, of which `HANDLER` is the first.
    """

    level = models.PositiveSmallIntegerField(_("级别"), unique=True, help_text=_("由低到高逐级提醒"))
    light = models.CharField(
        _("灯"), max_length=6, choices=[(light.value, light.label) for light in (Light.YELLOW, Light.RED)]
    )
    after = models.PositiveSmallIntegerField(
        _("之后"), default=0, help_text=_("亮灯之后多少个工作小时；0 为马上（办公时间内）")
    )

    class Meta:
        abstract = True
        verbose_name = _("提醒与升级")
        verbose_name_plural = _("提醒与升级")
        ordering = ["level"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=99),
                name="%(app_label)s_%(class)s_range",
                violation_error_message=_("级别为 1 至 99。"),
            ),
            models.CheckConstraint(
                condition=Q(light__in=[Light.YELLOW, Light.RED]),
                name="%(app_label)s_%(class)s_light",
                violation_error_message=_("只有即将到期和已超期提醒。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.get_light_display()} · {self.get_whom_display()}"  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Raises ValidationError where red would come before yellow: clocks only climb."""
        others = type(self)._base_manager.exclude(pk=self.pk)
        if self.level is None:
            return
        if self.light == Light.YELLOW:
            crossed = others.filter(light=Light.RED, level__lt=self.level)
        else:
            crossed = others.filter(light=Light.YELLOW, level__gt=self.level)
        if crossed.exists():
            raise ValidationError({"level": _("即将到期的提醒须排在已超期的之前。")})


@dataclass(frozen=True, slots=True)
class Ladder:
    """What climbs where: clocks with a `level`, what they drive (the clock's field `drives`) and its events.

    Nobody is told of the targets `aside`; of those that are `mild` only who is to do it, and nobody above.
    """

    clocks: type[Clock]
    drives: str
    events: type[EventModel]
    targets: type[SpanTarget]
    levels: type[EscalationLevel]
    aside: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """The one that takes levels and writes the events."""
        field: Any = self.clocks._meta.get_field(self.drives)
        return CLIMB.format(
            clock=self.clocks._meta.db_table,
            key=field.column,
            subject=field.related_model._meta.db_table,
            event=self.events._meta.db_table,
            target=self.targets._meta.db_table,
        )


@dataclass(frozen=True, slots=True)
class Rung:
    """A level as a sweep sees it: it is due for clocks whose light began to show by `until`."""

    level: int
    light: str
    whom: str
    until: dt.datetime
    label: str

    @property
    def name(self) -> str:
        """The event's."""
        return "remind" if self.whom == HANDLER else "escalate"

    @property
    def words(self) -> str:
        """What the event says after the deadline's name."""
        return f"{Light(self.light).label}，{gettext('提醒')}{self.label}"


Tell = Callable[[dict[int, Rung], dt.datetime], None]
"""Sends the messages of a set of clocks, each (by id) with the level it has just reached."""


def climb(ladder: Ladder, now: dt.datetime, tell: Tell) -> int:
    """Take every level that is due and tell of it; how many were taken. Nothing after hours."""
    calendar = Calendar.load()
    if not is_working(now, calendar):
        return 0
    rungs = _rungs(ladder, now, calendar)
    taken = 0
    while rungs and (count := _climb_once(ladder, rungs, now, tell)):
        taken += count
    return taken


def _rungs(ladder: Ladder, now: dt.datetime, calendar: Calendar) -> list[Rung]:
    rows: list[Any] = list(ladder.levels._base_manager.order_by("level"))
    return [
        Rung(
            row.level,
            row.light,
            row.whom,
            worktime_before(now, dt.timedelta(hours=row.after), calendar),
            str(row.get_whom_display()),
        )
        for row in rows
    ]


def _climb_once(ladder: Ladder, rungs: list[Rung], now: dt.datetime, tell: Tell) -> int:
    """One set of clocks, one level each."""
    values: dict[str, Any] = {
        "levels": [rung.level for rung in rungs],
        "lights": [rung.light for rung in rungs],
        "untils": [rung.until for rung in rungs],
        "names": [rung.name for rung in rungs],
        "words": [rung.words for rung in rungs],
        "below": list(range(rungs[-1].level)),
        "aside": list(ladder.aside),
        "mild": list(ladder.mild),
        "now": now,
        "most": BATCH,
    }
    by_level = {rung.level: rung for rung in rungs}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ladder.statement, values)
        taken = {clock: by_level[level] for clock, level in sorted(cursor.fetchall())}
        if taken:
            tell(taken, now)
    return len(taken)


def title_of(what: str, due_at: dt.datetime, rung: Rung) -> str:
    """What officials are told of a deadline: its name, its end, and what is expected of them."""
    words = {"what": what, "until": until_words(due_at)}
    if rung.light == Light.YELLOW:
        return gettext("即将到期：%(what)s须在 %(until)s前完成") % words
    if rung.whom == HANDLER:
        return gettext("已超期：%(what)s应在 %(until)s前完成，请尽快办理") % words
    return gettext("超期未办，请督促：%(what)s应在 %(until)s前完成") % words


def until_words(due_at: dt.datetime) -> str:
    """The end in words; one that comes with the end of a day is called by that day."""
    local = timezone.localtime(due_at)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        local -= dt.timedelta(days=1)
        return gettext("%(month)s 月 %(day)s 日") % {"month": local.month, "day": local.day}
    words = {"month": local.month, "day": local.day, "time": local.strftime("%H:%M")}
    return gettext("%(month)s 月 %(day)s 日 %(time)s ") % words
