"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

ROSTER = ("add_officer", "change_officer", "add_section", "change_section", "*_absence")


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = _("用户与部门")
    role_permissions = {
        "system_admin": ["view_*", "add_user", "change_user", "add_department", "change_department", *ROSTER],
        "security_admin": ["view_*", "add_posting", "change_posting", "delete_posting"],
        "audit_admin": ["view_*"],
        "dispatcher": ["view_officer", "view_section", "view_department"],
    }

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from portal.accounts.permissions import seed_role_permissions
        from portal.accounts.second_factor import sign_out_elsewhere

        post_migrate.connect(seed_role_permissions)
        authenticator_added.connect(sign_out_elsewhere)
