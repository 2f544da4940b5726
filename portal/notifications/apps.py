"""App registry entry."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "portal.notifications"
    label = "notifications"
    verbose_name = _("消息")
    role_permissions = {
        "audit_admin": ["view_*"],
        "system_admin": ["view_mailbox", "*_channel", "view_topic", "change_topic", "view_delivery"]
        + ["*_webhook", "view_webhookdelivery", "view_allowedhost"],
        "security_admin": ["*_allowedhost", "view_webhook"],
    }
    message_topics = {"system": _("系统")}

    def ready(self) -> None:
        from portal.notifications import services  # noqa: F401 - registers the outbox handler
        from portal.notifications.topics import seed_topics

        post_migrate.connect(seed_topics, sender=self)
        post_save.connect(give_mailbox, sender=settings.AUTH_USER_MODEL)


def give_mailbox(sender: type, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A new user has a mailbox from the start, so that pages that only read find one."""
    from portal.notifications.models import Mailbox

    if created and not raw:
        Mailbox.for_user(instance)
