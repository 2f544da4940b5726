"""Who does what with a pool: by role in the department that runs it. No administrator stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portal.accounts import duties
from portal.accounts.roles import Role

if TYPE_CHECKING:
    from finance.models import RiskPool
    from portal.accounts.models import User

READING: Final = (
    Role.EDITOR,
    Role.PUBLISHER,
    Role.REVIEWER,
    Role.PAYMENT_PREPARER,
    Role.PAYMENT_CONFIRMER,
    Role.PAYMENT_RELEASER,
    Role.SUPERVISOR,
    Role.LEADER,
)
"""Roles that look at pools."""
REVIEWING: Final = (Role.REVIEWER,)
APPROVING: Final = (Role.LEADER,)
PAYING: Final = (Role.PAYMENT_RELEASER,)
FUNDING: Final = (Role.PAYMENT_PREPARER,)
OPENING: Final = (Role.REVIEWER, Role.LEADER)
"""Roles that ask for a fused pool to be opened again, and agree to it."""


def require_duty(user: User, pool: RiskPool, *roles: Role) -> None:
    """Raises DomainError, with whom to ask, unless the user holds one of the roles where the pool is run."""
    duties.require_duty(user, pool.department, *roles)
