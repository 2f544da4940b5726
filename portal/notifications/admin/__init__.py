"""Pages of the admin: mailboxes, channels and what went through them."""

from portal.notifications.admin import channels, mailboxes

__all__ = ["channels", "mailboxes"]
