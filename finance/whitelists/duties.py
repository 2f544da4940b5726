"""Who draws up lists and who confirms them: roles in the department whose list it is."""

from __future__ import annotations

from typing import Final

from portal.accounts.roles import Role

DRAWING: Final = (Role.EDITOR, Role.REVIEWER)
CONFIRMING: Final = (Role.REVIEWER, Role.LEADER)
