"""What the enterprise says of an answer, and what follows: second handling, supervision, reopening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.enums import LIVE, Intake, OrderKind, OrderState, Satisfaction, Why
from appeals.higher import answerable, leaders_above
from appeals.models import Appeal, Survey, WorkOrder
from appeals.placing import Grant, Target, give, span_of
from appeals.steps import held_as_read, hold, record_appeal, said
from portal.accounts.models import Officer
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    import datetime as dt

    from portal.accounts.models import User


def survey(  # noqa: PLR0913 - what is asked
    order: WorkOrder,
    satisfaction: str,
    solved: bool,
    comment: str,
    *,
    by: User | None,
    by_phone: bool = False,
) -> Survey:
    """Keep what the enterprise says of an answered lead order, which closes it.

    Dissatisfied once: a second handling by a higher leader. Twice: a supervision order. Raises DomainError
    for an order that is not answered or rated already.
    """
    if satisfaction not in Satisfaction.values:
        raise DomainError(_("请选择满意度。"), code="no_satisfaction")
    comment, at = comment.strip(), timezone.now()
    with transaction.atomic():
        now = held_as_read(order)
        if now.kind != OrderKind.LEAD or now.state != OrderState.ANSWERED:
            raise DomainError(_("答复之后、办结之前才能评价。"), code="not_answered")
        row = Survey.objects.create(
            order=now,
            satisfaction=satisfaction,
            solved=solved,
            comment=comment[:1000],
            by=by,
            by_phone=by_phone,
        )
        event = advance(now, "close", actor=by, comment=row.get_satisfaction_display(), public=True)
        deadlines.meet(now, "survey", at=at)
        with in_language_of_record():
            title = _("企业评价：%(word)s") % {"word": row.get_satisfaction_display()}
        telling.tell_holders(now, event, title)
        if satisfaction == Satisfaction.DISSATISFIED:
            _go_higher(now, comment, at=at)
    adopt(order, now)
    return row


def close_unrated(now: dt.datetime) -> int:
    """Close answered orders whose survey clock has run out; nothing is taken for an answer. How many."""
    answered = WorkOrder.objects.filter(kind=OrderKind.LEAD, state=OrderState.ANSWERED)
    late = answered.filter(clocks__target="survey", clocks__met_at=None, clocks__due_at__lte=now)
    return sum(_close_unrated(*row, at=now) for row in late.order_by("pk").values_list("pk", "appeal"))


def reopen(appeal: Appeal, reason: str, *, by: User | None) -> WorkOrder:
    """Take a closed appeal up again, in a new round, with the receive clock. Raises DomainError."""
    reason = said(reason, _("请写明为什么要重新办理。"))
    at = timezone.now()
    with transaction.atomic():
        orders = hold(appeal.pk)
        _check_closed(orders)
        order = _next_round(orders[0].appeal, at=at)
        deadlines.begin(order, "receive", at=at)
        event = record_appeal(order.appeal, "reopen", by=by, comment=reason, public=True)
        with in_language_of_record():
            telling.tell_desk(order.appeal, event, _("企业要求重新办理，请派单"))
    return order


def supervise(appeal: Appeal, reason: str, *, by: User | None) -> WorkOrder:
    """Put the appeal under supervision: its department's highest leader answers. Raises DomainError."""
    reason = said(reason, _("请写明督办理由。"))
    with transaction.atomic():
        orders = hold(appeal.pk)
        if not orders or orders[0].appeal.intake != Intake.ACCEPTED:
            raise DomainError(_("诉求受理之后才能督办。"), code="not_accepted")
        if any(order.kind == OrderKind.SUPERVISION and order.state in LIVE for order in orders):
            raise DomainError(_("这件诉求已在督办。"), code="supervised")
        lead = [order for order in orders if order.kind == OrderKind.LEAD][-1]
        return _supervise(lead, Grant(by, timezone.now(), Why.SUPERVISION, reason))


def _close_unrated(pk: int, appeal: int, *, at: dt.datetime) -> int:
    with transaction.atomic():
        order = next(each for each in hold(appeal) if each.pk == pk)
        if order.state != OrderState.ANSWERED:
            return 0  # rated meanwhile
        with in_language_of_record():
            advance(order, "close", actor=None, comment=_("企业未评价"), public=True)
        deadlines.meet(order, "survey", at=at)
    return 1


def _go_higher(order: WorkOrder, comment: str, *, at: dt.datetime) -> None:
    """The second handling, or after it the supervision."""
    surveys = Survey.objects.filter(order__appeal=order.appeal_id)
    if surveys.filter(satisfaction=Satisfaction.DISSATISFIED).count() == 1:
        _second_handling(order, Grant(None, at, Why.SECOND, comment))
    elif not WorkOrder.objects.filter(
        appeal=order.appeal_id, kind=OrderKind.SUPERVISION, state__in=LIVE
    ).exists():
        _supervise(order, Grant(None, at, Why.SUPERVISION, comment))


def _second_handling(before: WorkOrder, grant: Grant) -> None:
    order = _next_round(before.appeal, at=grant.at)
    deadlines.begin(order, span_of(order, order.appeal), at=grant.at)
    department = answerable(before)
    able = leaders_above(before, timezone.localdate(grant.at)).filter(department=department)
    leader = able.first() if department else None
    if department is not None and leader is not None:
        section = before.section if department.pk == before.department_id else None
        give(order, "dispatch", Target(department, section, leader), grant)
        return
    event = record_appeal(order.appeal, "second", by=None)
    with in_language_of_record():
        telling.tell_desk(
            order.appeal, event, _("企业不满意，承办单位没有更高层领导在岗，请指定二次办理的领导")
        )


def _supervise(before: WorkOrder, grant: Grant) -> WorkOrder:
    order = WorkOrder.objects.create(
        appeal=before.appeal, round=before.appeal.round, kind=OrderKind.SUPERVISION, created_at=grant.at
    )
    deadlines.begin(order, "supervision", at=grant.at)
    department = answerable(before)
    if department is not None:
        leader = Officer.objects.present(timezone.localdate(grant.at)).filter(department=department)
        give(order, "dispatch", Target(department, leader=leader.order_by("-rank", "pk").first()), grant)
    with in_language_of_record():
        event = record_appeal(order.appeal, "supervise", by=grant.by, comment=_("已转督办"), public=True)
        telling.tell_enterprise(order.appeal, event, _("您的诉求已转督办，将由单位负责人办理"))
        telling.tell_desk(order.appeal, event, _("新增督办件，请跟踪"), role=Role.SUPERVISOR)
    return order


def _next_round(appeal: Appeal, *, at: dt.datetime) -> WorkOrder:
    """A new lead order in a new round; the caller holds the appeal's orders."""
    appeal.round = (appeal.orders.aggregate(last=Max("round"))["last"] or 0) + 1
    Appeal.objects.filter(pk=appeal.pk).update(round=appeal.round)
    return WorkOrder.objects.create(appeal=appeal, round=appeal.round, created_at=at)


def _check_closed(orders: list[WorkOrder]) -> None:
    leads = [order for order in orders if order.kind == OrderKind.LEAD]
    if any(order.state in LIVE for order in orders if order.kind != OrderKind.CO):
        raise DomainError(_("诉求正在办理，不用重新提出；可以催办。"), code="live")
    if leads and leads[-1].state == OrderState.ANSWERED:
        raise DomainError(_("请先对答复作出评价；不满意的会由更高层领导二次办理。"), code="rate_first")
    if not leads or leads[-1].state != OrderState.CLOSED:
        raise DomainError(_("只有已办结的诉求可以重新办理，请另提一件。"), code="not_closed")
