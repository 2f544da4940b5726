"""Links inside admin pages, in the colour by which the admin shows its own."""

from typing import Any

from django.utils.html import format_html


def link(address: str, text: Any) -> str:
    """A link to a page of this site."""
    look = "text-primary-600 dark:text-primary-500"
    return format_html('<a href="{}" class="{}">{}</a>', address, look, text)
