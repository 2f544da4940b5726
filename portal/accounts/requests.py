"""Who asks. Django's own type of `request.user` allows for nobody; these say which it is."""

from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from portal.accounts.models import User

Visitor: TypeAlias = User | AnonymousUser
"""Whoever opens a public page."""


def signed_in(request: HttpRequest) -> User:
    """The user of a page that is not public. Raises PermissionDenied when nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
