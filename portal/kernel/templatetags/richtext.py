"""`{% load richtext %}`: stored HTML on a page."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from portal.kernel.richtext import clean_html

register = template.Library()


@register.filter
def richtext(text: str | None) -> SafeString:
    """The HTML, cleaned once more: rows written past the field are not trusted either."""
    return mark_safe(clean_html(text or ""))  # noqa: S308 - just cleaned
