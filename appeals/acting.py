"""Who is acting at the desk or for a provider: a user and the place that stands in the address."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from appeals.models import Provider
from portal.accounts.models import Department, User


@dataclass(frozen=True, slots=True)
class Desk:
    """A user at the desk of one department."""

    user: User
    department: Department


@dataclass(frozen=True, slots=True)
class Post:
    """A user at work for one provider."""

    user: User
    provider: Provider


def act_at_desk(request: HttpRequest, department: int, *roles: str) -> Desk:
    """The user as holder of one of the roles (any, when none is named) in the department; else ``Http404``.

    Two queries. A superuser passes. The desk is put on the request for the frame of the page.
    """
    user = _person(request)
    held = {role for role, place in user.roles if place == department}
    if not user.is_superuser and not (held & set(roles) if roles else held):
        raise Http404
    desk = Desk(user, get_object_or_404(Department, pk=department))
    request.desk = desk  # type: ignore[attr-defined]
    return desk


def act_for_provider(request: HttpRequest, provider: int) -> Post:
    """The user as one of the provider's people; else ``Http404``. One query. A superuser passes."""
    user = _person(request)
    providers = Provider.objects.select_related("team")
    if not user.is_superuser:
        providers = providers.filter(members__user=user)
    return Post(user, get_object_or_404(providers, pk=provider))


def _person(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        raise Http404
    return user
