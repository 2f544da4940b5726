"""Narrowing the lists of pairings and visits."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from appeals.models import Pairing, Visit
from appeals.models.visit import VisitState
from appeals.visits.quarters import Quarter
from enterprises.finding import named
from enterprises.models import Region
from portal.accounts.models import Department

WORDS = forms.TextInput(attrs={"type": "search", "maxlength": 80, "autocomplete": "off"})


def towns(request: HttpRequest | None) -> QuerySet[Region]:
    """The county's towns."""
    return Region.objects.filter(parent=settings.COUNTY_CODE).order_by("code")


class PairingFilter(django_filters.FilterSet):
    """Pairings by words, department, town, and whether a visit is planned or made in the quarter."""

    q = django_filters.CharFilter(label=_("搜企业或干部"), method="search", widget=WORDS)
    department = django_filters.ModelChoiceFilter(
        field_name="officer__department",
        label=_("部门"),
        queryset=Department.objects.all(),
        empty_label=_("全部部门"),
    )
    town = django_filters.ModelChoiceFilter(
        field_name="enterprise__region", label=_("镇街"), queryset=towns, empty_label=_("全部镇街")
    )
    lacking = django_filters.BooleanFilter(
        label=_("只看本季度未排的"), widget=forms.CheckboxInput, method="only_lacking"
    )

    class Meta:
        model = Pairing
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, quarter: Quarter, county: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quarter = quarter
        if not county:
            del self.filters["department"]

    def search(self, rows: QuerySet[Pairing], name: str, words: str) -> QuerySet[Pairing]:
        """By a part of the enterprise's or the official's name, or of the credit code."""
        words = words.strip()[:80]
        found = named(words, "enterprise__") | Q(officer__name__icontains=words)
        return rows.filter(found) if words else rows

    def only_lacking(self, rows: QuerySet[Pairing], name: str, on: Any) -> QuerySet[Pairing]:
        """The box unticked narrows nothing."""
        planned = Visit.objects.planned_in(self.quarter.first, self.quarter.last)
        return rows.filter(~Exists(planned.filter(pairing=OuterRef("pk")))) if on else rows


class VisitFilter(django_filters.FilterSet):
    """Visits of a quarter by words, state, department and town."""

    q = django_filters.CharFilter(label=_("搜企业或干部"), method="search", widget=WORDS)
    state = django_filters.ChoiceFilter(
        label=_("状态"), choices=VisitState.choices, empty_label=_("全部状态")
    )
    department = django_filters.ModelChoiceFilter(
        field_name="pairing__officer__department",
        label=_("部门"),
        queryset=Department.objects.all(),
        empty_label=_("全部部门"),
    )
    town = django_filters.ModelChoiceFilter(
        field_name="pairing__enterprise__region",
        label=_("镇街"),
        queryset=towns,
        empty_label=_("全部镇街"),
    )

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, county: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not county:
            del self.filters["department"]

    def search(self, rows: QuerySet[Visit], name: str, words: str) -> QuerySet[Visit]:
        """By a part of the enterprise's or the official's name, or of the credit code."""
        words = words.strip()[:80]
        found = named(words, "pairing__enterprise__") | Q(pairing__officer__name__icontains=words)
        return rows.filter(found) if words else rows
