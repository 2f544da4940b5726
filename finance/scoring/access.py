"""Who watches the points table, in the office that keeps it."""

from __future__ import annotations

from typing import Final

from finance.keepers import OFFICE
from portal.accounts.models import Department, User
from portal.accounts.roles import Role

WATCHING: Final = (Role.EDITOR, Role.PUBLISHER, Role.LEADER, Role.SUPERVISOR)
"""Roles in the office that keeps the table, which look at how it does."""


def watches(department: Department) -> bool:
    """Whether a department is the one that watches scores."""
    return department.code == OFFICE


def watched_by(user: User) -> set[int]:
    """The id of that office, if the user looks at finance there; no query for who has no such role at all."""
    places = {place for role in WATCHING for place in user.departments_as(role)}
    found = Department.objects.filter(pk__in=places, code=OFFICE)
    return set(found.values_list("pk", flat=True)) if places else set()
