"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

KNOWN = [
    *("view_enterprise*", "view_fact*", "view_credential*", "view_import"),
    *("view_codelist*", "view_referencefigure*", "view_region", "view_industry"),
]
"""What is known of enterprises, and the words it is said in."""
PEOPLE = ["view_membership*", "view_invitation", "view_claim*"]
"""Who acts for enterprises, with the photos they sent: for those who decide, and for the audit."""


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    label = "enterprises"
    verbose_name = _("企业")
    message_topics = {"claim": _("企业认领"), "members": _("企业成员"), "consent": _("数据授权")}
    role_permissions = {
        "editor": [*KNOWN, "add_import", "add_credential", "add_factvalue"],
        "publisher": KNOWN,
        "reviewer": [*KNOWN, *PEOPLE, "change_enterprise", "change_claim", "change_membership"],
        "dispatcher": [
            *(*KNOWN, *PEOPLE),
            *("add_enterprise", "change_enterprise", "change_claim", "change_membership", "add_import"),
        ],
        "supervisor": KNOWN,
        "leader": KNOWN,
        "system_admin": [
            *KNOWN,
            "*_fact",
            "*_credentialkind",
            "*_codelist",
            "*_referencefigure",
            "*_region",
            "*_industry",
        ],
        "security_admin": ["view_apikey", "change_apikey"],
        "audit_admin": ["view_*"],
    }

    def ready(self) -> None:
        from enterprises import audience  # noqa: F401 - registers who reads an enterprise's mailbox
        from enterprises.seeding import seed_reference

        post_migrate.connect(seed_reference, sender=self)
