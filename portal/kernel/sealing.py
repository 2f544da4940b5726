"""Secrets at rest: what must be sent in clear later (addresses, robots' tokens) lies sealed in the database.

Sealed with Fernet (AES-128-CBC and HMAC-SHA-256, github.com/fernet/spec) under a key made from SECRET_KEY;
SECRET_KEY_FALLBACKS still open what was sealed before the key was changed, until `manage.py reseal` has put
all under the new one. A copy of the database without the settings opens nothing.
"""

import base64
import hashlib
import hmac
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

_PURPOSE: Final = b"portal.kernel.sealing"


def seal(text: str) -> str:
    """The text, unreadable without the settings; another result at every call."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises DomainError when the key is gone or somebody changed it."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise DomainError(_("系统密钥已更换，保存的地址读不出来，请重新填写。"), code="unsealable") from error


def fingerprint(text: str) -> str:
    """64 hex digits that tell two texts apart and say nothing about them to whoever lacks the settings."""
    return hmac.new(_derived(settings.SECRET_KEY), text.encode(), hashlib.sha256).hexdigest()


class Sealed(models.Model):
    """A row that keeps something sealed; "" when it keeps nothing."""

    sealed = models.TextField(editable=False)

    class Meta:
        abstract = True

    def resealed(self) -> dict[str, str]:
        """Changes that put what it keeps under the newest key; none when it lies there already.

        Raises DomainError when no key opens it.
        """
        try:
            _key(settings.SECRET_KEY).decrypt(self.sealed.encode())
        except InvalidToken:
            return {"sealed": seal(unseal(self.sealed))}
        return {}


def _keys() -> MultiFernet:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(secret) for secret in secrets])


def _key(secret: str | bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret)))


def _derived(secret: str | bytes) -> bytes:
    return hmac.new(_PURPOSE, force_bytes(secret), hashlib.sha256).digest()
