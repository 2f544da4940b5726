"""Signatures of webhooks as standardwebhooks.com has them: HMAC-SHA256 over id, timestamp and body."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

PREFIX: Final = "whsec_"
TOLERANCE: Final = 300
"""Seconds that a receiver should let a timestamp be off; older ones may be repetitions by a stranger."""


def new_secret() -> str:
    """32 random bytes as the standard writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, event: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`. `timestamp` in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((event.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
