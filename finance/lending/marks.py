"""What kind of a loan it is, by the records: first, renewed, renewed without paying back first, one more."""

from __future__ import annotations

import datetime as dt

from django.db.models import Sum
from django.utils.translation import gettext as _

from finance.models import LoanApplication, LoanReversal
from finance.models.loan_states import LoanMark
from portal.kernel.language import in_language_of_record

RENEWED = (LoanMark.RENEWAL, LoanMark.NO_PRINCIPAL_RENEWAL)


def mark_of(*, lent_before: bool, renews: bool, still_owed_fen: int = 0) -> LoanMark:
    """The mark at the day of the first money.

    `lent_before`: whether any bank here has lent to the enterprise before. `renews`: whether it renews a loan
    of the same bank, of which `still_owed_fen` of principal was owed on that day: where something was, the
    enterprise need not have paid back before it got the new money (无还本续贷).
    """
    if renews:
        return LoanMark.NO_PRINCIPAL_RENEWAL if still_owed_fen > 0 else LoanMark.RENEWAL
    return LoanMark.AGAIN if lent_before else LoanMark.FIRST


def first_again(enterprise: int, *, at: dt.datetime) -> None:
    """The loan that was taken for the first one was none: the earliest of the others is, if there is any.

    The caller has its turn at "finance.first_loan" of the enterprise.
    """
    lent = LoanApplication.objects.filter(enterprise=enterprise).lent()
    earliest = lent.order_by("drawn_on", "pk").first()
    if earliest is not None and earliest.mark == LoanMark.AGAIN:
        _mark(earliest, LoanMark.FIRST, at)


def renewals_again(loan: LoanApplication, *, at: dt.datetime) -> None:
    """Where records of a loan were set right: whether those that renew it did so before it was paid back."""
    if not LoanReversal.objects.filter(repayment__loan=loan).exists():
        return
    for renewing in loan.renewals.filter(mark__in=RENEWED, drawn_on__isnull=False):
        until = {"on__lte": renewing.drawn_on}
        out = loan.drawdowns.standing().filter(**until).aggregate(fen=Sum("amount_fen", default=0))["fen"]
        back = (
            loan.repayments.standing().filter(**until).aggregate(fen=Sum("principal_fen", default=0))["fen"]
        )
        mark = mark_of(lent_before=True, renews=True, still_owed_fen=out - back)
        if renewing.mark != mark:
            _mark(renewing, mark, at)


@in_language_of_record()
def _mark(loan: LoanApplication, mark: LoanMark, at: dt.datetime) -> None:
    loan.mark = mark
    LoanApplication.objects.filter(pk=loan.pk).update(mark=mark)
    said = _("按更正后的放款、还款记录，类别为“%(mark)s”") % {"mark": mark.label}
    loan.events.create(at=at, name="mark", source=loan.state, target=loan.state, comment=said, public=True)
