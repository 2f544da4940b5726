"""Clients of banks: made, given new secrets, revoked. What is secret is shown once and kept as a SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance.models import BankClient, BankOfficer, BankToken
from finance.models.client import WORKING_POSTS
from portal.accounts.models import User
from portal.kernel.errors import DomainError

LASTS: Final = dt.timedelta(hours=1)
"""How long a token opens."""


def digest_of(secret: str) -> str:
    """What is kept of 256 random bits: there is nothing to guess that a slow hash would hinder."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """256 random bits, named so that scanners of leaks know them."""
    return "dxs_" + secrets.token_urlsafe(32)


def make_client(
    officer: BankOfficer, name: str, scopes: Sequence[str], *, by: User
) -> tuple[BankClient, str]:
    """A client that acts as somebody of the bank, and its secret, which cannot be had again.

    Raises DomainError for who may only look, at work or not.
    """
    require_working_post(officer)
    secret = new_secret()
    client = BankClient.objects.create(
        officer=officer,
        name=name.strip(),
        client_id="dxb_" + secrets.token_hex(12),
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        made_by=by,
    )
    return client, secret


def require_working_post(officer: BankOfficer) -> None:
    """Raises DomainError for who may only look."""
    if officer.role not in WORKING_POSTS:
        raise DomainError(_("负责人须是银行的负责人或客户经理，查询人员不行。"), code="viewer")


def renew_secret(client: BankClient, *, at: dt.datetime) -> str:
    """Another secret in place of the old one, whose tokens end with it. Raises DomainError when revoked."""
    secret = new_secret()
    with transaction.atomic():
        held = BankClient.objects.select_for_update().get(pk=client.pk)
        if held.revoked_at is not None:
            raise DomainError(_("客户端已作废，请另建一个。"), code="revoked")
        held.digest, held.renewed_at = digest_of(secret), at
        held.save(update_fields=["digest", "renewed_at"])
        held.tokens.all().delete()
    return secret


def revoke(client: BankClient, *, at: dt.datetime) -> None:
    """From now on neither the client nor a token of it opens anything; safe to say twice."""
    with transaction.atomic():
        held = BankClient.objects.select_for_update().get(pk=client.pk)
        BankClient.objects.filter(pk=held.pk, revoked_at=None).update(revoked_at=at)
        held.tokens.all().delete()


def issue(
    client_id: str, secret: str, scopes: Sequence[str], *, at: dt.datetime, token: str
) -> BankToken | None:
    """Keep a token of the client; None when the secret is not, or no longer, the client's.

    Under the client's lock: whoever renews or revokes meanwhile ends this token too, or finds none.
    """
    with transaction.atomic():
        working = BankClient.objects.working(at).select_for_update(of=("self",))
        client = working.filter(client_id=client_id, digest=digest_of(secret)).first()
        if client is None or not set(scopes) <= set(client.scopes):
            return None
        client.tokens.filter(expires_at__lte=at).delete()
        return BankToken.objects.create(
            client=client,
            digest=digest_of(token),
            scopes=sorted(scopes),
            issued_at=at,
            expires_at=at + LASTS,
        )
