"""App registry entry."""

from typing import ClassVar

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AppealsConfig(AppConfig):
    name = "appeals"
    label = "appeals"
    verbose_name = _("诉求")
    message_topics: ClassVar = {
        "appeal": _("诉求进展"),
        "order": _("工单"),
        "desk": _("待派诉求"),
        "hall": _("抢单"),
        "visit": _("走访"),
        "talk": _("恳谈会"),
    }
    guarded_topics: ClassVar = {"appeal", "order", "desk", "hall"}
    role_permissions: ClassVar[dict[str, list[str]]] = {
        "dispatcher": ["view_*", "add_pairing", "change_pairing"],
        "supervisor": ["view_*"],
        "mediator": ["view_*"],
        "audit_admin": ["view_pairing", "view_pairinghistory"],
        "system_admin": [
            "*_category",
            "*_intakerule",
            "*_dutyphrase",
            "*_routingrule",
            "view_routingmodel",
            "view_clocktarget",
            "change_clocktarget",
            "*_reminderlevel",
            "*_shift",
        ],
    }

    def ready(self) -> None:
        from appeals import hooks, withholding  # noqa: F401 - registers what may still be told
        from appeals.seeding import seed_reference

        self.webhook_events = hooks.EVENTS
        hooks.watch()
        post_migrate.connect(seed_reference, sender=self)
