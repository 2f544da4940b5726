"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "policies"
    label = "policies"
    verbose_name = _("政策")
    message_topics = {
        "policy": _("政策"),
        "withdrawal": _("政策撤回"),
        "application": _("申报进展"),
        "review": _("申报审核"),
    }
    guarded_topics = {"application", "review"}
    role_permissions = {
        "editor": [
            "view_*",
            "add_policydocument",
            "change_policydocument",
            "add_policyitem",
            "change_policyitem",
            "add_itemversion",
            "change_itemversion",
            "add_versionsource",
            "change_versionsource",
            "delete_versionsource",
        ],
        "publisher": ["view_*", "change_itemversion"],
        "supervisor": ["view_*"],
        "leader": ["view_*"],
        "audit_admin": ["view_*"],
    }

    def ready(self) -> None:
        from policies.book import forget
        from policies.seeding import seed_reference

        post_migrate.connect(forget, dispatch_uid="policies.book")  # a flush tells of itself by this too
        post_migrate.connect(seed_reference, sender=self)
