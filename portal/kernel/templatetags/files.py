"""Kept files in templates."""

from django import template

from portal.kernel.uploads import SHOWN, kind_of

register = template.Library()


@register.filter
def is_shown(name: str) -> bool:
    """Whether a browser shows a kept file of that name by itself; else it is saved."""
    return kind_of(name) in SHOWN
