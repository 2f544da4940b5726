"""Who may prepare, publish and see what: by role and department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import Department, Posting, User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.requests import Visitor

_PREPARING = (Role.EDITOR, Role.PUBLISHER)


def may(user: User | None, role: Role, department: Department) -> bool:
    """Whether a user holds a role in a department or in one above it; a superuser holds every role."""
    if user is None or not user.is_active:
        return False
    if user.is_superuser or user.has_role(role, department):
        return True
    return any(user.has_role(role, above) for above in department.ancestors())


def require(user: User | None, role: Role, department: Department) -> None:
    """Refuse, with what to do next, a user who does not hold a role in a department."""
    if not may(user, role, department):
        raise DomainError(
            _("您没有“%(department)s”的“%(role)s”岗位，请由有该岗位的同事办理。")
            % {"department": department.name, "role": role.label},
            code="no_role",
        )


def holders(role: Role, department: Department) -> QuerySet[User]:
    """Active users who hold a role in a department or in one above it."""
    posted = Posting.objects.filter(role=role, department__in=[department, *department.ancestors()])
    return User.objects.filter(is_active=True, pk__in=posted.values("user"))


def prepares(user: User) -> bool:
    """Whether a user prepares policies anywhere."""
    return user.is_superuser or any(user.has_role(role) for role in _PREPARING)


def publishes(user: User) -> bool:
    """Whether a user publishes policies anywhere: what a document, which has no department, asks for."""
    return user.is_active and (user.is_superuser or user.has_role(Role.PUBLISHER))


def prepared_by(actor: Visitor | None, department_path: str) -> Q:
    """Rows whose department the actor prepares policies for; none for the public."""
    nothing = Q(pk__in=())
    if actor is None or not actor.is_authenticated or not actor.is_active:
        return nothing
    if actor.is_superuser:
        return ~nothing
    departments = {place for role in _PREPARING for place in actor.departments_as(role)}
    if not departments:
        return nothing
    below = Q(**{f"{department_path}__in": departments})
    return below | Q(**{f"{department_path}__parent__in": departments})
