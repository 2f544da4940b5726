"""Who does what with talks: a department's own, those it attends, all at the county's desk."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.http import HttpRequest

from appeals.desk.acting import ROLES, holds, sees_all
from appeals.models import Talk
from appeals.models.talk import TalkQuerySet, TalkState
from portal.accounts.desks import Desk, act_at_desk
from portal.accounts.roles import Role

KEEPERS: Final = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)
"""Roles that hold talks for their department."""


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who acts at the desk of the department, or 404; any role of a desk when none is named."""
    return act_at_desk(request, department, *(roles or ROLES))


def talks_at(desk: Desk) -> TalkQuerySet:
    """Those that are this desk's business: all of the county's, else held or attended by the department."""
    visible: TalkQuerySet = Talk.objects.visible_to(desk.user)
    if sees_all(desk):
        return visible
    attended = Talk.objects.filter(attending=desk.department).exclude(state=TalkState.DRAFT)
    return visible.filter(Q(host=desk.department) | Q(pk__in=attended.values("pk")))


def keeps(desk: Desk, talk: Talk) -> bool:
    """Whether the user runs this talk at this desk."""
    return holds(desk, *KEEPERS) and (talk.host_id == desk.department.pk or desk.user.is_superuser)
