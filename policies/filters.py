"""Narrowing a list of items, and how many each choice would leave: the facets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, CharField, Count, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict
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
        """Only those whose window is open today."""
        return queryset.open_on(timezone.localdate()) if value else queryset


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One choice of a facet: how many items it would leave, and whether it is chosen."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One way of narrowing a list, with its choices, the most frequent first."""

    key: str
    label: str
    options: tuple[FacetOption, ...]


def facets(versions: QuerySet[ItemVersion], data: Mapping[str, Any]) -> list[Facet]:
    """Every facet of a list, in one query.

    `versions` are those found before filtering, `data` the filters chosen. A facet's counts obey the
    other facets' choices but not its own, so that a second choice can be added to it.
    """
    given = _as_query_dict(data)
    parts = [_counts(key, ItemFilter(_without(given, key), queryset=versions).qs) for key in _COLUMNS]
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in _COLUMNS}
    for row in parts[0].union(*parts[1:], all=True):
        found[row["facet"]].append(row)
    return [_facet(key, found[key], given.getlist(key)) for key in _COLUMNS]


_TEXT = CharField()


def _unnest(column: str) -> Func:
    return Func(F(column), function="unnest", output_field=_TEXT, set_returning=True)


def _open_today() -> Case:
    today = timezone.localdate()
    opened = (Q(window_from=None) | Q(window_from__lte=today)) & (Q(window_to=None) | Q(window_to__gte=today))
    return Case(When(opened, then=Value("true")), default=Value("false"), output_field=_TEXT)


# Each facet's column, and where its label is read when the value does not speak for itself.
_COLUMNS: dict[str, tuple[Any, str]] = {
    "level": (F("level"), "level"),
    "department": (F("item__department__code"), "item__department__short_name"),
    "topic": (_unnest("topics"), ""),
    "benefit": (F("benefit"), "benefit"),
    "target": (_unnest("targets"), ""),
    "mode": (F("mode"), "mode"),
    "open_now": (None, ""),
}
_NAMES: dict[str, dict[str, Any]] = {
    "level": dict(Level.choices),
    "benefit": dict(Benefit.choices),
    "mode": dict(Mode.choices),
    "open_now": {"true": _("现在可办"), "false": _("不在申报期")},
}


def _counts(key: str, versions: QuerySet[ItemVersion]) -> QuerySet[ItemVersion, Any]:
    column, label = _COLUMNS[key]
    value = _open_today() if column is None else column
    return (
        versions.order_by()
        .annotate(
            facet=Value(key, output_field=_TEXT),
            choice=Cast(value, output_field=_TEXT),
            name=Cast(F(label) if label else Value(""), output_field=_TEXT),
        )
        .values("facet", "choice", "name")
        .annotate(found=Count("pk"))
        .values("facet", "choice", "name", "found")
    )


def _facet(key: str, rows: list[dict[str, Any]], chosen: list[str]) -> Facet:
    names = _NAMES.get(key, {})
    options = [
        FacetOption(
            value=row["choice"],
            label=str(names.get(row["choice"]) or row["name"] or row["choice"]),
            count=row["found"],
            selected=row["choice"] in chosen,
        )
        for row in sorted(rows, key=lambda row: (-row["found"], row["choice"]))
    ]
    return Facet(key, str(ItemFilter.base_filters[key].label), tuple(options))


def _as_query_dict(data: Mapping[str, Any]) -> QueryDict:
    if isinstance(data, QueryDict):
        return data
    given = QueryDict(mutable=True)
    for key, value in data.items():
        given.setlist(key, [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)])
    return given


def _without(data: QueryDict, key: str) -> QueryDict:
    rest = data.copy()
    rest.pop(key, None)
    return rest
