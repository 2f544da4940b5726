"""Mailboxes and their messages; the ways by which messages leave the portal; other systems told of events."""

from portal.notifications.models.channels import Channel, Delivery, Preference, QuietHours, Topic
from portal.notifications.models.messages import (
    Mailbox,
    Mailboxes,
    Message,
    MessageQuerySet,
    MessageRead,
)
from portal.notifications.models.webhooks import AllowedHost, Webhook, WebhookDelivery

__all__ = [
    "AllowedHost",
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
    "Webhook",
    "WebhookDelivery",
]
