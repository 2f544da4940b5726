"""Permissions of roles: each app names them in its AppConfig, one group per role is kept in step.

    class PoliciesConfig(AppConfig):
        role_permissions = {"editor": ["view_*", "add_policyitem", "change_policyitem"]}

Codenames are the app's own; `*` stands for any text. The groups follow the code at every migrate.
"""

from fnmatch import fnmatchcase
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, connections

from portal.accounts.roles import Role


def seed_role_permissions(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receiver of `post_migrate`, for every app: its permissions go to the groups of the roles it names.

    Raises ValueError for a role or a codename that does not exist, so that a misspelling is seen.
    """
    declared: dict[str, list[str]] = getattr(sender, "role_permissions", {})
    if not declared or Group._meta.db_table not in connections[using].introspection.table_names():
        return
    if unknown := set(declared) - set(Role.values):
        raise ValueError(f"{sender.label}.role_permissions names unknown roles: {sorted(unknown)}")
    create_permissions(sender, verbosity=0, using=using)
    own = {
        permission.codename: permission
        for permission in Permission.objects.using(using).filter(content_type__app_label=sender.label)
    }
    for role, patterns in declared.items():
        group, _created = Group.objects.using(using).get_or_create(name=role)
        wanted = {permission for pattern in patterns for permission in _matching(own, pattern, sender)}
        held = set(group.permissions.using(using).filter(content_type__app_label=sender.label))
        group.permissions.remove(*(held - wanted))
        group.permissions.add(*(wanted - held))


def _matching(own: dict[str, Permission], pattern: str, sender: AppConfig) -> list[Permission]:
    found = [permission for codename, permission in own.items() if fnmatchcase(codename, pattern)]
    if not found:
        raise ValueError(f"{sender.label}.role_permissions: no permission matches {pattern!r}")
    return found
