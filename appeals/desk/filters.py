"""Narrowing the inbox: words, source, urgency."""

from __future__ import annotations

import re
from typing import Any, Final

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import Source
from appeals.models import Appeal, WorkOrder
from appeals.models.order import OrderQuerySet
from enterprises.finding import named
from enterprises.models import Enterprise

NUMBER: Final = re.compile(r"SQ-?[\d-]*", re.IGNORECASE)
FIRMS: Final = 200
"""Enterprises whose names are looked through for orders; more have no useful word in common."""


def saying(rows: OrderQuerySet, words: str, *, discreet: bool = False) -> OrderQuerySet:
    """Orders of appeals with that number, these words in title or text, or of an enterprise so named.

    `discreet`: for who may not know the enterprise of an anonymous appeal. `rows` are those that may be seen.
    """
    words = words.strip()[:80]
    if not words:
        return rows
    if NUMBER.fullmatch(words):
        return rows.filter(appeal__number__startswith=words.upper())
    firms = Enterprise.objects.filter(named(words))
    theirs = Q(enterprise__in=list(firms.order_by("pk").values_list("pk", flat=True)[:FIRMS]))
    if discreet:
        theirs &= Q(anonymous=False)
    found = Appeal.objects.filter(Q(title__icontains=words) | Q(text__icontains=words) | theirs)
    return rows.filter(appeal__in=found.values("pk"))


class InboxFilter(django_filters.FilterSet):
    """What is typed above the list. Words are looked for among all orders, ended ones too.

    `discreet`: see `saying`.
    """

    q = django_filters.CharFilter(
        label=_("搜诉求、企业、工单"),
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 80, "autocomplete": "off"}),
    )
    source = django_filters.ChoiceFilter(
        field_name="appeal__source", label=_("来源"), choices=Source.choices, empty_label=_("全部来源")
    )
    urgent = django_filters.BooleanFilter(
        field_name="appeal__urgent", label=_("只看紧急"), widget=forms.CheckboxInput, method="only_urgent"
    )

    class Meta:
        model = WorkOrder
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, discreet: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.discreet = discreet

    def search(self, rows: OrderQuerySet, name: str, words: str) -> OrderQuerySet:
        """See `saying`."""
        return saying(rows, words, discreet=self.discreet)

    def only_urgent(self, rows: OrderQuerySet, name: str, on: Any) -> OrderQuerySet:
        """The box unticked narrows nothing."""
        return rows.filter(appeal__urgent=True) if on else rows
