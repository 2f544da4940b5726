"""The letter of a consent (授权书): its words as given, and the paper that a grantee files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from enterprises.actors import Actor
from enterprises.consents.groups import groups_of
from enterprises.models import Consent
from enterprises.services.catalogue import load_catalogue

TEMPLATE: Final = Path(__file__).with_name("letter.typ")


def content_of(
    consent: Consent, actor: Actor, facts: Collection[str], credentials: Collection[str]
) -> dict[str, Any]:
    """What the enterprise agrees to, in words and times: kept with the consent, so that names may change."""
    grantee = consent.grantee
    return {
        "number": consent.number,
        "enterprise": {"name": actor.enterprise.name, "uscc": actor.enterprise.uscc},
        "grantee": {"name": grantee.name, "uscc": grantee.uscc} if grantee else None,
        "open_to": consent.open_to,
        "purpose": consent.purpose,
        "reference": consent.reference,
        "groups": [
            {"key": group.key, "labels": group.labels}
            for group in groups_of(load_catalogue(), set(facts), set(credentials))
        ],
        "given_by": actor.user.get_full_name(),
        "role": str(actor.role.value),
        "given_at": consent.given_at.astimezone(dt.UTC).isoformat(),
        "until": consent.until.astimezone(dt.UTC).isoformat(),
    }
