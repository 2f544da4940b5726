"""What every service of this app stands on: the lock of an appeal's orders, notes, the end of orders.

Locks are taken orders first, then the appeal: a change of an order updates its appeal by trigger.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from appeals import deadlines
from appeals.enums import LIVE, OrderKind
from appeals.models import Appeal, AppealEvent, OrderEvent, WorkOrder
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance


def hold(*appeal_ids: int) -> list[WorkOrder]:
    """Lock all orders of the appeals, oldest first, and read them as they are now; two queries.

    Of a shared problem's lead appeal, the orders of those that follow it are locked too, in one order.
    """
    following = Appeal.objects.filter(problem__lead__in=appeal_ids).values_list("pk", flat=True)
    orders = WorkOrder.objects.select_for_update(of=("self",)).filter(appeal__in={*appeal_ids, *following})
    found = orders.select_related("appeal__enterprise", "department", "section", "provider").order_by("pk")
    return [order for order in found if order.appeal_id in appeal_ids]


def held(order: WorkOrder) -> WorkOrder:
    """The order as it is now, with all orders of its appeal locked."""
    found = next((each for each in hold(order.appeal_id) if each.pk == order.pk), None)
    if found is None:
        raise DomainError(_("记录已不存在，请刷新页面。"), code="gone")
    return found


def held_as_read(order: WorkOrder) -> WorkOrder:
    """As `held`, when the order still stands as the caller has read it.

    Raises DomainError with who was faster: what is decided on a page that is no longer true is not done.
    """
    now = held(order)
    if now.state != order.state:
        last = now.events.select_related("actor").exclude(source=F("target")).last()
        who = {"who": (last.actor if last and last.actor else _("系统")), "state": now.get_state_display()}
        raise DomainError(
            _("%(who)s 已抢先处理，工单现为“%(state)s”，请刷新页面查看。") % who, code="changed"
        )
    return now


def live_lead(orders: Iterable[WorkOrder]) -> WorkOrder | None:
    """The lead order with something still to be done, if any; at most one is."""
    return next((each for each in orders if each.kind == OrderKind.LEAD and each.state in LIVE), None)


def record_appeal(
    appeal: Appeal, name: str, *, by: User | None, comment: str = "", public: bool = False
) -> AppealEvent:
    """Write down what changed no state of the appeal."""
    state = appeal.intake
    return AppealEvent.objects.create(
        subject=appeal, actor=by, name=name, source=state, target=state, comment=comment, public=public
    )


def record(
    order: WorkOrder, name: str, *, by: User | None, comment: str = "", public: bool = False
) -> OrderEvent:
    """Write down what changed no state of the order."""
    state = order.state
    return OrderEvent.objects.create(
        subject=order, actor=by, name=name, source=state, target=state, comment=comment, public=public
    )


def cancel(orders: Iterable[WorkOrder], reason: str, *, by: User | None, at: datetime) -> list[OrderEvent]:
    """Cancel those that still live and stop their clocks; returns the events, one for each that lived."""
    events = []
    for order in orders:
        if order.state in LIVE:
            events.append(advance(order, "cancel", actor=by, comment=reason))
            deadlines.stop(order, at=at)
    return events


def said(text: str, message: str) -> str:
    """The text without blanks at its ends. Raises DomainError with the message when nothing is left."""
    text = text.strip()
    if not text:
        raise DomainError(message, code="says_nothing")
    return text
