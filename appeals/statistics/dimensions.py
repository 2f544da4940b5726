"""By what appeals are told apart: department, team, provider, category, town, month, source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from appeals.enums import Source, TeamKind
from appeals.models import Category, Provider
from appeals.narrowing import town_of
from appeals.statistics.figures import Share
from enterprises.models import Region
from portal.accounts.models import Department

Names = Mapping[Any, str]


@dataclass(frozen=True, slots=True)
class Dimension:
    """`group` is what an appeal is counted under, `names` what its values are called, `none` the absence."""

    key: str
    label: Any
    group: Any
    names: Callable[[Collection[Any]], Names]
    none: Any

    def lines(self, counted: Collection[tuple[Any, list[Share]]]) -> list[tuple[str, list[Share]]]:
        """In the order of the names, the nameless last; one query at most."""
        known = self.names([value for value, _shares in counted if value not in (None, "")])
        places = {value: place for place, value in enumerate(known)}
        ordered = sorted(counted, key=lambda row: (places.get(row[0], len(places)), str(row[0])))
        return [(self._name(value, known), shares) for value, shares in ordered]

    def _name(self, value: Any, known: Names) -> str:
        return known.get(value) or str(self.none if value in (None, "") else value)


def _departments(wanted: Collection[Any]) -> Names:
    rows = Department.objects.filter(pk__in=wanted).order_by("code", "pk")
    return dict(rows.values_list("pk", "short_name"))


def _providers(wanted: Collection[Any]) -> Names:
    return dict(Provider.objects.filter(pk__in=wanted).order_by("name", "pk").values_list("pk", "name"))


def _categories(wanted: Collection[Any]) -> Names:
    return dict(Category.objects.filter(pk__in=wanted).order_by("position", "pk").values_list("pk", "label"))


def _towns(wanted: Collection[Any]) -> Names:
    return dict(Region.objects.filter(code__in=wanted).order_by("code").values_list("code", "name"))


def _months(wanted: Collection[Any]) -> Names:
    return {month: f"{month:%Y-%m}" for month in sorted(wanted)}


def _choices(choices: Any) -> Callable[[Collection[Any]], Names]:
    return lambda wanted: {value: str(label) for value, label in choices.choices}


DIMENSIONS: Final = {
    each.key: each
    for each in (
        Dimension("department", _("部门"), F("department"), _departments, _("机构承办或尚未派出")),
        Dimension("team", _("队伍"), F("team"), _choices(TeamKind), _("部门承办或尚未派出")),
        Dimension("provider", _("服务机构"), F("provider"), _providers, _("部门承办或尚未派出")),
        Dimension("category", _("类别"), F("category"), _categories, _("未分类")),
        Dimension("town", _("镇街"), town_of(), _towns, _("未填")),
        Dimension("month", _("月份"), TruncMonth("submitted_at"), _months, _("未填")),
        Dimension("source", _("来源"), F("source"), _choices(Source), _("未填")),
    )
}
