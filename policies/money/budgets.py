"""What a budget line still holds, and what is already meant to come out of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from policies.models import BudgetLine, Payment
from policies.models.money.payment import PaymentState
from policies.money.awards import waiting
from portal.kernel.errors import DomainError
from portal.kernel.money import exact_money


@dataclass(frozen=True, slots=True)
class Outlook:
    """A line in fen: on its way and paid (booked), in batches not released yet, and owed without a batch."""

    appropriated_fen: int
    reserved_fen: int
    paid_fen: int
    prepared_fen: int
    waiting_fen: int

    @property
    def free_fen(self) -> int:
        """What nobody has a right to yet; below zero, more is owed than there is."""
        booked = self.reserved_fen + self.paid_fen
        return self.appropriated_fen - booked - self.prepared_fen - self.waiting_fen


def outlook(line: BudgetLine) -> Outlook:
    """How a line stands now: two queries beside the line's own."""
    prepared = Payment.objects.filter(line=line, batch__line=line, state=PaymentState.PREPARED)
    return Outlook(
        line.appropriated_fen,
        line.reserved_fen,
        line.paid_fen,
        int(prepared.aggregate(fen=Sum("amount_fen", default=0))["fen"]),
        int(waiting(line).aggregate(fen=Sum("amount_fen", default=0))["fen"]),
    )


def require_room(line: BudgetLine, total_fen: int) -> None:
    """Raises DomainError when the line has less left. A courtesy: the database decides at the release."""
    if total_fen > line.available_fen:
        raise DomainError(
            _("指标 %(code)s 余额 %(left)s，不足以支付 %(total)s。请减少笔数或追加预算。")
            % {
                "code": line.code,
                "left": exact_money(line.available_fen),
                "total": exact_money(total_fen),
            },
            code="overspent",
        )
