"""What a portal that people use must not be set to."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def no_test_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Calls to other systems go by TLS to checked addresses; the way around is for tests."""
    if not settings.OUTBOUND_TEST_ADDRESSES:
        return []
    hint = "Remove OUTBOUND_TEST_ADDRESSES from the settings."
    return [Error("Calls to other systems are led to test addresses.", hint=hint, id="notifications.E001")]
