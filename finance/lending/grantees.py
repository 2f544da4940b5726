"""Banks as those whom enterprises let know: registered the first time one is needed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from enterprises.models import Grantee, GranteeKind
from finance.models import Bank
from portal.kernel.errors import DomainError


def grantee_of(bank: Bank) -> Grantee:
    """The bank as a grantee; inside the caller's transaction. Raises DomainError without a credit code."""
    if bank.grantee is not None:
        return bank.grantee
    if not bank.uscc:
        raise DomainError(
            _("%(bank)s还没有登记统一社会信用代码，不能成为授权对象，请联系平台。") % {"bank": bank.name},
            code="no_grantee",
        )
    said = {"kind": GranteeKind.BANK, "name": bank.name}
    grantee, _made = Grantee.objects.get_or_create(uscc=bank.uscc, defaults=said)
    Bank.objects.filter(pk=bank.pk, grantee=None).update(grantee=grantee)
    bank.grantee = grantee
    return grantee
