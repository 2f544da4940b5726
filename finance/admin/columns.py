"""What pages of the admin show beside plain fields: money to the fen, links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.html import format_html
from unfold.decorators import display

from portal.kernel.money import exact_money


def fen(field: str, words: Any) -> Callable[[Any, Any], str]:
    """A column that shows a field of fen as money, — where there is nothing."""

    @display(description=words, ordering=field)
    def shown(_admin: Any, row: Any) -> str:
        value = getattr(row, field)
        return "—" if value is None else exact_money(value)

    return shown


def link(address: str, text: Any) -> str:
    """A link to a page of this site, in the colour by which the admin shows its own."""
    look = "text-primary-600 dark:text-primary-500"
    return format_html('<a href="{}" class="{}">{}</a>', address, look, text)
