"""How the desk narrows the list of providers."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import Standing, TeamKind
from appeals.models import Category, Provider


class ProviderFilter(django_filters.FilterSet):
    """By name, kind of team, category and standing."""

    q = django_filters.CharFilter(label=_("名称"), method="filter_words")
    kind = django_filters.ChoiceFilter(
        label=_("队伍"), field_name="team__kind", choices=TeamKind.choices, empty_label=_("全部队伍")
    )
    category = django_filters.ModelChoiceFilter(
        label=_("类别"),
        field_name="categories",
        queryset=Category.objects.filter(active=True),
        empty_label=_("全部类别"),
    )
    standing = django_filters.ChoiceFilter(
        label=_("状态"), choices=Standing.choices, empty_label=_("全部状态")
    )

    class Meta:
        model = Provider
        fields: list[str] = []

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        """Name or description."""
        return queryset.filter(Q(name__icontains=value) | Q(description__icontains=value))
