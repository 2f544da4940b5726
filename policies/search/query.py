"""Finding items: what people type becomes a ranked queryset over versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, Q, Value
from numpy.typing import NDArray

from policies.models import SearchEntry, SearchWord
from policies.models.version import VersionQuerySet
from policies.search.text import LONGEST_QUERY, cut, runs, substrings

ORDERINGS: dict[str, tuple[Any, ...]] = {
    "relevance": ("-rank", "-published_at", "-pk"),
    "deadline": (F("window_to").asc(nulls_last=True), "-pk"),
    "amount": (F("amount_max_fen").desc(nulls_last=True), "-pk"),
    "date": ("-published_at", "-pk"),
}
"""Orders a list may be asked in; each is total, so that pages do not overlap."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query, cut: `words` that some item contains, `leftovers` that are no word of any.

    One of the words is enough when `either`, all must occur otherwise.
    """

    words: tuple[str, ...]
    leftovers: tuple[str, ...]
    either: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.leftovers

    def eased(self) -> Iterator[Parsed]:
        """What to look for, one after the other, until something is found."""
        yield self
        if self.words and self.leftovers:
            yield replace(self, leftovers=())
        if len(self.words) > 1:
            yield replace(self, leftovers=(), either=True)


_NO_RANK = Value(0.0, output_field=FloatField())


class _AllOf(SearchQuery):
    """Lexemes as they stand: PostgreSQL's own parser would cut document numbers.

    The words come from `SearchWord` and hold letters and digits only.
    """

    template = "(%(expressions)s)::tsquery"


def parse(query: str) -> Parsed:
    """Cut a query with the words that are indexed (one database query)."""
    stretches = runs(query[:LONGEST_QUERY])
    candidates = set().union(*map(substrings, stretches))
    known: set[str] = set()
    if candidates:
        known = set(SearchWord.objects.filter(word__in=candidates).values_list("word", flat=True))
    words: dict[str, None] = {}
    leftovers: dict[str, None] = {}
    for stretch in stretches:
        found, rest = cut(stretch, known)
        words.update(dict.fromkeys(found))
        leftovers.update(dict.fromkeys(rest))
    return Parsed(tuple(words), tuple(leftovers))


def search(versions: VersionQuerySet, query: str) -> VersionQuerySet:
    """Those that match a query, each with `rank`. An empty query keeps them all, at rank 0.

    All words must occur. A leftover (a single character, a word no item knows) must occur in the title
    or number as typed. Where nothing would remain, leftovers are let go, then any of the words is enough.
    """
    parsed = parse(query)
    if parsed.is_empty:
        return versions.annotate(rank=_NO_RANK)
    stages = list(parsed.eased())
    for stage in stages:
        found = versions.filter(_condition(stage, "search__"), search__isnull=False)
        if stage is stages[-1] or found.exists():
            break
    return found.annotate(rank=_rank(stage, "search__"))


@dataclass(frozen=True)
class Hits:
    """Which of a list of versions match a query, by position, and how well (None: all alike).

    `partly`: nothing holds all of the words, these hold some.
    """

    mask: NDArray[np.bool_]
    ranks: NDArray[np.float64] | None = None
    partly: bool = False


def hits(ids: NDArray[np.int64], query: str) -> Hits:
    """As `search`, among versions given by rising id: two queries, up to four where nothing would remain."""
    parsed = parse(query)
    if parsed.is_empty:
        return Hits(np.ones(len(ids), bool))
    for stage in parsed.eased():
        found = _among(ids, stage)
        if found.mask.any():
            break
    return found


def _among(ids: NDArray[np.int64], parsed: Parsed) -> Hits:
    entries = SearchEntry.objects.filter(_condition(parsed)).annotate(rank=_rank(parsed))
    ranks = dict(entries.values_list("version_id", "rank"))
    ranked = [ranks.get(pk, -1.0) for pk in ids.tolist()]  # PostgreSQL ranks from 0 upwards
    return Hits(np.array(ranked) >= 0, np.array(ranked, np.float64), partly=parsed.either)


def _condition(parsed: Parsed, path: str = "") -> Q:
    condition = Q()
    for leftover in parsed.leftovers:
        condition &= Q(**{f"{path}text__contains": leftover})
    if parsed.words:
        condition &= Q(**{f"{path}vector": _tsquery(parsed)})
    return condition


def _rank(parsed: Parsed, path: str = "") -> Any:
    return SearchRank(F(f"{path}vector"), _tsquery(parsed)) if parsed.words else _NO_RANK


def _tsquery(parsed: Parsed) -> SearchQuery:
    return _AllOf((" | " if parsed.either else " & ").join(f"'{word}'" for word in parsed.words))


def find(
    versions: VersionQuerySet, query: str = "", ordering: str = "", filters: Any = None
) -> VersionQuerySet:
    """Versions that match a query and filters, in an order of `ORDERINGS`, with what a list row shows.

    `filters` is the data of `policies.filters.ItemFilter` (a mapping such as `request.GET`). The order
    is relevance when there is a query, else date; an unknown name means the default.
    """
    from policies.filters import ItemFilter

    found = search(versions, query)
    if filters is not None:
        found = ItemFilter(filters, queryset=found).qs
    default = "relevance" if query.strip() else "date"
    return found.for_lists().order_by(*ORDERINGS.get(ordering, ORDERINGS[default]))
