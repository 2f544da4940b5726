"""What was sent to whom, read from the outbox."""

from portal.kernel.models import OutboxEntry


def told(owner):
    """Titles of what was sent to a user, an enterprise or a mailbox, oldest first."""
    mailbox = getattr(owner, "mailbox", owner)
    rows = OutboxEntry.objects.filter(payload__mailbox=mailbox.pk).order_by("pk")
    return [row.payload["title"] for row in rows]
