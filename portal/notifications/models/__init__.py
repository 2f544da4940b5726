"""Mailboxes and their messages; the ways by which messages leave the portal."""

from portal.notifications.models.channels import Channel, Delivery, Preference, QuietHours, Topic
from portal.notifications.models.messages import (
    Mailbox,
    Mailboxes,
    Message,
    MessageQuerySet,
    MessageRead,
)

__all__ = [
    "Channel",
    "Delivery",
    "Mailbox",
    "Mailboxes",
    "Message",
    "MessageQuerySet",
    "MessageRead",
    "Preference",
    "QuietHours",
    "Topic",
]
