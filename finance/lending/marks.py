"""What kind of a loan it is, by the records: first, renewed, renewed without paying back first, one more."""

from __future__ import annotations

from finance.models.loan_states import LoanMark


def mark_of(*, lent_before: bool, renews: bool, still_owed_fen: int = 0) -> LoanMark:
    """The mark at the day of the first money.

    `lent_before`: whether any bank here has lent to the enterprise before. `renews`: whether it renews a loan
    of the same bank, of which `still_owed_fen` of principal was owed on that day: where something was, the
    enterprise need not have paid back before it got the new money (无还本续贷).
    """
    if renews:
        return LoanMark.NO_PRINCIPAL_RENEWAL if still_owed_fen > 0 else LoanMark.RENEWAL
    return LoanMark.AGAIN if lent_before else LoanMark.FIRST
