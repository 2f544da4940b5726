"""Who reads an enterprise's mailbox: its members of today."""

from collections.abc import Collection, Iterable

from enterprises.models import Membership
from portal.notifications.audience import audience


@audience
def members(mailboxes: Collection[int]) -> Iterable[tuple[int, int]]:
    """Pairs of mailbox and member."""
    rows = Membership.objects.current().filter(enterprise__mailbox__in=mailboxes, user__is_active=True)
    return rows.values_list("enterprise__mailbox", "user")
