"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "portal.kernel"
    label = "kernel"
    verbose_name = _("底座")
    role_permissions = {
        "system_admin": ["view_*", "*_workdayoverride", "*_announcedyear", "*_workingperiod"],
        "audit_admin": ["view_*"],
    }

    def ready(self) -> None:
        from portal.kernel.database import grant_application_role, harden_histories
        from portal.kernel.seeding import seed_hours

        post_migrate.connect(grant_application_role, sender=self)
        post_migrate.connect(harden_histories, sender=self)
        post_migrate.connect(seed_hours, sender=self)
