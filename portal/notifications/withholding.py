"""Asked right before something leaves the portal: may it still be told? Hours may lie in between.

What messages and events are about, the app that wrote them knows and registers:

    @may_leave
    def still_told(leaving: Leaving) -> Say: ...
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.notifications.models import Delivery, WebhookDelivery

Leaving = Delivery | WebhookDelivery
WITHHELD: Final[Promise] = _("内容已不宜外发，不再发送。")


class Say(IntEnum):
    """How much of it may be told."""

    NOTHING = 0
    THAT = 1
    """That there is something to be read in the portal, and no more."""
    ALL = 2


Guard = Callable[[Leaving], Say]
_guards: list[Guard] = []


def may_leave(function: Guard) -> Guard:
    """Register who is asked; of several the strictest is heard."""
    if function not in _guards:
        _guards.append(function)
    return function


def told_of(leaving: Leaving) -> Say:
    """How much of it may be told now."""
    return min((guard(leaving) for guard in _guards), default=Say.ALL)
