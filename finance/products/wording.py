"""What a product says, in the few words of a row or a table. None of it knows an enterprise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from finance.models import ProductVersion
from finance.models.vocabulary import Kind, LoanPurpose, Repayment, Security
from finance.products.book import Entry
from finance.rates import rate_range
from portal.kernel.money import format_money, money_range

Offer: TypeAlias = ProductVersion | Entry
"""What has a product's figures: the whole version, or its light row."""


SHIPPED: Final = {
    "资料未写明额度，由银行核定": gettext_lazy("资料未写明额度，由银行核定"),
    "资料未写明期限": gettext_lazy("资料未写明期限"),
    "资料未给利率": gettext_lazy("资料未给利率"),
}
"""What the shipped products say where papers are silent, in the reader's language."""


def amount_words(offer: Offer) -> str:
    """`最高 300 万元`, `5 万元至 300 万元`, or what the bank says instead."""
    low, high = offer.amount_min_fen, offer.amount_max_fen
    if high is None:
        return _("%(low)s 起") % {"low": format_money(low)} if low else _note(offer.amount_note)
    return money_range(low, high) if low else _("最高 %(high)s") % {"high": format_money(high)}


def term_words(offer: Offer) -> str:
    """`最长 12 个月`, `3–12 个月`, or what the bank says instead."""
    low, high = offer.term_min, offer.term_max
    if high is None:
        return _("%(low)d 个月起") % {"low": low} if low else _note(offer.term_note)
    if low and low != high:
        return _("%(low)d–%(high)d 个月") % {"low": low, "high": high}
    return _("最长 %(high)d 个月") % {"high": high}


def rate_words(offer: Offer) -> str:
    """`3.45–4.35%`, or what the bank says instead."""
    return rate_range(offer.rate_low, offer.rate_high) or _note(offer.rate_note)


def speed_words(offer: Offer) -> str:
    """`3 个工作日内答复`, or what the bank says instead; empty where nothing is known."""
    if offer.answer_days is None:
        return offer.speed_note
    days = offer.answer_days
    return ngettext("%(days)d 个工作日内答复", "%(days)d 个工作日内答复", days) % {"days": days}


def _note(said: str) -> str:
    return str(SHIPPED.get(said, said))


def kind_words(value: str) -> str:
    """The name of a kind."""
    return _named([value], Kind)


def security_words(values: Iterable[str]) -> str:
    """Names of ways to secure a credit."""
    return _named(values, Security)


def purpose_words(values: Iterable[str]) -> str:
    """Names of purposes."""
    return _named(values, LoanPurpose)


def repayment_words(values: Iterable[str]) -> str:
    """Names of ways to repay."""
    return _named(values, Repayment)


def _named(values: Iterable[str], among: type[TextChoices]) -> str:
    return " · ".join(str(among(value).label) for value in values)
