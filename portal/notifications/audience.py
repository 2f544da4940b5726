"""Who reads a mailbox. A user's is the user's; whose enterprise's is, the app above knows and registers.

@audience
def members(mailboxes): ...  # yields (mailbox id, user id)
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from portal.notifications.models import Mailbox

Audience = Callable[[Collection[int]], Iterable[tuple[int, int]]]
_audiences: list[Audience] = []


def audience(function: Audience) -> Audience:
    """Register who else reads mailboxes: takes mailbox ids, gives pairs of mailbox and user."""
    if function not in _audiences:
        _audiences.append(function)
    return function


def readers_of(mailboxes: Collection[int]) -> dict[int, set[int]]:
    """User ids by mailbox; a query for each audience, for any number of mailboxes."""
    own = Mailbox.objects.filter(pk__in=mailboxes, user__is_active=True).values_list("pk", "user")
    found: dict[int, set[int]] = defaultdict(set)
    for pairs in (own, *(each(mailboxes) for each in _audiences)):
        for mailbox, user in pairs:
            found[mailbox].add(user)
    return found
