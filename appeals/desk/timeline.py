"""What happened to an appeal and its orders, in one list, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.anonymity import NOBODY_HIDDEN, Hidden, called, firm_side
from appeals.enums import OrderKind
from appeals.models import Appeal, AppealEvent, OrderEvent, WorkOrder

MOST: Final = 100
"""Events of an appeal, and of its orders, that a page shows: the newest."""
NAMES: Final = {
    "submit": _("提交"),
    "chase": _("企业催办"),
    "merged": _("有诉求并入"),
    "share": _("列为同类问题"),
    "reopen": _("要求重新办理"),
    "second": _("转二次办理"),
    "supervise": _("转督办"),
    "note": _("记录"),
    "keep_promise": _("兑现承诺"),
    "remind": _("提醒"),
    "warn": _("提醒"),
    "escalate": _("升级提醒"),
    "dossier": _("调阅卷宗"),
    "visited": _("走访了解"),
}
"""Events that are no transition."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event. `about` names the order when it is not the lead one."""

    at: dt.datetime
    label: str
    actor: str
    comment: str
    public: bool
    about: str = ""


def timeline(order: WorkOrder, *, everything: bool) -> list[Line]:
    """Newest first: of the appeal and all its orders; else what is public, and the order's own. Two queries.

    Who added up a note is named to officials, never on the enterprise's page: that one is its own. Who acted
    for an anonymous enterprise is not named to those who do not see everything (a third query).
    """
    hidden = firm_side(order.appeal) if order.appeal.anonymous and not everything else NOBODY_HIDDEN
    return lines_of(order.appeal_id, None if everything else [order.pk], hidden)


def lines_of(
    appeal: int, orders: Sequence[int] | None, hidden: Hidden = NOBODY_HIDDEN, *, most: int | None = MOST
) -> list[Line]:
    """What happened to an appeal, newest first; beside what is public that of `orders`, all for None."""
    others = OrderEvent.objects.filter(subject__appeal=appeal)
    own = AppealEvent.objects.filter(subject=appeal)
    if orders is not None:
        others = others.filter(Q(subject__in=orders) | Q(public=True))
        own = own.filter(public=True)
    steps = others.select_related("actor", "subject__department", "subject__provider", "subject__section")
    lines = [_order_line(event, called(event.actor, hidden)) for event in steps.order_by("-at", "-pk")[:most]]
    acts = own.select_related("actor").order_by("-at", "-pk")[:most]
    lines += [_appeal_line(event, called(event.actor, hidden)) for event in acts]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _order_line(event: OrderEvent, who: str) -> Line:
    order = event.subject
    about = "" if order.kind == OrderKind.LEAD else f"{order.get_kind_display()} {order.holder}".strip()
    return Line(event.at, _label(WorkOrder, event.name), who, event.comment, event.public, about)


def _appeal_line(event: AppealEvent, who: str) -> Line:
    return Line(event.at, _label(Appeal, event.name), who, event.comment, event.public)


def _label(model: type[Appeal | WorkOrder], name: str) -> str:
    known = model.machine.transitions
    return str(known[name].label if name in known else NAMES.get(name, name))
