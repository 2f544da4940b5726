"""Signing in with username, mobile or e-mail; permissions from postings."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from portal.accounts.models import User


class PortalBackend(ModelBackend):
    """Django's backend; `User.objects.get_by_natural_key` takes any identifier.

    A user has the permissions of the groups named after the roles of their postings, and of groups they
    were put into by hand.
    """

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        roles = {role for role, _department in user_obj.roles}
        return Permission.objects.filter(Q(group__user=user_obj) | Q(group__name__in=roles)).distinct()

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **kwargs: Any) -> Any:
        """`username` is any of the three; allauth says `email` when it asks for the password again."""
        return super().authenticate(request, username or kwargs.pop("email", None), password, **kwargs)
