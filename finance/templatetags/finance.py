"""`{% load finance %}`: what products say, and rates, as people read them."""

from django import template

from finance.products import wording
from finance.rates import format_rate
from portal.kernel.money import format_money

register = template.Library()
for _filter in (
    wording.amount_words,
    wording.term_words,
    wording.rate_words,
    wording.speed_words,
    wording.kind_words,
    wording.security_words,
    wording.purpose_words,
    wording.repayment_words,
):
    register.filter(_filter.__name__, _filter)
register.filter("rate", format_rate)
register.filter("money_words", format_money)


@register.filter
def yuan(fen: int) -> str:
    """A figure of a table whose unit stands in its head: `85,309.90`."""
    return f"{fen // 100:,}.{fen % 100:02d}"
