"""Finding items: what people type becomes a ranked queryset over versions."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, Q, Value

from policies.models import SearchWord
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
    """A query, cut: `words` that some item contains, `leftovers` that are no word of any."""

    words: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.leftovers


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
    or number as typed, unless there are words and nothing would remain.
    """
    parsed = parse(query)
    if parsed.is_empty:
        return versions.annotate(rank=Value(0.0, output_field=FloatField()))
    strict = _matching(versions, parsed.words, parsed.leftovers)
    if parsed.words and parsed.leftovers and not strict.exists():
        return _matching(versions, parsed.words, ())
    return strict


def _matching(
    versions: VersionQuerySet, words: tuple[str, ...], leftovers: tuple[str, ...]
) -> VersionQuerySet:
    condition = Q(search__isnull=False)
    for leftover in leftovers:
        condition &= Q(search__text__contains=leftover)
    if not words:
        return versions.filter(condition).annotate(rank=Value(0.0, output_field=FloatField()))
    tsquery = _AllOf(" & ".join(f"'{word}'" for word in words))
    rank = SearchRank(F("search__vector"), tsquery)
    return versions.filter(condition, search__vector=tsquery).annotate(rank=rank)


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
