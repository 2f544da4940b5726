"""What an offer costs somebody who wants so much for so long, at its lowest and its highest rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from finance.cost import Schedule, schedule
from finance.models.vocabulary import Repayment
from finance.products.wording import Offer
from portal.kernel.money import WAN, format_money


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to borrow: fen, and for how many months."""

    amount: int = 50 * WAN
    months: int = 12


@dataclass(frozen=True, slots=True)
class Cost:
    """The loan wished for at an offer's lowest and highest rate; the same where it has but one."""

    low: Schedule
    high: Schedule

    @property
    def repayment(self) -> str:
        """How it is paid back."""
        return str(Repayment(self.low.repayment).label)

    @property
    def is_range(self) -> bool:
        return self.low.rate != self.high.rate


def cost_of(offer: Offer, wish: Wish, repayment: str = "") -> Cost | None:
    """The cost of a wish, paid back as asked if the offer has that; None where its rate is not known."""
    rates = [rate for rate in (offer.rate_low, offer.rate_high) if rate is not None]
    if not rates:
        return None
    way = (
        repayment if repayment in offer.repayments else next(iter(offer.repayments), Repayment.INTEREST_ONLY)
    )
    low, high = (schedule(wish.amount, wish.months, rate, way) for rate in (rates[0], rates[-1]))
    return Cost(low, high)


def unsaid(offer: Offer, wish: Wish) -> Sequence[str]:
    """What an offer does not say of a wish, so that only the bank knows whether it can meet it, in words."""
    found = []
    if offer.amount_max_fen is None and wish.amount >= (offer.amount_min_fen or 0):
        found.append(_("额度请问银行"))
    if offer.term_max is None and wish.months >= (offer.term_min or 0):
        found.append(_("期限请问银行"))
    return found


def obstacles(offer: Offer, wish: Wish) -> Sequence[str]:
    """Why an offer cannot meet a wish, in words; empty where it can, as far as it says."""
    found = []
    if offer.amount_max_fen is not None and wish.amount > offer.amount_max_fen:
        found.append(_("最高 %(most)s，不够") % {"most": format_money(offer.amount_max_fen)})
    if offer.amount_min_fen is not None and wish.amount < offer.amount_min_fen:
        found.append(_("%(least)s 起借") % {"least": format_money(offer.amount_min_fen)})
    if offer.term_max is not None and wish.months > offer.term_max:
        found.append(_("最长 %(most)d 个月") % {"most": offer.term_max})
    if offer.term_min is not None and wish.months < offer.term_min:
        found.append(_("最短 %(least)d 个月") % {"least": offer.term_min})
    return found
