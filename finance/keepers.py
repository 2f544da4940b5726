"""Who keeps banks, products, points tables and rankings: the county's financial services, by role."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

OFFICE: Final = "financial_services"
"""Code of the department."""


def may(user: User, role: Role) -> bool:
    """Whether a user holds a role in that office; a superuser holds every role."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    office = Department.objects.filter(code=OFFICE).first()
    return office is not None and user.has_role(role, office)


def require_role(user: User, role: Role) -> None:
    """Refuse, with what to do next, a user who does not hold a role there."""
    if not may(user, role):
        raise DomainError(
            _("您没有县金融服务中心的“%(role)s”岗位，请由有该岗位的同事办理。") % {"role": role.label},
            code="no_role",
        )
