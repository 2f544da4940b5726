"""Reminders of deadlines, in working hours: each level of each clock once, written down with the order.

A level is taken by one conditional UPDATE for a set of clocks, in one statement with the events of their
orders and in one transaction with the messages: of two sweeps at once one takes it, and a sweep that dies
half way has told nobody. Orders that somebody is at right now are left to the next sweep.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import Whom
from appeals.models import ClockTarget, OrderClock, ReminderLevel, WorkOrder
from appeals.models.clock import NOT_OURS
from appeals.recipients import Recipients
from appeals.telling import discreet, outward
from portal.kernel.clocks import Light
from portal.kernel.hours import is_working, worktime_before
from portal.kernel.workdays import Calendar
from portal.notifications.services import Draft, send_messages

BATCH: Final = 500
CLIMB: Final = """
    WITH rungs (level, light, until, name, words) AS (
        SELECT * FROM unnest(%(levels)s::int[], %(lights)s::text[], %(untils)s::timestamptz[],
            %(names)s::text[], %(words)s::text[])
    ), due AS (
        SELECT DISTINCT ON (c.id) c.id, c.order_id, c.level AS was, r.level AS reached
        FROM appeals_orderclock c JOIN rungs r ON r.level > c.level AND CASE r.light
            WHEN 'yellow' THEN c.warn_at <= r.until AND c.due_at > %(now)s ELSE c.due_at <= r.until END
        WHERE c.level = ANY(%(below)s) AND c.warn_at <= %(now)s AND c.met_at IS NULL AND c.paused_at IS NULL
            AND c.target <> ALL(%(not_ours)s)
        ORDER BY c.id, r.level LIMIT %(most)s
    ), held AS (
        SELECT o.id, o.state FROM appeals_workorder o WHERE o.id IN (SELECT order_id FROM due)
        ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED
    ), climbed AS (
        UPDATE appeals_orderclock c SET level = due.reached FROM due JOIN held ON held.id = due.order_id
        WHERE c.id = due.id AND c.level = due.was AND c.met_at IS NULL AND c.paused_at IS NULL
        RETURNING c.id, c.order_id, c.level, c.target, held.state
    ), written AS (
        INSERT INTO appeals_orderevent (subject_id, at, name, source, target, comment, public)
        SELECT c.order_id, %(now)s, r.name, c.state, c.state, COALESCE(t.label, c.target) || r.words, false
        FROM climbed c JOIN rungs r USING (level) LEFT JOIN appeals_clocktarget t ON t.key = c.target
        ORDER BY c.id
    )
    SELECT id, level FROM climbed
"""


@dataclass(frozen=True, slots=True)
class Rung:
    """A level as a sweep sees it: it is due for clocks whose light began to show by `until`."""

    level: int
    light: str
    whom: str
    until: dt.datetime

    @property
    def name(self) -> str:
        """The event's."""
        return "remind" if self.whom == Whom.HANDLER else "escalate"

    @property
    def words(self) -> str:
        """What the event says after the deadline's name."""
        return f"{Light(self.light).label}，{_('提醒')}{Whom(self.whom).label}"


def remind(now: dt.datetime) -> int:
    """Tell of every clock whose next level is due; how many levels were taken. Nothing after hours."""
    calendar = Calendar.load()
    if not is_working(now, calendar):
        return 0
    rungs = [
        Rung(row.level, row.light, row.whom, worktime_before(now, dt.timedelta(hours=row.after), calendar))
        for row in ReminderLevel.objects.order_by("level")
    ]
    taken = 0
    while rungs and (count := _climb(rungs, now)):
        taken += count
    return taken


def _climb(rungs: list[Rung], now: dt.datetime) -> int:
    """One set of clocks, one level each."""
    values: dict[str, Any] = {
        "levels": [rung.level for rung in rungs],
        "lights": [rung.light for rung in rungs],
        "untils": [rung.until for rung in rungs],
        "names": [rung.name for rung in rungs],
        "words": [rung.words for rung in rungs],
        "below": list(range(rungs[-1].level)),
        "not_ours": list(NOT_OURS),
        "now": now,
        "most": BATCH,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLIMB, values)
        taken = dict(cursor.fetchall())
        if taken:
            _tell(taken, {rung.level: rung for rung in rungs}, now)
    return len(taken)


def _tell(taken: dict[int, int], rungs: dict[int, Rung], now: dt.datetime) -> None:
    """One message for each clock and light to whoever is to know; who is of two levels is told once."""
    clocks: dict[int, OrderClock] = OrderClock.objects.in_bulk(list(taken))
    orders = WorkOrder.objects.for_lists().in_bulk({clock.order_id for clock in clocks.values()})
    recipients = Recipients(list(orders.values()), timezone.localdate(now))
    labels = dict(ClockTarget.objects.values_list("key", "label"))
    send_messages(
        Draft(
            mailbox=mailbox,
            key=f"orderclock:{pk}:{rungs[level].light}",
            kind="order",
            title=_title(clocks[pk], labels, rungs[level]),
            body=discreet(orders[clocks[pk].order_id].appeal),
            url=url,
            payload=outward(orders[clocks[pk].order_id].appeal),
        )
        for pk, level in sorted(taken.items())
        for mailbox, url in recipients.of(orders[clocks[pk].order_id], rungs[level].whom).items()
    )


def _title(clock: OrderClock, labels: dict[str, str], rung: Rung) -> str:
    words = {"what": labels.get(clock.target, clock.target), "until": _until(clock.due_at)}
    if rung.light == Light.YELLOW:
        return _("即将到期：%(what)s须在 %(until)s前完成") % words
    if rung.whom == Whom.HANDLER:
        return _("已超期：%(what)s应在 %(until)s前完成，请尽快办理") % words
    return _("超期未办，请督促：%(what)s应在 %(until)s前完成") % words


def _until(due_at: dt.datetime) -> str:
    """The end in words; one that comes with the end of a day is called by that day."""
    local = timezone.localtime(due_at)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        local -= dt.timedelta(days=1)
        return _("%(month)s 月 %(day)s 日") % {"month": local.month, "day": local.day}
    words = {"month": local.month, "day": local.day, "time": local.strftime("%H:%M")}
    return _("%(month)s 月 %(day)s 日 %(time)s ") % words
