"""Who does what with visits: officials have their own, leaders their department's, the desk the county's."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.http import HttpRequest

from appeals.desk.acting import AT_WORK, holds, sees_all
from appeals.models import Pairing, Visit
from appeals.models.appeal import DESK
from appeals.models.visit import PairingQuerySet, VisitQuerySet
from portal.accounts.desks import Desk, act_at_desk
from portal.accounts.roles import Role

ROLES: Final = (*DESK, *AT_WORK, Role.PAIRED)
"""Roles with which one may be somebody's official, or look after those who are."""
PLANNERS: Final = (Role.LEADER, *DESK)
"""Roles that plan visits and look at how they go, in their own department or in the county."""


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who acts in the department's visits, or 404; any of `ROLES` when none is named."""
    return act_at_desk(request, department, *(roles or ROLES))


def plans(desk: Desk) -> bool:
    """Whether the user plans visits at this desk."""
    return holds(desk, *PLANNERS)


def pairings_at(desk: Desk) -> PairingQuerySet:
    """Those that live: of the county at the county's desk, else of the department."""
    live = Pairing.objects.live()
    return live if sees_all(desk) else live.filter(officer__department=desk.department)


def visits_at(desk: Desk) -> VisitQuerySet:
    """What may be looked at here: one's own visits, the department's for its leader, all at the desk."""
    visible: VisitQuerySet = Visit.objects.visible_to(desk.user)
    if sees_all(desk):
        return visible
    here = Q(pairing__officer__department=desk.department)
    return visible.filter(here | Q(pairing__officer__user=desk.user))


def records(desk: Desk, visit: Visit) -> bool:
    """Whether the user writes the visit down: the official, or the leader of the official's department."""
    officer = visit.pairing.officer
    mine = officer.user_id == desk.user.pk
    return mine or desk.user.is_superuser or desk.user.has_role(Role.LEADER, officer.department_id)
