"""Who does what with money: by role in the department whose budget it is. No administrator stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import Department, User

PAYING: Final = (Role.PAYMENT_PREPARER, Role.PAYMENT_CONFIRMER, Role.PAYMENT_RELEASER)
"""Roles at the payment desk."""
STOPPING: Final = (*PAYING, Role.LEADER)
"""Roles that stop payments, and let them go on."""


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
