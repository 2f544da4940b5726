"""Who does what with money: roles in the department whose budget it is (`portal.accounts.duties`)."""

from __future__ import annotations

from typing import Final

from portal.accounts.roles import Role

PAYING: Final = (Role.PAYMENT_PREPARER, Role.PAYMENT_CONFIRMER, Role.PAYMENT_RELEASER)
"""Roles at the payment desk."""
STOPPING: Final = (*PAYING, Role.LEADER)
"""Roles that stop payments, and let them go on."""
