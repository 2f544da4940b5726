"""`{% load words %}`: dates in words, addresses with other parameters kept, page numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from django import template
from django.core.paginator import Paginator
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from enterprises.consents.wording import end
from matching.explaining.needs import Need
from portal.kernel.clocks import Clock, Light
from portal.kernel.facets import Facet, FacetOption
from portal.kernel.language import clauses, listed, reads_chinese
from portal.kernel.money import exact_money, format_money
from portal.kernel.richtext import clean_html
from portal.shell import dates

OPTIONS_SHOWN = 8

register = template.Library()
register.filter("listed", listed)
register.filter("clauses", clauses)
register.filter("consent_end", end)


class Windowed(Protocol):
    """What can be claimed in a window of days (None is no bound) until it has ended."""

    window_from: date | None
    window_to: date | None

    @property
    def has_ended(self) -> bool: ...

    def get_state_display(self) -> str: ...


@register.filter
def day(value: date | None) -> str:
    """A date with its weekday; an em dash for none."""
    return dates.day_words(value, timezone.localdate()) if value else "—"


@register.filter
def year(value: int) -> str:
    """Of which year something is: `2025 年`."""
    return _("%(year)s 年") % {"year": value}


@register.simple_tag
def today() -> str:
    """Today's date in words."""
    return dates.day_words(timezone.localdate(), timezone.localdate())


@register.filter
def big_money(fen: int) -> SafeString:
    """The figure large, its unit small, the exact amount in the title."""
    number, space, unit = format_money(fen).partition(" ")
    gap = "" if reads_chinese() else space
    return format_html('<span title="{}">{}<small>{}{}</small></span>', exact_money(fen), number, gap, unit)


@register.filter
def moment(value: datetime | None) -> str:
    """A point in time: today, yesterday, or its date."""
    return dates.moment_words(value, timezone.now()) if value else "—"


@register.filter
def until(value: datetime | None) -> str:
    """The end of a span: one that ends with a day (midnight) is said by that day, as people count."""
    if value is None:
        return "—"
    local = timezone.localtime(value)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return dates.day_words(local.date() - timedelta(days=1), timezone.localdate())
    return dates.moment_words(value, timezone.now())


@register.simple_tag(takes_context=True)
def remaining(context: Context, clock: Clock) -> dates.Deadline:
    """How long a clock runs on, in its light; one that ends with a day (midnight) in working days."""
    at, now, local = clock.due_at, timezone.now(), timezone.localtime(clock.due_at)
    light = clock.light(now)
    if light == Light.RED:
        return dates.Deadline(_("已超期"), light.colour, until(at))
    state = light.colour
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        left = context["shell"].deadline(local.date() - timedelta(days=1))
        return replace(left, state=state)
    hours, minutes = divmod(int((at - now).total_seconds()) // 60, 60)
    words = _("还剩 %(hours)s 小时 %(minutes)s 分") if hours else _("还剩 %(minutes)s 分")
    return dates.Deadline(words % {"hours": hours, "minutes": minutes}, state, until(at))


@register.simple_tag(takes_context=True)
def days_left(context: Context, last_day: date) -> dates.Deadline:
    """How many working days are left until the end of a day."""
    left: dates.Deadline = context["shell"].deadline(last_day)
    return left


@register.simple_tag(takes_context=True)
def window(context: Context, version: Windowed) -> dates.Deadline:
    """Until when something with `window_from` and `window_to` may be claimed, or from when.

    The calendar of working days is read once a page.
    """
    today = timezone.localdate()
    if version.has_ended:
        return dates.Deadline(version.get_state_display(), "late", version.get_state_display())
    return dates.opening(version.window_from, today) or context["shell"].deadline(version.window_to)


@register.filter
def rich(text: str) -> SafeString:
    """Rich text that an official wrote: cleaned once more, paragraphs kept."""
    return mark_safe(clean_html(linebreaks(text) if "<" not in text else text))  # noqa: S308


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


@register.filter
def has_choice(facet: Facet) -> bool:
    """Whether something is chosen in a facet: then it stays open."""
    return any(option.selected for option in facet.options)


@register.filter
def in_parts(facet: Facet) -> list[tuple[list[FacetOption], bool]]:
    """The choices in two parts, each with whether it is folded: the frequent and the chosen; the rest."""
    shown = [one for place, one in enumerate(facet.options) if place < OPTIONS_SHOWN or one.selected]
    rest = [one for one in facet.options[OPTIONS_SHOWN:] if not one.selected]
    return [(shown, False), (rest, True)] if rest else [(shown, False)]


@register.filter
def anchor(path: str) -> str:
    """The id of a condition on the page, from its JSON pointer."""
    return "c" + path.replace("/", "-")


@register.filter
def chooses(value: str, choice: str) -> bool:
    """Whether a choice is among those that a field holds, joined by 、."""
    return choice in str(value).split("、")


@register.filter
def failing(need: Need, failed: Mapping[str, str] | None) -> Mapping[str, str]:
    """What was refused just now, if it was an answer to this need; else nothing."""
    mine = failed and failed["fact"] == need.fact and failed["period"] == str(need.period or "")
    return failed if mine and failed else {}
