"""A person stands for a content: with a second factor, shown for this digest and this step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from enterprises.models import Membership
from policies.models import BatchSignature, PaymentBatch
from policies.models.money.batch import Step
from policies.models.money.payment import PaymentState
from portal.accounts.second_factor import prove_totp
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User

WORKED = ("draft", "add", "drop", "prepare")
"""What people do who put a batch together."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, when, with which code, and the digest that the page showed them."""

    by: User
    at: dt.datetime
    code: str
    seen: str

    def sign(self, held: PaymentBatch, step: Step) -> BatchSignature:
        """Sign the batch as it is; inside the transaction that takes the step. Raises DomainError.

        Not for another content than was seen, not by who put it together or belongs to a firm that is paid,
        and each code once.
        """
        if self.seen != held.digest:
            raise DomainError(_("批次内容已有变化，请刷新页面，重新核对后再签署。"), code="content_changed")
        if self.by.pk in workers(held):
            raise DomainError(
                _("参与编制或已签署这个批次的人不能办理这一步，请由另一人办理。"), code="four_eyes"
            )
        require_outsider(self.by, held)
        return BatchSignature.objects.create(
            batch=held,
            round=held.round,
            step=step,
            by=self.by,
            at=self.at,
            digest=held.digest,
            second_factor=prove_totp(self.by, self.code, at=self.at),
        )


def require_outsider(by: User, held: PaymentBatch) -> None:
    """Raises DomainError to a member of an enterprise that the batch pays, who stands back (回避)."""
    own = Membership.objects.current().filter(user=by).values("enterprise")
    paid = held.payments.exclude(state=PaymentState.VOID).filter(enterprise__in=own)
    names = list(paid.values_list("enterprise__name", flat=True)[:1])
    if names:
        raise DomainError(
            _("批次里有您任职的“%(firm)s”，您须回避，请由其他同事办理。") % {"firm": names[0]},
            code="own_firm",
        )


def workers(held: PaymentBatch) -> set[int | None]:
    """Who prepared or confirmed it, or had a hand in its content."""
    hands = held.events.filter(name__in=WORKED).values_list("actor", flat=True)
    return {held.prepared_by_id, held.confirmed_by_id, *hands} - {None}
