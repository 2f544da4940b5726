"""What stands in an enterprise's code: which enterprise, since when, signed."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from django.core import signing

from enterprises.models import Enterprise

SALT: Final = "portal.shell.code"
VALID: Final = 5 * 60
"""Seconds: long enough to be scanned across a table, too short to be of use when passed on."""


def token_of(enterprise: Enterprise) -> str:
    """A token for this moment."""
    return signing.dumps(enterprise.pk, salt=SALT)


def opened(token: str) -> Enterprise | None:
    """The enterprise of a token; None when it is forged or its time is over."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    return Enterprise.objects.select_related("region").filter(pk=pk).first()


def picture(address: str) -> str:
    """A QR of an address, as the source of an image."""
    drawn = get_adapter().build_totp_svg(address)  # draws whatever text it is given
    return f"data:image/svg+xml;utf8,{quote(drawn)}"
