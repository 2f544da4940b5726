"""Handing orders out: dispatch, co-orders, returns and mediation, transfer, the grab window, undoing.

Each step locks the orders of the appeal and goes on only when the order still stands as the caller read it:
of two who press at once, one is told who was faster. A grab, one conditional UPDATE, waits for the same lock
and then finds the order no longer open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.doorbell import ring_for_suggestions
from appeals.enums import LIVE, Complexity, Mode, OrderKind, Secrecy, Source, Why
from appeals.following import HOLDER, bring_along, go_with, take_back
from appeals.higher import first_handling
from appeals.models import Appeal, OrderEvent, WorkOrder
from appeals.placing import Grant, Target, give, receive, refuse_complained_of, span_of, unreceive
from appeals.steps import cancel, held, held_as_read, hold, said
from appeals.telling import UNDO_WITHIN
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import Department, User

__all__ = [
    "UNDO_WITHIN",
    "Target",
    "add_co",
    "close_grab",
    "decide",
    "dispatch",
    "open_grab",
    "return_order",
    "transfer",
    "undo",
    "undoable",
]

MEDIATED_FROM: Final = 2
"""The return from which a mediator decides."""
LONGEST_WINDOW: Final = 168
UNHELD: Final[dict[str, Any]] = {
    "department": None,
    "section": None,
    "provider": None,
    "leader": None,
    "handler": None,
    "rightful": None,
    "held_at": None,
    "window_from": None,
    "window_to": None,
    "mode": Mode.DISPATCH,
}
UNDO: Final = {
    "dispatch": "undo_dispatch",
    "return_order": "undo_return",
    "mediate": "undo_return",
    "open_grab": "close_grab",
}


def dispatch(  # noqa: PLR0913 - what a dispatcher decides in one step
    order: WorkOrder,
    target: Target,
    *,
    by: User | None,
    why: str = Why.MANUAL,
    note: str = "",
    co: Sequence[Target] = (),
) -> None:
    """Give a waiting, open or returned order to a department, `co` beside it; accepts the appeal first.

    Raises DomainError when somebody else was faster, or when the target cannot have it.
    """
    grant = Grant(by, timezone.now(), why, note)
    with transaction.atomic():
        now = held_as_read(order)
        if co and now.kind == OrderKind.LEAD:
            _make_joint(now)
        if now.kind == OrderKind.LEAD:
            receive(now, by=by, at=grant.at)
        give(now, "dispatch", target, grant)
        for other in co:
            _create_co(now, other, grant)
        bring_along(now, by=by, at=grant.at)
    adopt(order, now)


def add_co(order: WorkOrder, target: Target, *, by: User | None) -> WorkOrder:
    """Have another department help with a lead order that somebody holds. Raises DomainError."""
    with transaction.atomic():
        now = held(order)
        if now.kind != OrderKind.LEAD or now.department_id is None or now.state not in LIVE:
            raise DomainError(_("主办工单派出后、答复前才能添加协办。"), code="no_lead")
        return _create_co(now, target, Grant(by, timezone.now()))


def return_order(order: WorkOrder, reason: str, rightful: Department | None, *, by: User | None) -> None:
    """The department says that another one is responsible, and which. The second return is mediated.

    Raises DomainError without a reason or the other department, and after a mediator has decided.
    """
    reason = said(reason, _("请写明退单理由。"))
    at = timezone.now()
    with transaction.atomic():
        now = held_as_read(order)
        _check_return(now, rightful)
        go_with(now, "return_order", {"rightful": rightful}, by=by, at=at)
        returns = now.returns + 1
        with in_language_of_record():
            comment = _("应由%(who)s承办：%(reason)s") % {"who": rightful, "reason": reason}
        changes = {"returns": returns, "rightful": rightful}
        event = advance(now, "return_order", actor=by, comment=comment, changes=changes)
        deadlines.meet(now, "accept", at=at)
        if returns >= MEDIATED_FROM:
            event = advance(now, "mediate", actor=by)
            deadlines.begin(now, "mediation", at=at)
            with in_language_of_record():
                telling.tell_desk(
                    now.appeal, event, _("工单再次被退回，请半天内协调确定承办单位"), role=Role.MEDIATOR
                )
        else:
            with in_language_of_record():
                telling.tell_desk(now.appeal, event, _("工单被退回，请重新派单"))
        if now.kind == OrderKind.LEAD:
            ring_for_suggestions(now.appeal_id)  # not to who has just returned it
    adopt(order, now)


def decide(order: WorkOrder, target: Target, note: str, *, by: User | None) -> None:
    """The mediator decides whose it is; it cannot be returned again. Raises DomainError without a note."""
    note = said(note, _("请写明协调意见。"))
    grant = Grant(by, timezone.now(), Why.MEDIATED, note)
    with transaction.atomic():
        now = held_as_read(order)
        give(now, "decide", target, grant)
        deadlines.meet(now, "mediation", at=grant.at)
        bring_along(now, by=by, at=grant.at)
    adopt(order, now)


def transfer(order: WorkOrder, target: Target, reason: str, *, by: User | None) -> None:
    """Pass an order that is being handled to others; its clock runs on. Raises DomainError."""
    reason = said(reason, _("请写明转办理由。"))
    grant = Grant(by, timezone.now(), Why.TRANSFER, reason)
    with transaction.atomic():
        now = held_as_read(order)
        same = (now.department_id, now.section_id, now.handler_id)
        ids = [each.pk if each else None for each in (target.department, target.section, target.handler)]
        if same == tuple(ids):
            raise DomainError(_("转办对象就是现在的承办人，请选择其他部门或人员。"), code="same")
        before = copy(now)
        give(now, "transfer", target, grant)
        given = {name: getattr(now, name) for name in (*HOLDER, "held_at")}
        go_with(before, "transfer", given, by=by, at=grant.at)
    adopt(order, now)


def open_grab(order: WorkOrder, *, by: User | None, hours: int = 24) -> None:
    """Put a lead order into the grab hall for some hours. Raises DomainError for what is no market's."""
    at = timezone.now()
    with transaction.atomic():
        now = held_as_read(order)
        _check_open(now, hours)
        receive(now, by=by, at=at)
        window = {"mode": Mode.GRAB, "window_from": at, "window_to": at + dt.timedelta(hours=hours)}
        event = advance(now, "open_grab", actor=by, changes=UNHELD | window, public=True)
        telling.tell_hall(now, event)
    adopt(order, now)


def close_grab(order: WorkOrder, *, by: User | None) -> None:
    """Take an order that nobody grabbed back from the hall. Raises DomainError when somebody did."""
    with transaction.atomic():
        now = held_as_read(order)
        event = advance(now, "close_grab", actor=by, changes=UNHELD)
        with in_language_of_record():
            telling.tell_desk(now.appeal, event, _("抢单已结束，无人抢单，请派单"))
    adopt(order, now)


def undoable(order: WorkOrder, *, by: User | None) -> OrderEvent | None:
    """The user's own last step on the order that may still be undone, if any; one query."""
    last = order.events.exclude(name="note").last()
    if last is None or last.name not in UNDO or by is None or last.actor_id != by.pk:
        return None
    return last if timezone.now() - last.at <= UNDO_WITHIN else None


def undo(order: WorkOrder, *, by: User | None) -> None:
    """Undo one's own last dispatch, return or opening within two minutes. Raises DomainError afterwards."""
    with transaction.atomic():
        now = held(order)
        last = undoable(now, by=by)
        if last is None:
            raise DomainError(_("只能在两分钟内撤销自己刚做的派单、退单或开放抢单。"), code="too_late")
        step = UNDO[last.name]
        telling.hold_back([last])
        if step == "undo_return":
            _undo_return(now, last, by=by)
        else:
            _undo_giving(now, last)
    adopt(order, now)


def _undo_giving(order: WorkOrder, last: OrderEvent) -> None:
    """A dispatch or an opening, by who undoes it: with what it accepted on the way."""
    before, by, step = copy(order), last.actor, UNDO[last.name]
    event = advance(order, step, actor=by, changes=UNHELD, public=True)
    if step == "undo_dispatch":
        told = telling.keep_unsent(last)
        _forget_dispatch(before, event, by=by, silent=told)
        take_back(before, UNHELD, by=by)
    else:
        telling.tell_hall(before, event, telling.GONE_FROM_HALL)
    began = before.held_at if step == "undo_dispatch" else before.window_from
    if order.kind == OrderKind.LEAD and by is not None and began is not None:
        unreceive(order, by=by, at=began)


def _undo_return(order: WorkOrder, last: OrderEvent, *, by: User | None) -> None:
    go_with(order, "undo_return", {"rightful": None}, by=by, at=timezone.now())
    deadlines.forget(order, "mediation", since=order.created_at)
    deadlines.resume(order, "accept")
    event = advance(order, "undo_return", actor=by, changes={"returns": order.returns - 1, "rightful": None})
    told = Role.MEDIATOR if last.name == "mediate" else Role.DISPATCHER
    with in_language_of_record():
        telling.tell_desk(order.appeal, event, _("退单已撤销，不用再处理"), role=told)


def _forget_dispatch(before: WorkOrder, event: OrderEvent, *, by: User | None, silent: bool) -> None:
    """What began with this dispatch ends as if it had not been: clock, co-orders; departments are told.

    The enterprise is told nothing when it has heard of nothing (`silent`).
    """
    at = before.held_at or before.created_at
    deadlines.forget(before, "accept", since=at)
    if before.appeal.source == Source.TALK:
        deadlines.resume(before, "handover", met_at=at)
    beside = [
        each
        for each in hold(before.appeal_id)
        if each.kind == OrderKind.CO and each.created_at == at and each.state in LIVE
    ]
    telling.hold_back(OrderEvent.objects.filter(subject__in=beside, name="dispatch"))
    events = cancel(beside, _("派单已撤销"), by=by, at=timezone.now())
    for order, told in [(before, event), *zip(beside, events, strict=True)]:
        with in_language_of_record():
            telling.tell_holders(order, told, _("派单已撤销，不用再办"))
    if before.kind != OrderKind.CO and not silent:
        telling.tell_enterprise(before.appeal, event, str(telling.REARRANGED))


def _make_joint(order: WorkOrder) -> None:
    """Several departments have longer: the clock of the work starts as one of a joint appeal."""
    appeal = order.appeal
    if appeal.complexity == Complexity.JOINT or order.round > 1 or appeal.source == Source.TALK:
        return
    deadlines.forget(order, span_of(order, appeal), since=order.created_at)
    Appeal.objects.filter(pk=appeal.pk).update(complexity=Complexity.JOINT)
    appeal.complexity = Complexity.JOINT


def _create_co(lead: WorkOrder, target: Target, grant: Grant) -> WorkOrder:
    others = [order for order in hold(lead.appeal_id) if order.kind == OrderKind.CO and order.state in LIVE]
    if target.department.pk in {lead.department_id, *(order.department_id for order in others)}:
        raise DomainError(_("该部门已在主办或协办。"), code="has_it_already")
    order = WorkOrder.objects.create(
        appeal=lead.appeal, round=lead.round, kind=OrderKind.CO, created_at=grant.at
    )
    give(order, "dispatch", target, grant)
    deadlines.begin(order, span_of(order, lead.appeal), at=grant.at)
    return order


def _check_return(order: WorkOrder, rightful: Department | None) -> None:
    if rightful is None or rightful.pk == order.department_id:
        raise DomainError(_("退单须指出应由哪个部门承办，不能是本部门。"), code="no_rightful")
    refuse_complained_of(order.appeal, rightful)
    if order.kind == OrderKind.SUPERVISION:
        raise DomainError(_("督办工单不能退回。"), code="supervision")
    last = order.assignments.last()
    if last is not None and last.why == Why.MEDIATED:
        raise DomainError(_("承办单位已由协调确定，不能再退回。"), code="mediated")


def _check_open(order: WorkOrder, hours: int) -> None:
    appeal = order.appeal
    if not 1 <= hours <= LONGEST_WINDOW:
        raise DomainError(_("抢单时间为 1 到 168 小时。"), code="window")
    if first_handling(order) is not None:
        raise DomainError(_("企业不满意的诉求由更高层领导二次办理，不能抢单。"), code="second")
    if appeal.about_id or appeal.secrecy == Secrecy.CONFIDENTIAL:
        raise DomainError(_("投诉和保密的诉求不能放到抢单大厅。"), code="secret")
    if appeal.category is None or not appeal.category.market:
        raise DomainError(_("该类别不是市场化服务，不能抢单，请直接派单。"), code="not_market")
