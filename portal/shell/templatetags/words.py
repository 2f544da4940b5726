"""`{% load words %}`: dates in words, addresses with other parameters kept, page numbers."""

from collections.abc import Iterable
from datetime import date, datetime

from django import template
from django.core.paginator import Paginator
from django.template import Context
from django.utils import timezone

from portal.shell import dates

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """A date with its weekday; an em dash for none."""
    return dates.day_words(value, timezone.localdate()) if value else "—"


@register.filter
def moment(value: datetime | None) -> str:
    """A point in time: today, yesterday, or its date."""
    return dates.moment_words(value, timezone.now()) if value else "—"


@register.filter
def elided(paginator: Paginator, number: int) -> Iterable[int | str]:
    """Page numbers around `number`, with gaps."""
    return paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The present address's parameters with `changes` made; None or "" drops one, and page unless given."""
    parameters = context["request"].GET.copy()
    parameters.pop("page", None)
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return parameters.urlencode()
