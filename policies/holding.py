"""Items that grant a credential, and enterprises that hold it already: nothing is left for them to do."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue
from enterprises.knowledge import CredentialRecord, Knowledge
from enterprises.models import Credential


def certificate_held(grants: str, knowledge: Knowledge) -> CredentialRecord | None:
    """The certificate of a kind that stands on the day of what is known, the longest; None without one."""
    if not grants:
        return None
    held = [one for one in knowledge.records if one.kind == grants and one.held_on(knowledge.as_of)]
    return max(held, key=lambda one: one.valid_to or dt.date.max, default=None)


def held_words(record: CredentialRecord, catalogue: Catalogue) -> str:
    """`已取得“专精特新中小企业”，有效期至 2027-05-01`."""
    kind = catalogue.credential_kinds.get(record.kind)
    words = _("已取得“%(name)s”") % {"name": kind.label if kind else record.kind}
    if record.valid_to is None:
        return words
    return words + _("，有效期至 %(day)s") % {"day": record.valid_to.isoformat()}


def holders(kind: str, day: dt.date, known_at: dt.datetime) -> set[int]:
    """Ids of the enterprises with a certificate of a kind that stands on a day, as known then: one query."""
    newest = (
        Credential.objects.filter(kind__key=kind, as_of__lte=day, recorded_at__lte=known_at)
        .order_by("enterprise_id", "certificate", "-tier", "-as_of", "-recorded_at", "-pk")
        .distinct("enterprise_id", "certificate")
        .values_list("enterprise_id", "valid_from", "valid_to", "revoked")
    )
    return {
        enterprise
        for enterprise, first, last, revoked in newest
        if CredentialRecord(kind, valid_from=first, valid_to=last, revoked=revoked).held_on(day)
    }
