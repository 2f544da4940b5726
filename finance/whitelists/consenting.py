"""An enterprise lets a bank know why it is on a list: what the list's rule looks at, and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.consents import granting
from enterprises.consents.choosing import Need
from enterprises.consents.forms import ConsentForm
from enterprises.consents.groups import grantable
from enterprises.models import Consent
from enterprises.services import load_catalogue
from finance.models import Bank, WhitelistEntry, WhitelistState
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record

if TYPE_CHECKING:
    from enterprises.actors import Actor

PREFIX: Final = "BMD-"
"""Of what a consent is for: 白名单, then the list's id."""


def reference_of(entry: WhitelistEntry) -> str:
    """What a consent for a list names."""
    return f"{PREFIX}{entry.whitelist_id}"


def consent_for(entry: WhitelistEntry, bank: Bank, at: dt.datetime) -> Consent | None:
    """The enterprise's newest consent that lets the bank know why it is on the list, if any.

    A consent for anything else, a loan say, is not for this.
    """
    if bank.grantee_id is None:
        return None
    given = Consent.objects.live(at).filter(grantee=bank.grantee_id, enterprise=entry.enterprise_id)
    return given.filter(reference=reference_of(entry)).order_by("-pk").first()


def needs_of(entry: WhitelistEntry) -> list[Need]:
    """What the list's rule looks at, of all that an enterprise can let know."""
    catalogue = load_catalogue()
    facts = {key for one in entry.conditions for key in one["facts"]}
    kinds = {kind for one in entry.conditions for kind in one["kinds"]}
    known = tuple(key for key in sorted(facts) if key in catalogue and grantable(catalogue[key]))
    why = _("白名单“%(title)s”的条件要看") % {"title": entry.whitelist.title}
    return [Need(why, known, tuple(sorted(kinds)))] if known or kinds else []


@transaction.atomic
def let_know(
    actor: Actor, entry: WhitelistEntry, bank: Bank, form: ConsentForm, *, at: dt.datetime
) -> Consent:
    """Give the consent, once; `form` is valid. Raises DomainError where the list is over or it was given."""
    if entry.whitelist.state != WhitelistState.PUSHED or bank.grantee is None:
        raise DomainError(_("名单已结束，不用再授权。"), code="closed")
    if consent_for(entry, bank, at) is not None:
        raise DomainError(_("已经授权给这家银行。"), code="given")
    with in_language_of_record():
        purpose = _("核对白名单“%(title)s”的条件") % {"title": entry.whitelist.title}
    terms = form.terms(purpose, reference=reference_of(entry), at=at)
    return granting.grant(actor, bank.grantee, terms, at=at)
