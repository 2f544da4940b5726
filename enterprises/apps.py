"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    label = "enterprises"
    verbose_name = _("企业")
    role_permissions = {
        "editor": ["view_*", "add_import", "add_credential", "add_factvalue"],
        "publisher": ["view_*"],
        "reviewer": ["view_*", "change_enterprise", "change_claim"],
        "dispatcher": ["view_*", "add_enterprise", "change_enterprise", "change_claim", "add_import"],
        "supervisor": ["view_*"],
        "leader": ["view_*"],
        "system_admin": [
            "view_*",
            "*_fact",
            "*_credentialkind",
            "*_codelist",
            "*_referencefigure",
            "*_region",
            "*_industry",
        ],
        "audit_admin": ["view_*"],
    }

    def ready(self) -> None:
        from enterprises.seeding import seed_reference

        post_migrate.connect(seed_reference, sender=self)
