"""Pages of the admin: mailboxes, channels and what went through them, other systems that are told."""

from portal.notifications.admin import channels, mailboxes, webhooks

__all__ = ["channels", "mailboxes", "webhooks"]
