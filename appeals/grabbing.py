"""Grabbing (抢单): one conditional UPDATE decides, whoever else reaches for the order.

The caller's row is locked first, so that its load stands still; then one UPDATE asks everything at once:
open, inside the window, the caller qualifies, its load under its cap. A rival's UPDATE waits for the row
and asks again when it gets it: of any number one finds the order open. If the first one's transaction rolls
back, the order is open for the next. The window is told by the database's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.enums import ASSIGNED, Mode, OrderState, Source, Standing, TeamKind, Why
from appeals.following import bring_along
from appeals.models import Assignment, OrderEvent, Provider, WorkOrder
from appeals.placing import span_of
from appeals.qualifying import BUSY, is_market, lock_provider, rights_of, why_not
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record

_TAKE: Final = """
    UPDATE appeals_workorder AS wanted
    SET state = %(taken)s, mode = %(mode)s, provider_id = %(provider)s, held_at = clock_timestamp()
    WHERE wanted.id = %(order)s
        AND wanted.state = %(open)s
        AND clock_timestamp() >= wanted.window_from
        AND clock_timestamp() < wanted.window_to
        AND %(cap)s > (
            SELECT count(*) FROM appeals_workorder AS carried
            WHERE carried.provider_id = %(provider)s AND carried.state = ANY(%(busy)s)
        )
        AND EXISTS (
            SELECT FROM appeals_appeal AS appeal
            JOIN appeals_category AS category ON category.id = appeal.category_id
            JOIN appeals_provider_categories AS served
                ON served.category_id = category.id AND served.provider_id = %(provider)s
            WHERE appeal.id = wanted.appeal_id AND (category.market OR NOT %(firm)s)
        )
    RETURNING wanted.held_at
"""


@dataclass(frozen=True, slots=True)
class Grabbed:
    """How a grab ended: whether the caller has the order, else who got it and when."""

    won: bool
    order: WorkOrder
    holder: str
    at: datetime | None


def grab(order_id: int, provider: Provider, *, by: User) -> Grabbed:
    """Take an open order for a provider, in one transaction with its event, assignment, clock and messages.

    The winner who asks again has won; others are told who has it and since when. Raises DomainError when
    the order is not to be had by anybody any more, or the provider does not qualify (window, cap, category,
    team, removed). Whether `by` acts for the provider is for the view to know.
    """
    with transaction.atomic():
        caller = lock_provider(provider.pk)
        if caller is None:
            raise DomainError(_("机构已不存在。"), code="gone")
        at = _take(order_id, caller) if caller.standing != Standing.REMOVED else None
        order = _read(order_id)
        if at is None:
            return _told(order, caller)
        _write_down(order, at, by)
    return Grabbed(True, order, caller.name, at)


def _take(order_id: int, caller: Provider) -> datetime | None:
    """The one UPDATE: since when the caller has the order, or None."""
    values: dict[str, Any] = {
        "order": order_id,
        "provider": caller.pk,
        "cap": caller.cap,
        "firm": caller.team.kind == TeamKind.MARKET,
        "open": OrderState.OPEN.value,
        "taken": OrderState.HANDLING.value,
        "mode": Mode.GRAB.value,
        "busy": [state.value for state in BUSY],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _write_down(order: WorkOrder, at: datetime, by: User) -> None:
    event = OrderEvent.objects.create(
        subject=order,
        actor=by,
        at=at,
        name="grab",
        source=OrderState.OPEN,
        target=OrderState.HANDLING,
        comment=order.holder,
        public=True,
    )
    Assignment.objects.create(order=order, provider_id=order.provider_id, why=Why.GRABBED, by=by, at=at)
    deadlines.begin(order, span_of(order, order.appeal), at=at)
    if order.appeal.source == Source.TALK:
        deadlines.meet(order, "handover", at=at)
    with in_language_of_record():
        telling.tell_enterprise(
            order.appeal, event, _("“%(holder)s”已接单，将与您联系") % {"holder": order.holder}
        )
        telling.tell_holders(order, event, _("抢单成功，请尽快联系企业"))
    bring_along(order, by=by, at=at)


def _told(order: WorkOrder, caller: Provider) -> Grabbed:
    """What those are told who did not get it just now. Raises DomainError unless somebody has it."""
    if order.state in ASSIGNED:
        return Grabbed(order.provider_id == caller.pk, order, order.holder, order.held_at)
    if order.state != OrderState.OPEN or _over(order):
        raise DomainError(_("这张工单的抢单已经结束，请看大厅里的其他工单。"), code="window")
    reason = why_not(rights_of(caller), order.appeal.category_id, market=is_market(order.appeal.category))
    if reason:
        raise DomainError(reason, code="unqualified")
    raise DomainError(_("工单刚刚有变化，请再试一次。"), code="changed")


def _over(order: WorkOrder) -> bool:
    now = timezone.now()
    return not (order.window_from and order.window_to and order.window_from <= now < order.window_to)


def _read(order_id: int) -> WorkOrder:
    rows = WorkOrder.objects.select_related("appeal__category", "provider", "department")  # rivals are many
    order = rows.filter(pk=order_id).first()
    if order is None:
        raise DomainError(_("工单不存在，请刷新页面。"), code="gone")
    return order
