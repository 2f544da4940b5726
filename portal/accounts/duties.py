"""Who does what in a department: by role there, asked before what counts. No administrator stands in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError


def has_duty(user: User | None, department: Department | None, *roles: Role) -> bool:
    """Whether a user holds one of the roles there; in any department when none is named."""
    return user is not None and any(user.has_role(role, department) for role in roles)


def require_duty(user: User | None, department: Department | None, *roles: Role) -> None:
    """Raises DomainError, with whom to ask, when `has_duty` says no."""
    if has_duty(user, department, *roles):
        return
    names = "、".join(str(role.label) for role in roles)
    if department is None:
        words = _("您没有“%(roles)s”岗位，请由有该岗位的同事办理。") % {"roles": names}
    else:
        words = _("您没有“%(department)s”的“%(roles)s”岗位，请由有该岗位的同事办理。") % {
            "department": department.name,
            "roles": names,
        }
    raise DomainError(words, code="no_role")
