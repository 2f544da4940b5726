"""Who draws up lists and who confirms them, in the department whose list it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import Department, User

DRAWING: Final = (Role.EDITOR, Role.REVIEWER)
CONFIRMING: Final = (Role.REVIEWER, Role.LEADER)


def require_duty(user: User, department: Department, *roles: Role) -> None:
    """Raises DomainError, with whom to ask, unless the user holds one of the roles there."""
    if any(user.has_role(role, department) for role in roles):
        return
    raise DomainError(
        _("您没有“%(department)s”的“%(roles)s”岗位，请由有该岗位的同事办理。")
        % {"department": department.name, "roles": "、".join(str(role.label) for role in roles)},
        code="no_role",
    )
