"""Narrowing the queue: words, item, reviewer, town, amount."""

from __future__ import annotations

import re
from typing import Any, Final

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext_lazy as _

from enterprises.finding import named
from enterprises.models import Enterprise, Region
from policies.models import Application, Evidence, PolicyItem
from policies.reviewers import own_firm
from policies.reviewing.desk.baskets import Rows
from portal.accounts.desks import Desk
from portal.accounts.models import User
from portal.kernel.money import WAN

NUMBER: Final = re.compile(r"SB-?[\d-]*", re.IGNORECASE)
TOWN_DIGITS: Final = 9
MOST_WAN: Final = 10_000_000


class Items(django_filters.filters.ModelChoiceField):
    """Items by their titles."""

    def label_from_instance(self, item: Any) -> str:
        return str(item.title)


class ItemFilter(django_filters.ModelChoiceFilter):
    """One item of the department."""

    field_class = Items


def saying(rows: Rows, words: str) -> Rows:
    """Applications with that number, or of an enterprise so named or with that in its credit code."""
    words = words.strip()[:80]
    if not words:
        return rows
    if NUMBER.fullmatch(words):
        return rows.filter(number__startswith=words.upper())
    return rows.filter(enterprise__in=Enterprise.objects.filter(named(words)).values("pk"))


def with_amount(rows: Rows, desk: Desk) -> Any:
    """Each with `amount` in fen: decided or proposed, else the most that its last sending was judged at.

    What is proposed counts where the desk's department decides: who was only asked, or belongs to the firm,
    finds by what was sent.
    """
    last = Evidence.objects.filter(application=OuterRef("pk")).order_by("-number")
    judged = Coalesce("amount_high", "amount_low")
    reads_inner = Q(item__department=desk.department) & ~Q(own_firm(desk.user))
    proposed = Case(When(reads_inner, then=F("amount_fen")))
    most = Subquery(last.annotate(most=judged).values("most")[:1])
    return rows.alias(amount=Coalesce(proposed, most))


def wan(label: Any) -> django_filters.NumberFilter:
    """A bound in 万元."""
    field = {"min_value": 0, "max_value": MOST_WAN, "decimal_places": 2, "max_digits": 10}
    return django_filters.NumberFilter(label=label, method="by_amount", **field)


class QueueFilter(django_filters.FilterSet):
    """What is chosen above the list. Words are looked for in every basket."""

    q = django_filters.CharFilter(
        label=_("搜编号、企业、信用代码"),
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 80, "autocomplete": "off"}),
    )
    item = ItemFilter(queryset=PolicyItem.objects.none(), label=_("事项"), empty_label=_("全部事项"))
    reviewer = django_filters.ModelChoiceFilter(
        queryset=User.objects.none(), label=_("审核人"), empty_label=_("全部审核人")
    )
    town = django_filters.ChoiceFilter(label=_("镇街"), empty_label=_("全部镇街"), method="in_town")
    least = wan(_("金额不低于（万元）"))
    most = wan(_("金额不高于（万元）"))

    class Meta:
        model = Application
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, rows: Rows, desk: Desk) -> None:
        super().__init__(data, rows)
        self.desk = desk
        items = PolicyItem.objects.filter(department=desk.department).select_related("rule")
        self.filters["item"].queryset = items
        self.filters["reviewer"].queryset = reviewers_at(desk)
        towns = Region.objects.filter(parent=settings.COUNTY_CODE).order_by("code")
        self.filters["town"].extra["choices"] = lambda: list(towns.values_list("code", "name"))

    def search(self, rows: Rows, name: str, words: str) -> Rows:
        """See `saying`."""
        return saying(rows, words)

    def in_town(self, rows: Rows, name: str, town: str) -> Any:
        """Where the enterprise is registered."""
        return rows.alias(town=Left("enterprise__region", TOWN_DIGITS)).filter(town=town)

    def by_amount(self, rows: Rows, name: str, amount: Any) -> Any:
        """Bounds of the amount, both included."""
        bound = {f"amount__{'gte' if name == 'least' else 'lte'}": int(amount * WAN)}
        return with_amount(rows, self.desk).filter(**bound)

    @property
    def narrows(self) -> bool:
        """Whether anything but words is chosen: then the fold stays open."""
        given = self.form.cleaned_data if self.form.is_valid() else {}
        return any(value not in (None, "") for name, value in given.items() if name != "q")


def reviewers_at(desk: Desk) -> QuerySet[User]:
    """Who reviews an application of the department, or once did."""
    known = Application.objects.filter(item__department=desk.department, reviewer__isnull=False)
    return User.objects.filter(pk__in=known.values("reviewer")).order_by("name", "pk")
