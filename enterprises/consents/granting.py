"""Consents are given, assigned and revoked here, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.actors import Actor
from enterprises.consents import hooks, telling
from enterprises.consents.groups import grantable
from enterprises.consents.letter import content_of
from enterprises.models import (
    Consent,
    ConsentCredential,
    ConsentFact,
    CredentialKind,
    Fact,
    Grantee,
    GranteeKind,
)
from enterprises.models.consents import MOST_SPAN
from enterprises.services.catalogue import load_catalogue
from portal.accounts.models import User
from portal.kernel.digests import digest_of
from portal.kernel.errors import DomainError
from portal.kernel.models import NumberSeries
from portal.kernel.transitions import adopt

PREFIX: Final = "XXSQ"
"""Of numbers: 信息授权."""
MOST_WORDS: Final = 200
"""Characters of a purpose, and of a reason."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is let known (keys of facts, kinds of credential), for what, until when (exclusive).

    `reference`: number of what it is for, a loan application say.
    """

    facts: Collection[str]
    purpose: str
    until: dt.datetime
    credentials: Collection[str] = ()
    reference: str = ""


@transaction.atomic
def grant(actor: Actor, grantee: Grantee | GranteeKind, terms: Terms, *, at: dt.datetime) -> Consent:
    """The enterprise lets the grantee know, and both sides are told. Raises DomainError.

    With a kind instead of a grantee, whoever takes what it is for will be the grantee: see `assign`.
    """
    _require_manager(actor)
    _require_terms(terms, at)
    facts = list(Fact.objects.filter(key__in=terms.facts))
    kinds = list(CredentialKind.objects.filter(key__in=terms.credentials))
    _require_known(terms, facts, kinds)
    consent = Consent(
        number=NumberSeries.take(PREFIX, timezone.localdate(at)),
        enterprise=actor.enterprise,
        grantee=grantee if isinstance(grantee, Grantee) else None,
        open_to="" if isinstance(grantee, Grantee) else grantee,
        purpose=terms.purpose.strip(),
        reference=terms.reference,
        given_by=actor.user,
        given_at=at,
        until=terms.until,
    )
    consent.content = content_of(consent, actor, terms.facts, terms.credentials)
    consent.digest = digest_of(consent.content)
    consent.save(force_insert=True)
    ConsentFact.objects.bulk_create(ConsentFact(consent=consent, fact=fact) for fact in facts)
    ConsentCredential.objects.bulk_create(ConsentCredential(consent=consent, kind=kind) for kind in kinds)
    telling.tell_given(consent)
    return consent


@transaction.atomic
def assign(consent: Consent, grantee: Grantee, *, at: dt.datetime) -> None:
    """Somebody has taken what an open consent is for: from now on they are its one grantee.

    The enterprise agreed to whoever takes it; it is told who. Raises DomainError when it is not to be had.
    """
    held = _locked(consent.pk)
    if held is None or held.grantee_id is not None or not held.open_to:
        raise DomainError(_("这项授权已有对象，不能再指定。"), code="assigned")
    if grantee.kind != held.open_to:
        raise DomainError(_("这项授权不对这类机构开放。"), code="wrong_kind")
    if not held.is_live(at):
        raise DomainError(_("授权已结束，请企业重新授权。"), code="not_live")
    held.grantee, held.assigned_at = grantee, at
    held.save(update_fields=["grantee", "assigned_at"])
    telling.tell_given(held)
    adopt(consent, held)


@transaction.atomic
def revoke(actor: Actor, consent: Consent, reason: str = "", *, at: dt.datetime) -> None:
    """Nothing is read under the consent from now on; both sides are told. Raises DomainError.

    The lock waits for readings that are on their way; once this commits none does.
    """
    _require_manager(actor)
    if len(reason := reason.strip()) > MOST_WORDS:
        raise DomainError(_("原因最多 %(most)d 字。") % {"most": MOST_WORDS}, code="reason_long")
    hooks.revoking.send(Consent, consent=consent)
    held = _locked(consent.pk)
    if held is None or held.enterprise_id != actor.enterprise.pk:
        raise DomainError(_("没有这项授权。"), code="gone")
    if held.revoked_at is not None:
        raise DomainError(_("这项授权已经撤回，对方不能再查阅。"), code="revoked")
    if at >= held.until:
        raise DomainError(_("这项授权已到期，不用撤回。"), code="expired")
    _end(held, actor.user, reason, at)
    telling.tell_revoked(held)
    adopt(consent, held)


@transaction.atomic
def close(consent: Consent, reason: str, *, by: User | None, at: dt.datetime) -> bool:
    """What it was given for is over, as `reason` says: nothing more is read; False when it has ended already.

    For the services of what it was given for. `by` is whoever ended that, None the passing of time. Only
    the enterprise is told: the other side knows. `at` may be before the consent was given, for whoever closes
    may have waited for the lock of whoever gave it.
    """
    held = _locked(consent.pk)
    if held is None or held.revoked_at is not None or at >= held.until:
        return False
    _end(held, by, reason[:MOST_WORDS], at)
    telling.tell_closed(held)
    adopt(consent, held)
    return True


def _end(held: Consent, by: User | None, reason: str, at: dt.datetime) -> None:
    """Not before it was given, see `close`."""
    held.revoked_at, held.revoked_by, held.revoke_reason = max(at, held.given_at), by, reason
    held.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    hooks.revoked.send(Consent, consent=held, at=held.revoked_at)


def _locked(pk: int) -> Consent | None:
    return Consent.objects.select_for_update(of=("self",)).filter(pk=pk).first()


def _require_manager(actor: Actor) -> None:
    if not actor.may_manage:
        raise DomainError(_("只有法定代表人或管理员可以授权和撤回，请联系他们办理。"), code="not_manager")


def _require_terms(terms: Terms, at: dt.datetime) -> None:
    if not terms.purpose.strip():
        raise DomainError(_("请写明授权的用途。"), code="no_purpose")
    if len(terms.purpose.strip()) > MOST_WORDS:
        raise DomainError(_("用途最多 %(most)d 字。") % {"most": MOST_WORDS}, code="purpose_long")
    if terms.until <= at:
        raise DomainError(_("授权截止时间已过，请重新选择。"), code="until_past")
    if terms.until - at > MOST_SPAN:
        raise DomainError(_("授权最长三年，请缩短期限，到期可再授权。"), code="too_long")
    if not terms.facts and not terms.credentials:
        raise DomainError(_("请至少选择一类数据。"), code="nothing")


def _require_known(terms: Terms, facts: list[Fact], kinds: list[CredentialKind]) -> None:
    catalogue = load_catalogue()
    known = {fact.key for fact in facts if fact.key in catalogue and grantable(catalogue[fact.key])}
    if known != set(terms.facts) or {kind.key for kind in kinds} != set(terms.credentials):
        raise DomainError(_("所选数据有的已不能授权，请刷新页面后重新选择。"), code="unknown_fact")
