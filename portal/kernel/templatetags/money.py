"""`{% load money %}`: the one way money is shown on a page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.kernel.money import exact_money, format_money, money_range

register = template.Library()


@register.filter
def money(fen: int | None) -> str | SafeString:
    """Fen as 万元, the exact figure in the title; an em dash for None."""
    if fen is None or fen == "":
        return "—"
    return format_html('<span class="money" title="{}">{}</span>', exact_money(fen), format_money(fen))


@register.simple_tag(name="money_range")
def money_range_tag(low: int | None, high: int | None) -> str:
    """`{% money_range low high %}`: an interval in fen, None for no bound."""
    return money_range(low, high)


register.filter("exact_money", exact_money)
