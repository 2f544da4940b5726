"""Keys of the API: made, used, revoked. A token is `dxe_` and 256 random bits, shown once, kept as a hash."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, Final

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from enterprises.actors import Actor
from enterprises.models import ApiKey, Enterprise, Membership, Scope
from enterprises.models.api_keys import MOST_KEYS
from enterprises.models.membership import MANAGING
from portal.accounts.models import User
from portal.kernel.errors import DomainError

PREFIX: Final = "dxe_"
NOTED_EVERY: Final = 60
"""Seconds between two notes of a key's use."""
NOTE: Final = "enterprises.tasks.note_key_use"


def make_key(
    actor: Actor, name: str, scopes: Sequence[str], expires_at: dt.datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key and its token, which cannot be had again. Raises DomainError for one too many."""
    _check_manages(actor)
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        Enterprise.objects.select_for_update(no_key=True).get(pk=actor.enterprise.pk)
        if ApiKey.objects.valid().filter(enterprise=actor.enterprise).count() >= MOST_KEYS:
            raise DomainError(_("最多同时有 %(most)d 个密钥，请先作废不用的。") % {"most": MOST_KEYS})
        key = ApiKey.objects.create(
            enterprise=actor.enterprise,
            name=name.strip(),
            start=token[: len(PREFIX) + 4],
            digest=_digest(token),
            scopes=sorted(set(scopes)),
            made_by=actor.user,
            expires_at=expires_at,
        )
    return key, token


def revoke_key(actor: Actor, pk: int) -> None:
    """From now on the key opens nothing; safe to say twice. Raises DomainError for another's."""
    _check_manages(actor)
    own = ApiKey.objects.filter(enterprise=actor.enterprise, pk=pk)
    if not own.exists():
        raise DomainError(_("没有这个密钥。"), code="gone")
    own.filter(revoked_at=None).update(revoked_at=timezone.now())


def _check_manages(actor: Actor) -> None:
    if not actor.may_manage:
        raise DomainError(_("只有法定代表人和管理员能管理接口密钥。"), code="not_manager")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer dxe_…`: acts as the key's maker, for the key's enterprise alone."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """User and key; None when no key was sent. Raises AuthenticationFailed for one that opens nothing."""
        word, _blank, token = get_authorization_header(request).partition(b" ")
        if word.lower() != b"bearer":
            return None
        digest = hashlib.sha256(token.strip()).hexdigest()
        key = ApiKey.objects.valid().select_related("enterprise", "made_by").filter(digest=digest).first()
        if key is None or not _still_manages(key):
            raise AuthenticationFailed(_("密钥无效、已过期或已作废。"))
        if cache.add(f"apikey:{key.pk}", 1, NOTED_EVERY):
            current_app.send_task(NOTE, args=(key.pk,), retry=False, ignore_result=True)
        return key.made_by, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


def _still_manages(key: ApiKey) -> bool:
    today = Membership.objects.current().filter(enterprise=key.enterprise_id, user=key.made_by_id)
    return key.made_by.is_active and today.filter(role__in=MANAGING).exists()


class KeyScope(BasePermission):
    """A key does what its scopes say; whoever came otherwise, what they may.

    A view names the scopes of reading and writing as `key_scopes`, without them they are those of appeals.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Reading or writing."""
        reading, writing = getattr(view, "key_scopes", (Scope.READ, Scope.WRITE))
        wanted = reading if request.method in SAFE_METHODS else writing
        return not isinstance(request.auth, ApiKey) or wanted in request.auth.scopes


class KeyThrottle(SimpleRateThrottle):
    """Calls of one key."""

    rate = "300/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """One count for each key; others are not counted."""
        return f"throttle:apikey:{request.auth.pk}" if isinstance(request.auth, ApiKey) else None


class KeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = KeyAuthentication
    name = "enterpriseKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "接口密钥，以 dxe_ 开头，在企业的“接口”页创建。",
        }
