"""The one door to facts for whom an enterprise let know them: what is handed out is written down first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.consents.wording import end, moment
from enterprises.knowledge import CredentialRecord, Knowledge, Known
from enterprises.models import Consent, ConsentCredential, ConsentFact, ConsentReading, Grantee
from enterprises.services.knowledge import knowledge_of_many
from enterprises.sheet import Row, rows_of, values_of
from portal.accounts.models import User
from portal.kernel.errors import DomainError

LOCK: Final = "SELECT 1 FROM enterprises_consent WHERE id = %s FOR SHARE"
"""Readings go on beside one another; a revocation waits for them, and they for it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads for a grantee: a user, or a system by the name of its API client. `why`: in a few words."""

    grantee: Grantee
    user: User | None = None
    client: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What was handed out under a consent, and the note of it. It holds nothing that is not consented to."""

    consent: Consent
    reading: ConsentReading
    values: Mapping[str, Mapping[int | None, Known]]
    """Values by fact and year, of the newest years; a fact that nobody knows has none."""
    credentials: tuple[CredentialRecord, ...]
    rows: tuple[Row, ...]
    """The same for a page, what nobody knows among it."""

    def latest(self, key: str) -> Known | None:
        """The newest value of a fact; None when nobody knows it or it was not consented to."""
        known = self.values.get(key, {})
        return known[max(known, key=lambda year: year or 0)] if known else None


@transaction.atomic(durable=True)
def read(consent_id: int, reader: Reader, *, at: dt.datetime) -> Read:
    """All that the consent lets the reader know as of now; returned once it is written down that they did.

    It is a transaction of its own, never part of another, so that what was returned stays recorded: a page
    that reads is marked `writes_on_get`. `at` is now; the database asks its own clock as well. Raises
    DomainError `no_consent` (none of the reader's grantee), `revoked`, `expired`, `not_yet`.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [consent_id])
    consent = _consent(consent_id)
    if consent is None or consent.grantee_id != reader.grantee.pk:
        raise DomainError(_("企业没有授权贵单位查阅。"), code="no_consent")
    _require_live(consent, at)
    facts, kinds = consent.fact_keys, consent.kind_keys  # type: ignore[attr-defined]
    reading = ConsentReading.objects.create(
        consent=consent,
        user=reader.user,
        client=reader.client,
        at=at,
        keys={"facts": facts, "credentials": kinds},
        purpose=reader.why,
    )
    today = timezone.localdate(at)
    known = knowledge_of_many([consent.enterprise_id], as_of=today, keys=facts)[consent.enterprise_id]
    return Read(
        consent,
        reading,
        _values(known, facts),
        tuple(record for record in known.credentials() if record.kind in kinds),
        tuple(rows_of(known, facts, kinds)),
    )


def _consent(pk: int) -> Consent | None:
    """The consent as it stands, with what it is about."""
    facts = ConsentFact.objects.filter(consent=OuterRef("pk")).order_by("fact__key")
    kinds = ConsentCredential.objects.filter(consent=OuterRef("pk")).order_by("kind__key")
    found = Consent.objects.select_related("enterprise", "grantee").filter(pk=pk)
    return found.annotate(
        fact_keys=ArraySubquery(facts.values("fact__key")),
        kind_keys=ArraySubquery(kinds.values("kind__key")),
    ).first()


def _require_live(consent: Consent, at: dt.datetime) -> None:
    if consent.revoked_at is not None:
        said = {"day": moment(consent.revoked_at)}
        raise DomainError(
            _("企业已于 %(day)s 撤回授权，不能再查阅。确需查阅的，请联系企业重新授权。") % said,
            code="revoked",
        )
    if at >= consent.until:
        said = {"day": end(consent.until)}
        raise DomainError(
            _("授权已于 %(day)s 到期，不能再查阅。确需查阅的，请联系企业重新授权。") % said,
            code="expired",
        )
    if at < consent.given_at:
        raise DomainError(_("授权还没有生效，请稍后再试。"), code="not_yet")


def _values(known: Knowledge, facts: list[str]) -> dict[str, dict[int | None, Known]]:
    specs = [known.catalogue[key] for key in facts if key in known.catalogue]
    return {spec.key: {one.period: one for one in values_of(known, spec)} for spec in specs}
