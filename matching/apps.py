"""App registry entry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    label = "matching"
    verbose_name = _("匹配")
    role_permissions = {
        role: ["view_*"]
        for role in ("editor", "publisher", "reviewer", "supervisor", "leader", "audit_admin")
    }
    """Rules are edited where the items that hold them are; here they are looked at."""
