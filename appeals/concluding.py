"""The answer to an order: what it says, what is promised, and what ends with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.enums import LIVE, OrderKind, OrderState
from appeals.models import Answer, OrderEvent, Promise, WorkOrder
from appeals.steps import cancel, hold
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Says:
    """What an answer says; `promise` is what will be done, and by which day."""

    outcome: str
    text: str
    promise: tuple[str, dt.date] | None = None


def conclude(order: WorkOrder, says: Says, *, by: User | None, at: dt.datetime) -> None:
    """Answer an order that the caller holds: its clocks end, that of the promise or of the survey starts.

    With a lead order its co-orders end; a co-order's answer goes to the lead's holder and to nobody else.
    """
    event = advance(
        order,
        "answer",
        actor=by,
        comment=says.text,
        changes={"answered_at": at},
        public=order.kind != OrderKind.CO,
    )
    Answer.objects.create(order=order, outcome=says.outcome, text=says.text, by=by, at=at)
    deadlines.stop(order, at=at)
    if says.promise is not None:
        text, due_on = says.promise
        Promise.objects.create(order=order, text=text, due_on=due_on, made_at=at)
        deadlines.begin_until(order, "promise", due_on, at=at)
    if order.kind == OrderKind.CO:
        _tell_lead(order, event)
        return
    if order.kind == OrderKind.LEAD:
        _end_co_orders(order, by=by, at=at)
        if says.promise is None:
            deadlines.begin(order, "survey", at=at)
    telling.tell_enterprise(order.appeal, event, _title(says), says.text)


def _title(says: Says) -> str:
    if says.promise is None:
        return _("您的诉求已答复，请看看是否满意")
    text, due_on = says.promise
    return _("承办单位承诺在 %(day)s 前：%(text)s") % {"day": due_on.isoformat(), "text": text[:150]}


def _tell_lead(co_order: WorkOrder, event: OrderEvent) -> None:
    for order in hold(co_order.appeal_id):
        if order.kind == OrderKind.LEAD and order.state in LIVE:
            with in_language_of_record():
                telling.tell_holders(order, event, _("协办单位已答复，请查看"))


def _end_co_orders(lead: WorkOrder, *, by: User | None, at: dt.datetime) -> None:
    others = [each for each in hold(lead.appeal_id) if each.kind == OrderKind.CO]
    for order in others:
        if order.state == OrderState.ANSWERED:
            advance(order, "close", actor=by)
    unfinished = [order for order in others if order.state in LIVE]
    for order, event in zip(unfinished, cancel(unfinished, _("主办单位已答复"), by=by, at=at), strict=True):
        with in_language_of_record():
            telling.tell_holders(order, event, _("主办单位已答复，协办不用再办"))
