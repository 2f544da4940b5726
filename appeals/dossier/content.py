"""What stands in a dossier: plain words and numbers, as the page's template takes them.

Nothing here is markup: a text that an enterprise wrote goes through as data and comes out as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.anonymity import NOBODY_HIDDEN, Hidden, called, firm_side
from appeals.desk.acting import orders_at, sees_all
from appeals.desk.timeline import lines_of
from appeals.dossier.wording import words
from appeals.models import Appeal, Assignment, ClockTarget, OrderClock, Promise, Survey, WorkOrder
from portal.accounts.desks import Desk
from portal.kernel.spans import Pause, Unit

Pairs = list[tuple[str, str]]


def content(desk: Desk, appeal: Appeal, now: dt.datetime) -> dict[str, Any]:
    """Everything that the desk may see of the appeal; the queries do not grow with what has happened.

    A department's people get their own orders, and of the others what is public, without the name of an
    enterprise that wished to have none.
    """
    everything = sees_all(desk)
    orders = _orders(desk, appeal)
    labels = dict(ClockTarget.objects.values_list("key", "label"))
    named = everything or not appeal.anonymous
    hidden = NOBODY_HIDDEN if named else firm_side(appeal)
    return {
        "county": settings.COUNTY_NAME,
        "words": words(),
        "title": appeal.title,
        "number": appeal.number,
        "cover": _cover(appeal, orders, named=named, everything=everything),
        "text": appeal.text.splitlines(),
        "orders": [_order(order, labels, hidden, now) for order in orders],
        "events": _events(appeal, None if everything else orders, hidden),
        "files": _files(appeal, hidden),
        "printed": _("%(who)s（%(department)s）%(at)s 打印")
        % {"who": desk.user, "department": desk.department.short_name, "at": moment(now)},
    }


def moment(at: dt.datetime | None) -> str:
    """A point in time as paper says it; “—” for none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "—"


def until(at: dt.datetime) -> str:
    """An end as paper says it: what ends as a day begins ended with the day before."""
    local = timezone.localtime(at)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return moment(at)
    return f"{local.date() - dt.timedelta(days=1)} 24:00"


def _orders(desk: Desk, appeal: Appeal) -> list[WorkOrder]:
    related = ("department", "section", "provider", "leader", "handler", "rightful")
    given = Assignment.objects.select_related("department", "section", "provider", "leader", "handler", "by")
    surveys = Survey.objects.select_related("by")
    rows = orders_at(desk).filter(appeal=appeal).select_related("appeal", *related)
    many = (
        Prefetch("assignments", given.order_by("pk")),
        Prefetch("survey", surveys),
        Prefetch("clocks", OrderClock.objects.order_by("started_at", "pk")),
        "clocks__order__events",
        "clocks__order__appeal__events",
        Prefetch("promises", Promise.objects.order_by("pk")),
        "answers__by",
    )
    return list(rows.prefetch_related(*many).order_by("pk"))


def _cover(appeal: Appeal, orders: list[WorkOrder], *, named: bool, everything: bool) -> Pairs:
    hidden = _("不公开")
    contact = f"{appeal.contact_name} {appeal.contact_phone}"
    rounds = max((order.round for order in orders), default=appeal.round)
    cover = [
        (_("企业"), appeal.enterprise.name if named else hidden),
        (_("统一社会信用代码"), appeal.enterprise.uscc if named else hidden),
        (_("联系人"), contact if named else hidden),
        (_("类别"), str(appeal.category) if appeal.category else "—"),
        (_("复杂度"), appeal.get_complexity_display()),
        (_("来源"), appeal.get_source_display()),
        (_("密级"), appeal.get_secrecy_display()),
        (_("提交时间"), moment(appeal.submitted_at)),
        (_("状态"), appeal.status_for_officials),
        (_("办理次数"), _("%(count)d 次") % {"count": rounds}),
        (_("发生地"), appeal.place or "—"),
        (_("紧急"), _("是") if appeal.urgent else _("否")),
    ]
    if everything and appeal.about:
        cover.append((_("被反映部门"), str(appeal.about)))
    if everything and appeal.merged_into:
        cover.append((_("并入"), str(appeal.merged_into)))
    if everything and appeal.problem:
        cover.append((_("共性问题"), appeal.problem.title))
    return cover


def _order(order: WorkOrder, labels: Mapping[str, str], hidden: Hidden, now: dt.datetime) -> dict[str, Any]:
    survey: Survey | None = getattr(order, "survey", None)
    facts = [
        (_("方式"), order.get_mode_display()),
        (_("状态"), order.get_state_display()),
        (_("承办"), order.holder or "—"),
        (_("责任领导"), str(order.leader or "—")),
        (_("承办人"), str(order.handler or "—")),
        (_("派出时间"), moment(order.held_at)),
        (_("答复时间"), moment(order.answered_at)),
        (_("退回次数"), str(order.returns)),
    ]
    return {
        "name": _("第 %(round)d 次办理 · %(kind)s")
        % {"round": order.round, "kind": order.get_kind_display()},
        "facts": facts,
        "assignments": [_assignment(each, hidden) for each in order.assignments.all()],
        "clocks": _clocks(order, labels, now),
        "answers": [
            {
                "head": f"{each.get_outcome_display()} · {called(each.by)} · {moment(each.at)}",
                "text": each.text,
            }
            for each in order.answers.all()
        ],
        "promises": [_promise(each) for each in order.promises.all()],
        "survey": _survey(survey, hidden) if survey else [],
    }


def _assignment(row: Assignment, hidden: Hidden) -> list[str]:
    to = str(row.provider or row.section or row.department)
    people = "，".join(str(each) for each in (row.leader, row.handler) if each)
    why = f"{row.get_why_display()} {row.note}".strip()
    return [moment(row.at), to, people or "—", why, called(row.by, hidden)]


def _promise(row: Promise) -> list[str]:
    if row.kept_at is None:
        return [str(row.due_on), row.text, _("尚未兑现"), ""]
    on_time = timezone.localdate(row.kept_at) <= row.due_on
    return [str(row.due_on), row.text, _("按期兑现") if on_time else _("逾期兑现"), row.kept_note]


def _survey(row: Survey, hidden: Hidden) -> Pairs:
    solved = _("企业认为已解决") if row.solved else _("企业认为没解决")
    way = _("电话回访") if row.by_phone else _("企业评价")
    who = called(row.by, hidden)
    head = f"{row.get_satisfaction_display()} · {solved} · {way} · {who} · {moment(row.at)}"
    return [(head, row.comment)]


def _clocks(order: WorkOrder, labels: Mapping[str, str], now: dt.datetime) -> list[dict[str, Any]]:
    found = []
    clocks: Iterable[Any] = order.clocks.all()
    for clock in clocks:
        stood = [each for each in clock.pauses() if _touches(each, clock)]
        span = f"{clock.number} {Unit(clock.unit).label}"
        row = [labels.get(clock.target, clock.target), span, moment(clock.started_at), until(clock.due_at)]
        found.append({"row": [*row, _outcome(clock, now)], "pauses": [_pause(each) for each in stood]})
    return found


def _outcome(clock: OrderClock, now: dt.datetime) -> str:
    late = clock.breached_at is not None or (clock.met_at or now) >= clock.due_at
    if clock.met_at is not None:
        words = _("超期完成") if late else _("按时完成")
        return f"{words} {moment(clock.met_at)}"
    if late:
        return _("已超期，未完成")
    return _("暂停计时") if clock.paused_at else _("计时中")


def _touches(pause: Pause, clock: OrderClock) -> bool:
    ends = pause.end is None or pause.end > clock.started_at
    return ends and (clock.met_at is None or pause.start < clock.met_at)


def _pause(pause: Pause) -> str:
    until = moment(pause.end) if pause.end else _("至今")
    return _("暂停：%(since)s 至 %(until)s") % {"since": moment(pause.start), "until": until}


def _events(appeal: Appeal, orders: Iterable[WorkOrder] | None, hidden: Hidden) -> list[dict[str, Any]]:
    """Oldest first; of all orders for None."""
    own = None if orders is None else [order.pk for order in orders]
    return [
        {
            "at": moment(line.at),
            "label": line.label,
            "about": line.about,
            "who": line.actor,
            "comment": line.comment,
            "public": line.public,
        }
        for line in reversed(lines_of(appeal.pk, own, hidden, most=None))
    ]


def _files(appeal: Appeal, hidden: Hidden) -> list[list[str]]:
    rows = appeal.attachments.select_related("added_by").order_by("pk")
    return [
        [each.name, called(each.added_by, hidden), moment(each.added_at), each.digest[:16]] for each in rows
    ]
