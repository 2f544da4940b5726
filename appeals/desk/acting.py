"""Who does what at a desk: roles that look, hand out, mediate, supervise; and whose orders they reach."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.http import HttpRequest

from appeals.models import Assignment, WorkOrder
from appeals.models.appeal import DESK
from appeals.models.order import OrderQuerySet
from portal.accounts.desks import Desk, act_at_desk
from portal.accounts.roles import Role

AT_WORK: Final = (Role.HANDLER, Role.LEADER)
"""Roles that see what their own department holds."""
ROLES: Final = (*DESK, *AT_WORK)
"""Roles that have a desk at all."""
READING: Final = (*DESK, Role.LEADER)
"""Roles that open dossiers."""


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who acts at the desk of the department, or 404; any role of a desk when none is named."""
    return act_at_desk(request, department, *(roles or ROLES))


def holds(desk: Desk, *roles: str) -> bool:
    """Whether the user holds one of the roles in this very department (a superuser all)."""
    return desk.user.is_superuser or any(desk.user.has_role(role, desk.department) for role in roles)


def sees_all(desk: Desk) -> bool:
    """Whether the whole county's orders are this desk's business."""
    return holds(desk, *DESK)


def orders_at(desk: Desk) -> OrderQuerySet:
    """What may be opened at this desk: every order at the county's, its own at a department's.

    Never a complaint about a department of the user's.
    """
    visible: OrderQuerySet = WorkOrder.objects.visible_to(desk.user)
    return visible if sees_all(desk) else visible.filter(department=desk.department)


def counted_at(desk: Desk) -> OrderQuerySet:
    """What is counted at this desk: what `orders_at` has, and at a department's what it ever was given."""
    if sees_all(desk):
        return orders_at(desk)
    given = Assignment.objects.filter(department=desk.department).values("order")
    counted: OrderQuerySet = WorkOrder.objects.not_against(desk.user)
    return counted.filter(Q(department=desk.department) | Q(pk__in=given))
