"""Work on an order by who holds it: accept, note, ask the enterprise, answer, keep a promise."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.concluding import Says, conclude
from appeals.enums import OrderKind, OrderState, Outcome
from appeals.following import bring_along, followers, tell_likewise
from appeals.models import OrderEvent, Promise, WorkOrder
from appeals.placing import receive
from appeals.steps import held, held_as_read, record, said
from portal.accounts.models import Officer
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import User

LONGEST_PROMISE: Final = dt.timedelta(days=730)


def accept(order: WorkOrder, *, by: User | None) -> None:
    """Take an order on. An officer of the department becomes its handler when nobody is named."""
    at = timezone.now()
    with transaction.atomic():
        now = held_as_read(order)
        changes = {}
        if by is not None and now.department_id and now.handler_id is None:
            mine = Officer.objects.filter(user=by, department=now.department_id)
            changes["handler"] = mine.first()
        event = advance(now, "accept", actor=by, changes=changes, public=now.kind != OrderKind.CO)
        for target in ("accept", "pick"):
            deadlines.meet(now, target, at=at)
        if now.kind == OrderKind.LEAD:
            telling.let_go(now)
            receive(now, by=by, at=at)  # a picked one nobody at the desk has accepted yet
            with in_language_of_record():
                title = _("%(who)s已接单，正在办理") % {"who": now.holder}
            telling.tell_enterprise(now.appeal, event, title)
        bring_along(now, by=by, at=at)
    adopt(order, now)


def note(order: WorkOrder, text: str, *, by: User | None, public: bool = False) -> OrderEvent:
    """Write down how the work goes on; the enterprise reads public notes and is told of them."""
    text = said(text, _("请写明办理情况。"))
    with transaction.atomic():
        now = held(order)
        if now.state == OrderState.CANCELLED:
            raise DomainError(_("工单已取消，不用再记录。"), code="cancelled")
        event = record(now, "note", by=by, comment=text, public=public)
        if public:
            with in_language_of_record():
                telling.tell_enterprise(now.appeal, event, _("您的诉求有新进展"), text)
            tell_likewise(now, text, by=by)
    return event


def ask(order: WorkOrder, question: str, *, by: User | None) -> None:
    """Ask the enterprise for what is missing: the clocks stand still. Only the lead order asks."""
    question = said(question, _("请写明要企业补充什么。"))
    with transaction.atomic():
        now = held_as_read(order)
        if now.kind != OrderKind.LEAD:
            raise DomainError(_("请通过主办单位向企业了解情况。"), code="not_lead")
        event = advance(now, "ask", actor=by, comment=question, public=True)
        deadlines.reckon(now)
        with in_language_of_record():
            telling.tell_enterprise(now.appeal, event, _("承办单位请您补充情况"), question)
    adopt(order, now)


def reply(order: WorkOrder, text: str, *, by: User | None) -> None:
    """The enterprise answers what it was asked: the clocks go on."""
    text = said(text, _("请写明要补充的内容。"))
    with transaction.atomic():
        now = held_as_read(order)
        event = advance(now, "reply", actor=by, comment=text, public=True)
        deadlines.reckon(now)
        with in_language_of_record():
            telling.tell_holders(now, event, _("企业已补充情况，请继续办理"))
    adopt(order, now)


def answer(  # noqa: PLR0913 - what an answer consists of
    order: WorkOrder,
    outcome: str,
    text: str,
    *,
    by: User | None,
    promise: tuple[str, dt.date] | None = None,
) -> None:
    """Answer an order; `promise` (what, by which day) belongs to the outcome “promised” alone.

    Raises DomainError without words, for a promise without a coming day, and for an order not in work.
    """
    at = timezone.now()
    says = _says(outcome, text, promise, today=timezone.localdate(at))
    with transaction.atomic():
        now = held_as_read(order)
        conclude(now, says, by=by, at=at)
        bring_along(now, by=by, at=at)
    adopt(order, now)


def finish(order: WorkOrder, *, by: User | None) -> None:
    """The supervisor is content with the answer to a supervision order. Raises DomainError for others."""
    with transaction.atomic():
        now = held_as_read(order)
        if now.kind != OrderKind.SUPERVISION:
            raise DomainError(_("主办工单由企业评价后办结。"), code="not_supervision")
        advance(now, "close", actor=by, public=True)
        deadlines.stop(now, at=timezone.now())
    adopt(order, now)


def keep_promise(promise: Promise, note: str, *, by: User | None) -> None:
    """What was promised is done; the enterprises of a shared problem are all told. Raises DomainError."""
    note = said(note, _("请说明怎么兑现的。"))[:300]
    at = timezone.now()
    with transaction.atomic():
        lead = held(promise.order)
        _keep(lead, promise, note, by=by, at=at)
        alike = Promise.objects.filter(kept_at=None, due_on=promise.due_on, text=promise.text)
        for each in alike.filter(order__in=followers(lead).values("pk")).select_related(
            "order__appeal__enterprise"
        ):
            _keep(each.order, each, note, by=by, at=at)


def _keep(order: WorkOrder, promise: Promise, note: str, *, by: User | None, at: dt.datetime) -> None:
    if not Promise.objects.filter(pk=promise.pk, kept_at=None).update(kept_at=at, kept_note=note):
        raise DomainError(_("这项承诺已经兑现，请刷新页面。"), code="kept")
    promise.kept_at, promise.kept_note = at, note
    deadlines.meet(order, "promise", at=at)
    event = record(order, "keep_promise", by=by, comment=note, public=True)
    if order.kind == OrderKind.LEAD and order.state == OrderState.ANSWERED:
        deadlines.begin(order, "survey", at=at)
    with in_language_of_record():
        telling.tell_enterprise(order.appeal, event, _("对您的承诺已兑现，请看看是否满意"), note)


def _says(outcome: str, text: str, promise: tuple[str, dt.date] | None, *, today: dt.date) -> Says:
    text = said(text, _("请写明答复内容。"))
    if outcome not in Outcome.values:
        raise DomainError(_("请选择办理结果。"), code="no_outcome")
    if (outcome == Outcome.PROMISED) != (promise is not None):
        raise DomainError(_("选择“承诺限时解决”时须写明承诺内容和日期，其他结果不写。"), code="promise")
    if promise is not None:
        what, due_on = said(promise[0], _("请写明承诺内容。"))[:300], promise[1]
        if not today < due_on <= today + LONGEST_PROMISE:
            raise DomainError(_("承诺日期须在今天之后、两年之内。"), code="promise_day")
        promise = what, due_on
    return Says(outcome, text, promise)
