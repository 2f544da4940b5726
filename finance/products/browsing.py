"""Browsing the offer: words find, facets narrow and count, one order at a time. No query but the book's."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from finance.models.vocabulary import Kind, LoanPurpose, Security
from finance.products.book import Book, Entry, in_force
from finance.products.searching import Hits, find
from portal.kernel.facets import Facet, FacetOption
from portal.kernel.money import WAN

ORDERS: Final = {
    "relevance": _("最相关"),
    "rate": _("利率最低"),
    "amount": _("额度最高"),
    "speed": _("答复最快"),
    "new": _("最新上架"),
}
AMOUNTS: Final[Mapping[str, tuple[Any, int]]] = {
    "30": (_("30 万元"), 30 * WAN),
    "100": (_("100 万元"), 100 * WAN),
    "300": (_("300 万元"), 300 * WAN),
    "500": (_("500 万元"), 500 * WAN),
    "1000": (_("1000 万元"), 1000 * WAN),
}
"""Amounts that somebody wants; a product belongs to each that it reaches."""
TERMS: Final[Mapping[str, tuple[Any, int]]] = {
    "6": (_("半年"), 6),
    "12": (_("一年"), 12),
    "36": (_("三年"), 36),
    "60": (_("五年"), 60),
}
UNSAID: Final = "unsaid"
FACETS: Final[Mapping[str, tuple[Any, Callable[[Entry], Iterable[str]]]]] = {
    "amount": (_("要借多少"), lambda entry: _reached(entry.amount_min_fen, entry.amount_max_fen, AMOUNTS)),
    "security": (_("担保方式"), lambda entry: entry.securities),
    "kind": (_("种类"), lambda entry: (entry.kind,)),
    "purpose": (_("用途"), lambda entry: entry.purposes),
    "term": (_("要借多久"), lambda entry: _reached(entry.term_min, entry.term_max, TERMS)),
    "bank": (_("银行"), lambda entry: (entry.bank_code,)),
}
"""Ways to narrow a list, and the choices of each that a product belongs to."""
_LABELS: Final[Mapping[str, Mapping[str, Any]]] = {
    "amount": {key: label for key, (label, _least) in AMOUNTS.items()} | {UNSAID: _("银行核定")},
    "term": {key: label for key, (label, _least) in TERMS.items()} | {UNSAID: _("没有写明")},
    "kind": dict(Kind.choices),
    "security": dict(Security.choices),
    "purpose": dict(LoanPurpose.choices),
}
_DEAR, _NEVER = Decimal(99), 999


@dataclass(frozen=True)
class Browsing:
    """The entries of a book that match words, narrowed by the choices given in an address."""

    book: Book
    words: str
    given: QueryDict
    keys: Collection[str] = tuple(FACETS)
    """Which of `FACETS` narrow it."""

    def facets(self) -> list[Facet]:
        """Every facet with what each of its choices would leave.

        A facet's counts obey the other facets' choices, not its own, so that a second can be added.
        """
        names = {**_LABELS, "bank": {entry.bank_code: entry.bank for entry in self.book.entries}}
        return [self._facet(key, names[key]) for key in self.keys]

    def listing(self, order: str = "") -> list[Entry]:
        """Those found, in an order of `ORDERS`; by default relevance if there are words, else the rate."""
        found = [entry for entry in self._matching if self._passes(entry)]
        if order not in ORDERS or (order == "relevance" and self._hits is None):
            order = "rate" if self._hits is None else "relevance"
        return ordered(found, order, self._hits)

    @property
    def partly(self) -> bool:
        """Whether nothing holds all of the words, and what is listed holds some."""
        return self._hits is not None and self._hits.partly and bool(self._hits.ranks)

    @cached_property
    def _hits(self) -> Hits | None:
        return find(self.book.entries, self.words)

    @cached_property
    def _matching(self) -> list[Entry]:
        hits = self._hits
        return [entry for entry in self.book.entries if hits is None or entry.version_id in hits.ranks]

    @cached_property
    def _chosen(self) -> dict[str, set[str]]:
        """The choices of each facet, without what cannot be chosen."""
        banks = {entry.bank_code for entry in self.book.entries}
        possible: Mapping[str, Iterable[str]] = {**_LABELS, "bank": banks}
        return {key: set(self.given.getlist(key)) & set(possible[key]) for key in self.keys}

    def _passes(self, entry: Entry, *, but: str = "") -> bool:
        return all(
            not chosen.isdisjoint(FACETS[key][1](entry))
            for key, chosen in self._chosen.items()
            if chosen and key != but
        )

    def _facet(self, key: str, names: Mapping[str, Any]) -> Facet:
        label, read = FACETS[key]
        chosen = self._chosen[key]
        counts = Counter(
            value for entry in self._matching if self._passes(entry, but=key) for value in read(entry)
        )
        options = [
            FacetOption(value, str(name), counts[value], value in chosen)
            for value, name in names.items()
            if counts[value] or value in chosen
        ]
        if key == "bank":
            options.sort(key=lambda option: (-option.count, option.label))
        return Facet(key, str(label), tuple(options))


def products_named(words: str, day: dt.date) -> list[Entry]:
    """What is on offer and holds all the words, best first; nothing without words. One query at most."""
    if not words.strip():
        return []
    browsing = Browsing(in_force(day), words, QueryDict())
    return [] if browsing.partly else browsing.listing()


def ordered(entries: Iterable[Entry], order: str, hits: Hits | None = None) -> list[Entry]:
    """Entries in an order of `ORDERS`, what is not known last; the same on every page."""
    keys: Mapping[str, Callable[[Entry], Any]] = {
        "relevance": lambda entry: -(hits.ranks[entry.version_id] if hits else 0),
        "rate": lambda entry: (entry.rate_low or entry.rate_high or _DEAR, entry.rate_high or _DEAR),
        "amount": lambda entry: -(entry.amount_max_fen or 0),
        "speed": lambda entry: entry.answer_days or _NEVER,
        "new": lambda entry: -entry.published_at.timestamp(),
    }
    return sorted(entries, key=lambda entry: (keys[order](entry), entry.code))


def _reached(low: int | None, high: int | None, wanted: Mapping[str, tuple[Any, int]]) -> Iterable[str]:
    """Which of the sizes lie between a product's bounds; an absent upper bound is told as such."""
    if high is None:
        return (UNSAID,)
    return [key for key, (_label, size) in wanted.items() if (low or 0) <= size <= high]
