"""Who is acting at a desk: an official and the department that stands in the address."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from portal.accounts.models import Department, User


@dataclass(frozen=True, slots=True)
class Desk:
    """A user at the desk of one department; `standing_in` are roles held today in a colleague's place."""

    user: User
    department: Department
    standing_in: tuple[str, ...] = ()

    def holds(self, *roles: str) -> bool:
        """Whether the user has one of the roles at this desk (a superuser all)."""
        if self.user.is_superuser or set(roles) & set(self.standing_in):
            return True
        return any(self.user.has_role(role, self.department) for role in roles)


def act_at_desk(request: HttpRequest, department: int, *roles: str) -> Desk:
    """The user as holder of one of the roles (any, when none is named) in the department; else ``Http404``.

    Two queries. A superuser passes. The desk is put on the request for the frame of the page.
    """
    user = signed_in_person(request)
    held = {role for role, place in user.roles if place == department}
    if not user.is_superuser and not (held & set(roles) if roles else held):
        raise Http404
    desk = Desk(user, get_object_or_404(Department, pk=department))
    request.desk = desk  # type: ignore[attr-defined]
    return desk


def signed_in_person(request: HttpRequest) -> User:
    """The active user of a request; ``Http404`` when there is none."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        raise Http404
    return user
