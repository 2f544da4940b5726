"""Calls of banks' systems: counted by the minute, and those that change something made once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Callable
from typing import Any, Final, cast

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from enterprises.services.locks import take_turn
from finance.models import BankCall, BankClient
from portal.kernel.api import KeyReused, idempotency_key

KEPT: Final = dt.timedelta(days=30)
"""How long a key is remembered."""
MINUTE: Final = 60
TRIES_PER_MINUTE: Final = 60
logger = logging.getLogger(__name__)


class Counted(BaseThrottle):
    """So many calls in each minute of the clock; where they cannot be counted none is let through."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Counts the call."""
        who, most = self.measure(request)
        name = f"bankapi:{who}:{int(time.time()) // MINUTE}"
        try:
            cache.add(name, 0, 2 * MINUTE)
            return bool(cache.incr(name) <= most)
        except (RedisError, ValueError):  # no Redis, or it was wiped between the two
            logger.warning("calls of %s cannot be counted", who)
            return False

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return MINUTE - time.time() % MINUTE

    def measure(self, request: Request) -> tuple[str, int]:
        """Who calls, and how many calls a minute they may make."""
        raise NotImplementedError  # who is counted, each subclass says


class ClientThrottle(Counted):
    """Calls of one client, all its tokens together."""

    def measure(self, request: Request) -> tuple[str, int]:
        """As the client's row says."""
        client = getattr(request.auth, "client", None)
        return (f"client:{client.pk}", client.per_minute) if client else ("nobody", TRIES_PER_MINUTE)


class TokenThrottle(Counted):
    """Requests for tokens from one address."""

    def measure(self, request: Request) -> tuple[str, int]:
        """The address as the nearest proxy tells it."""
        return f"token:{self.get_ident(request)}", TRIES_PER_MINUTE


def once(
    request: Request, work: Callable[[], Response], again: Callable[[], Response] | None = None
) -> Response:
    """Do the work under the request's `Idempotency-Key`, or answer what was answered the first time.

    Work and memory are one transaction, and of two with the same key the second waits. What is refused
    changes nothing and is not remembered. What may be said only for a time, as under a consent, is not kept:
    `again` says it as of now. Raises KeyReused for a key that came with other words.
    """
    key, caller = idempotency_key(request), cast("Any", request.auth)
    client: BankClient = caller.client
    digest = _digest(request)
    with transaction.atomic():
        take_turn(f"finance.bank_call:{key}", client.pk)
        known = BankCall.objects.filter(client=client, key=key).first()
        if known is not None:
            if known.digest != digest:
                raise KeyReused
            answer = again() if again else Response(known.answer, status=known.status)
            answer["Idempotent-Replayed"] = "true"
            return answer
        answer = work()
        _remember(client, key, digest, answer.status_code, {} if again else answer.data)
    return answer


def _remember(client: BankClient, key: str, digest: str, status: int, said: Any) -> None:
    now = timezone.now()
    BankCall.objects.filter(client=client, at__lt=now - KEPT).delete()
    BankCall.objects.create(client=client, key=key, digest=digest, status=status, answer=said, at=now)


def _digest(request: Request) -> str:
    """Of what is asked: method, address and body, however the body is spaced and ordered."""
    body = json.dumps(request.data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()
