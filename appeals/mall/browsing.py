"""Browsing the mall: words find, facets narrow and count, one order at a time.

A county's mall holds hundreds of services: they are read once a page as plain rows and narrowed here, so
that any number of facets costs no further query; the rows of one page are read in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from appeals.enums import Standing, TeamKind
from appeals.models import ServiceItem
from appeals.ratings import Score, scores
from portal.kernel.facets import Facet, FacetOption

YUAN: Final = 100
ORDERS: Final = {
    "stars": _("星级最高"),
    "price": _("价格最低"),
    "days": _("办得最快"),
    "name": _("按类别"),
}
PRICES: Final = (
    ("free", _("免费"), lambda fen: fen == 0),
    ("below-1000", _("1000 元以下"), lambda fen: 0 < fen < 1_000 * YUAN),
    ("below-5000", _("1000–5000 元"), lambda fen: 1_000 * YUAN <= fen < 5_000 * YUAN),
    ("below-20000", _("5000 元–2 万元"), lambda fen: 5_000 * YUAN <= fen < 20_000 * YUAN),
    ("above", _("2 万元以上"), lambda fen: fen >= 20_000 * YUAN),
)
DAYS: Final = (
    ("1", _("当天"), lambda days: days <= 1),
    ("3", _("3 个工作日内"), lambda days: days <= 3),
    ("7", _("7 个工作日内"), lambda days: days <= 7),
    ("15", _("15 个工作日内"), lambda days: days <= 15),
)
STARS: Final = (
    ("4.5", _("4.5 星以上"), Decimal("4.5")),
    ("4", _("4 星以上"), Decimal(4)),
    ("3", _("3 星以上"), Decimal(3)),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A service as far as narrowing and ordering need it."""

    pk: int
    name: str
    words: str
    category: str
    kind: str
    price: int
    days: int | None
    score: Score

    def values(self, key: str) -> tuple[str, ...]:
        """The choices of a facet that the service belongs to."""
        return _BELONGS[key](self)


def _prices(entry: Entry) -> tuple[str, ...]:
    return tuple(key for key, _label, fits in PRICES if fits(entry.price))


def _days(entry: Entry) -> tuple[str, ...]:
    return tuple(key for key, _label, fits in DAYS if entry.days is not None and fits(entry.days))


def _stars(entry: Entry) -> tuple[str, ...]:
    exact = entry.score.exact
    return tuple(key for key, _label, bound in STARS if exact is not None and exact >= Fraction(bound))


_BELONGS: Final[dict[str, Callable[[Entry], tuple[str, ...]]]] = {
    "category": lambda entry: (entry.category,),
    "price": _prices,
    "days": _days,
    "stars": _stars,
    "team": lambda entry: (entry.kind,),
}
_NAMES: Final = {
    "category": _("类别"),
    "price": _("价格（起）"),
    "days": _("办理时限"),
    "stars": _("综合星级"),
    "team": _("队伍"),
}


@dataclass(frozen=True)
class Browsing:
    """The services on offer that match the words, narrowed by the choices in an address."""

    words: str
    given: QueryDict

    @cached_property
    def entries(self) -> list[Entry]:
        """All that match the words; three queries. What a removed provider offers is not on offer."""
        rows = ServiceItem.objects.filter(active=True, category__active=True)
        rows = rows.exclude(provider__standing=Standing.REMOVED).order_by("category__position", "name", "pk")
        columns = ("pk", "name", "description", "category__key", "category__label", "provider__name")
        numbers = ("provider__team__kind", "price_low_fen", "days", "provider")
        known = scores()
        wanted = self.words.casefold().split()
        found = []
        for pk, name, text, category, label, holder, kind, price, days, provider in rows.values_list(
            *columns, *numbers
        ):
            searched = f"{name} {text} {label} {holder}".casefold()
            if all(word in searched for word in wanted):
                score = known.get(provider, Score())
                found.append(Entry(pk, name, searched, category, kind, price, days, score))
        return found

    def ids(self, order: str) -> list[int]:
        """The services found, in an order of `ORDERS`."""
        key = _ORDER_BY.get(order)
        found = self._narrowed()
        return [entry.pk for entry in (sorted(found, key=key) if key else found)]

    def facets(self, categories: Mapping[str, str]) -> list[Facet]:
        """Every facet that offers a choice. Its counts obey the other facets' choices, not its own."""
        labels: dict[str, Mapping[str, object]] = {
            "category": categories,
            "price": {key: label for key, label, _fits in PRICES},
            "days": {key: label for key, label, _fits in DAYS},
            "stars": {key: label for key, label, _bound in STARS},
            "team": dict(TeamKind.choices),
        }
        facets = [self._facet(key, labels[key]) for key in _BELONGS]
        return [facet for facet in facets if len(facet.options) > 1 or any(o.selected for o in facet.options)]

    def _facet(self, key: str, labels: Mapping[str, object]) -> Facet:
        counts = Counter(value for entry in self._narrowed(but=key) for value in entry.values(key))
        chosen = self._chosen[key]
        return Facet(
            key,
            str(_NAMES[key]),
            tuple(
                FacetOption(value, str(label), counts[value], value in chosen)
                for value, label in labels.items()
                if counts[value] or value in chosen
            ),
        )

    def _narrowed(self, *, but: str = "") -> list[Entry]:
        wanted = [(key, chosen) for key, chosen in self._chosen.items() if chosen and key != but]
        return [
            entry for entry in self.entries if all(chosen & {*entry.values(key)} for key, chosen in wanted)
        ]

    @cached_property
    def _chosen(self) -> dict[str, set[str]]:
        return {key: set(self.given.getlist(key)) for key in _BELONGS}


def _most_stars(entry: Entry) -> tuple[object, ...]:
    exact = entry.score.exact
    return (exact is None, -(exact or 0), -entry.score.count, entry.price)


_ORDER_BY: Final[dict[str, Callable[[Entry], tuple[object, ...]]]] = {
    "stars": _most_stars,
    "price": lambda entry: (entry.price, entry.name),
    "days": lambda entry: (entry.days is None, entry.days or 0, entry.price),
}


def rows_of(ids: Iterable[int]) -> list[ServiceItem]:
    """The services of a page in the given order, with what a row shows."""
    rows = ServiceItem.objects.select_related("provider__team", "category").in_bulk(list(ids))
    return [rows[pk] for pk in ids if pk in rows]
