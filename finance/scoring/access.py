"""Who keeps the points table: the county's financial services, by role."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

OFFICE: Final = "financial_services"
"""Code of the department that keeps the table and watches it."""
WATCHING: Final = (Role.EDITOR, Role.PUBLISHER, Role.LEADER, Role.SUPERVISOR)
"""Roles there that look at how the table does."""


def may(user: User, role: Role) -> bool:
    """Whether a user holds a role in that office; a superuser holds every role."""
    if not user.is_active:
        return False
    office = Department.objects.filter(code=OFFICE).first()
    return user.is_superuser or (office is not None and user.has_role(role, office))


def require(user: User, role: Role) -> None:
    """Refuse, with what to do next, a user who does not hold a role there."""
    if not may(user, role):
        raise DomainError(
            _("您没有县金融服务中心的“%(role)s”岗位，请由有该岗位的同事办理。") % {"role": role.label},
            code="no_role",
        )


def watches(department: Department) -> bool:
    """Whether a department is the one that watches scores."""
    return department.code == OFFICE


def watched_by(user: User) -> set[int]:
    """The id of that office, if the user looks at finance there; no query for who has no such role at all."""
    places = {place for role in WATCHING for place in user.departments_as(role)}
    found = Department.objects.filter(pk__in=places, code=OFFICE)
    return set(found.values_list("pk", flat=True)) if places else set()
