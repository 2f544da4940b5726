"""Windows that ended: what nobody grabbed goes back to the desk to be given out by hand."""

from datetime import datetime

from appeals.dispatching import close_grab
from appeals.enums import OrderState
from appeals.models import WorkOrder
from portal.kernel.errors import DomainError


def close_ended(now: datetime) -> int:
    """Close the grab of orders whose window is over; returns how many. Safe to repeat and to run twice."""
    closed = 0
    ended = WorkOrder.objects.filter(state=OrderState.OPEN, window_to__lte=now)
    for order in ended.select_related("appeal").order_by("pk"):
        try:
            close_grab(order, by=None)
        except DomainError:
            continue  # grabbed in its last second, given out, or closed by another run
        closed += 1
    return closed
