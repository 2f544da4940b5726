"""Appeals of one shared problem: what is done on the lead appeal's order is done for all of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.concluding import Says, conclude
from appeals.enums import ASSIGNED, LIVE, OrderKind, OrderState, Why
from appeals.models import Assignment, OrderEvent, Promise, WorkOrder
from appeals.placing import receive, unreceive
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import User

HOLDER: Final = ("department_id", "section_id", "provider_id", "leader_id", "handler_id")
UNHELD: Final = (OrderState.WAITING, OrderState.OPEN, OrderState.RETURNED)


def followers(order: WorkOrder) -> QuerySet[WorkOrder]:
    """Lead orders of the other appeals of the problem that this order's appeal leads.

    `steps.hold` has locked them together with the order.
    """
    rows = WorkOrder.objects.filter(kind=OrderKind.LEAD, appeal__problem__lead=order.appeal_id)
    others = rows.exclude(appeal=order.appeal_id).select_related("appeal__enterprise")
    return others.order_by("pk")


def bring_along(order: WorkOrder, *, by: User | None, at: dt.datetime) -> None:
    """Take the lead orders of the appeals that follow this one's to where it stands.

    Those that somebody else holds already go on by themselves; a complaint about the holder stays behind.
    """
    if order.kind != OrderKind.LEAD or order.state not in ASSIGNED:
        return
    for each in followers(order).filter(state__in=LIVE):
        if each.state in UNHELD and not (
            each.appeal.about_id and each.appeal.about_id == order.department_id
        ):
            _give_likewise(each, order, by=by, at=at)
        if _holder(each) == _holder(order):
            _go_on_likewise(each, order, by=by, at=at)


def tell_likewise(order: WorkOrder, text: str, *, by: User | None) -> None:
    """What the enterprise may read of the lead order's progress is written to all that follow it."""
    if order.kind != OrderKind.LEAD:
        return
    for each in followers(order).filter(state__in=(*LIVE, OrderState.ANSWERED)):
        if _holder(each) == _holder(order):
            state = each.state
            event = OrderEvent.objects.create(
                subject=each, actor=by, name="note", source=state, target=state, comment=text, public=True
            )
            with in_language_of_record():
                telling.tell_enterprise(each.appeal, event, _("您的诉求有新进展"), text)


def take_back(order: WorkOrder, changes: dict[str, Any], *, by: User | None) -> None:
    """A dispatch was undone: what followed it at that moment is undone too. `order` as it was before."""
    for each in followers(order).filter(state=OrderState.OFFERED, held_at=order.held_at):
        at = each.held_at or each.created_at
        deadlines.forget(each, "accept", since=at)
        deadlines.resume(each, "handover", met_at=at)
        telling.hold_back(each.events.filter(name="dispatch", at__gte=at))
        given = each.events.filter(name="dispatch").last()
        event = advance(each, "undo_dispatch", actor=by, changes=changes, public=True)
        if by is not None:
            unreceive(each, by=by, at=at)
        if given is None or not telling.keep_unsent(given):
            telling.tell_enterprise(each.appeal, event, str(telling.REARRANGED))


def go_with(
    before: WorkOrder, step: str, changes: dict[str, Any], *, by: User | None, at: dt.datetime
) -> None:
    """What stood as `before` did, with the same holder, is returned, undone or transferred likewise.

    Only the lead order goes to mediation; what follows waits as returned.
    """
    state = OrderState.RETURNED if before.state == OrderState.MEDIATION else before.state
    for each in followers(before).filter(state=state):
        if before.kind != OrderKind.LEAD or _holder(each) != _holder(before):
            continue
        advance(each, step, actor=by, changes=changes)
        if step == "undo_return":
            deadlines.resume(each, "accept")
        elif step == "return_order":
            deadlines.meet(each, "accept", at=at)
        else:
            deadlines.begin(each, "accept", at=at)


def _holder(order: WorkOrder) -> tuple[int | None, int | None]:
    return order.department_id, order.provider_id


def _give_likewise(order: WorkOrder, lead: WorkOrder, *, by: User | None, at: dt.datetime) -> None:
    receive(order, by=by, at=at)
    given = {name: getattr(lead, name) for name in HOLDER}
    emptied = dict.fromkeys(("rightful_id", "window_from", "window_to"))
    with in_language_of_record():
        comment = _("与同类诉求一并由%(who)s承办") % {"who": lead.holder}
    changes = {**given, **emptied, "mode": lead.mode, "held_at": at}
    event = advance(order, "dispatch", actor=by, comment=comment, changes=changes, public=True)
    note = _("共性问题，随 %(number)s") % {"number": lead.appeal.number}
    Assignment.objects.create(order=order, why=Why.MANUAL, note=note, by=by, at=at, **given)
    deadlines.begin(order, "accept", at=at)
    deadlines.meet(order, "handover", at=at)
    telling.tell_enterprise(order.appeal, event, comment, hold=by is not None)


def _go_on_likewise(order: WorkOrder, lead: WorkOrder, *, by: User | None, at: dt.datetime) -> None:
    if order.state == OrderState.OFFERED and lead.state != OrderState.OFFERED:
        advance(order, "accept", actor=by, public=True)
        deadlines.meet(order, "accept", at=at)
    answer = lead.answers.last()
    if order.state == OrderState.HANDLING and lead.state == OrderState.ANSWERED and answer is not None:
        promised = Promise.objects.filter(order=lead, kept_at=None).first()
        promise = (promised.text, promised.due_on) if promised else None
        conclude(order, Says(answer.outcome, answer.text, promise), by=by, at=at)
