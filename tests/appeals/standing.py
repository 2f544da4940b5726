"""Orders and appeals put into any state by raw SQL, along edges that the database lets pass."""

from collections import deque

from appeals.models import Appeal, WorkOrder
from tests.accounts.factories import DepartmentFactory
from tests.rows import change

UNHELD = {"department_id": None, "window_from": None, "window_to": None, "rightful_id": None}


def path(machine, state):
    """The shortest way from the initial state."""
    ways = deque([[machine.initial]])
    while ways:
        way = ways.popleft()
        if way[-1] == state:
            return way[1:]
        ways.extend([*way, to] for at, to in sorted(machine.edges) if at == way[-1] and to not in way)
    raise AssertionError(f"{state} is not to be reached")


def columns(state):
    """What an order in that state must have."""
    if state in ("waiting", "cancelled"):
        return dict(UNHELD)
    if state == "open":
        return UNHELD | {"window_from": "2026-01-01T00:00Z", "window_to": "2099-01-01T00:00Z"}
    held = UNHELD | {"department_id": DepartmentFactory().pk}
    if state in ("returned", "mediation"):
        held["rightful_id"] = DepartmentFactory().pk
    if state in ("answered", "closed"):
        held["answered_at"] = "2026-01-02T00:00Z"
    return held


def put_order(order, state):
    """The order, in that state."""
    for step in path(WorkOrder.machine, state):
        change(order, state=step, **columns(step))
    return WorkOrder.objects.get(pk=order.pk)


def put_appeal(appeal, intake, into=None):
    """The appeal, in that state of its intake."""
    for step in path(Appeal.machine, intake):
        change(appeal, intake=step, merged_into_id=into.pk if step == "merged" else None)
    return Appeal.objects.get(pk=appeal.pk)
