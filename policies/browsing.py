"""Browsing what is in force: words find, choices narrow, the rows of one page are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from policies.book import Book
from policies.enums import Benefit, Level, Mode
from policies.filters import ItemFilter
from policies.models import ItemVersion
from policies.search import ORDERINGS, Hits, hits
from policies.shelf import FACETS
from portal.accounts.models import Department
from portal.kernel.facets import Facet, FacetOption

_NAMES: dict[str, Mapping[str, Any]] = {
    "level": dict(Level.choices),
    "benefit": dict(Benefit.choices),
    "mode": dict(Mode.choices),
    "open_now": {"true": _("现在可办"), "false": _("不在申报期")},
}


@dataclass(frozen=True)
class Browsing:
    """The versions of a book that match words, narrowed by the choices given in an address."""

    book: Book
    words: str
    given: QueryDict

    def facets(self) -> list[Facet]:
        """Every facet with what each of its choices would leave (one query, for the departments' names)."""
        counts = self.book.shelf.counts(self._hits.mask, self._chosen)
        departments = dict(Department.objects.values_list("code", "short_name"))
        return [_facet(key, counts[key], self._chosen[key], _NAMES.get(key, departments)) for key in FACETS]

    def listing(self, ordering: str = "") -> Listing:
        """Those found, in an order of `ORDERINGS`; by default relevance if there are words, else date."""
        if ordering not in ORDERINGS:
            ordering = "relevance" if self.words.strip() else "date"
        shelf = self.book.shelf
        found = shelf.narrowed(self._hits.mask, self._chosen)
        return Listing(shelf.ordered(found, ordering, self._hits.ranks))

    @property
    def partly(self) -> bool:
        """Whether nothing holds all of the words, and what is listed holds some."""
        return self._hits.partly and bool(self._hits.mask.any())

    @cached_property
    def _hits(self) -> Hits:
        return hits(self.book.shelf.ids, self.words)

    @cached_property
    def _chosen(self) -> dict[str, list[str]]:
        """The choices of each facet, without what cannot be chosen."""
        return {key: _possible(key, self.given.getlist(key)) for key in FACETS}


@dataclass(frozen=True)
class Listing(Sequence[ItemVersion]):
    """Versions in an order. Only ids are kept: the rows of a slice are read when it is taken, one query."""

    ids: Sequence[int]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, which: int) -> ItemVersion: ...
    @overload
    def __getitem__(self, which: slice) -> list[ItemVersion]: ...
    def __getitem__(self, which: int | slice) -> ItemVersion | list[ItemVersion]:
        if isinstance(which, int):
            return ItemVersion.objects.for_lists().get(pk=self.ids[which])
        rows = ItemVersion.objects.for_lists().in_bulk(self.ids[which])
        return [rows[pk] for pk in self.ids[which] if pk in rows]


def _possible(key: str, given: list[str]) -> list[str]:
    return [value for value in given if key not in _NAMES or value in _NAMES[key]]


def _facet(key: str, counts: Mapping[str, int], chosen: Sequence[str], names: Mapping[str, Any]) -> Facet:
    options = [
        FacetOption(value, str(names.get(value, value)), count, value in chosen)
        for value, count in counts.items()
        if count or value in chosen
    ]
    return Facet(key, str(ItemFilter.base_filters[key].label), tuple(options))
