"""What a list of items may be narrowed by, in SQL. Pages narrow in memory: see `policies.browsing`."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.enums import Benefit, Level, Mode
from policies.models import ItemVersion
from portal.accounts.models import Department


class _FreeChoiceField(forms.MultipleChoiceField):
    def valid_value(self, value: str) -> bool:
        return True


class ArrayFilter(django_filters.Filter):
    """Rows whose array holds one of the given words."""

    field_class = _FreeChoiceField

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__overlap": value}) if value else qs


class ItemFilter(django_filters.FilterSet):
    """Filters over `ItemVersion`; every one may be given several times, then one of them suffices."""

    level = django_filters.MultipleChoiceFilter(label=_("级别"), choices=Level.choices)
    department = django_filters.ModelMultipleChoiceFilter(
        label=_("部门"),
        field_name="item__department__code",
        to_field_name="code",
        queryset=Department.objects.all(),
    )
    topic = ArrayFilter(label=_("主题"), field_name="topics")
    benefit = django_filters.MultipleChoiceFilter(label=_("惠及方式"), choices=Benefit.choices)
    target = ArrayFilter(label=_("惠及对象"), field_name="targets")
    mode = django_filters.MultipleChoiceFilter(label=_("办理方式"), choices=Mode.choices)
    open_now = django_filters.BooleanFilter(label=_("现在可办"), method="filter_open_now")

    class Meta:
        model = ItemVersion
        fields: list[str] = []

    def filter_open_now(self, queryset: Any, name: str, value: bool) -> Any:
        """Only those whose window is open today, or only the others."""
        opened = queryset.open_on(timezone.localdate())
        return opened if value else queryset.exclude(pk__in=opened.values("pk"))
