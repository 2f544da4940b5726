"""Versions in force as columns of yes and no: counting and narrowing thousands of them takes no query.

Pure. It answers as `policies.search.find` does in SQL; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from policies.enums import Benefit, Mode

Mask = NDArray[np.bool_]
"""Which entries, by position."""
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Entry:
    """What finding, judging and adding up need of a version; long texts are read for the page shown only."""

    version_id: int
    item_id: int
    code: str
    title: str
    rule_version_id: int
    mode: str
    benefit: str
    group: str
    grants: str
    window_from: date | None
    window_to: date | None
    level: str
    department: str
    topics: list[str]
    targets: list[str]
    amount_max_fen: int | None
    published_at: datetime

    @property
    def enjoy(self) -> bool:
        return self.mode == Mode.ENJOY

    @property
    def pays(self) -> bool:
        """Whether money is paid out; only that is added up."""
        return self.benefit == Benefit.MONEY

    def is_open(self, day: date) -> bool:
        """Whether the window is open on a day; an absent bound is no bound."""
        return (self.window_from is None or self.window_from <= day) and (
            self.window_to is None or day <= self.window_to
        )


FACETS: dict[str, Callable[[Entry, date], Iterable[str]]] = {
    "level": lambda entry, day: (entry.level,),
    "department": lambda entry, day: (entry.department,),
    "topic": lambda entry, day: entry.topics,
    "benefit": lambda entry, day: (entry.benefit,),
    "target": lambda entry, day: entry.targets,
    "mode": lambda entry, day: (entry.mode,),
    "open_now": lambda entry, day: ("true" if entry.is_open(day) else "false",),
}
"""Ways to narrow a list, and the choices of each that an entry belongs to."""


@dataclass(frozen=True)
class Choices:
    """The choices of one facet; `held[n]` tells which entries belong to `values[n]`."""

    values: tuple[str, ...]
    held: NDArray[np.bool_]

    @classmethod
    def of(cls, belongings: Sequence[Iterable[str]]) -> Choices:
        """From the choices that each entry belongs to."""
        values = tuple(dict.fromkeys(value for belonging in belongings for value in belonging))
        place = {value: number for number, value in enumerate(values)}
        held = np.zeros((len(values), len(belongings)), bool)
        for position, belonging in enumerate(belongings):
            held[[place[value] for value in belonging], position] = True
        return cls(values, held)

    def any_of(self, wanted: Sequence[str]) -> Mask:
        """Entries that belong to one of the choices wanted."""
        found: Mask = np.any(self.held[[value in wanted for value in self.values]], axis=0)
        return found

    def counts(self, among: Mask) -> dict[str, int]:
        """How many of some entries belong to each choice, the most frequent first."""
        counted = zip(self.values, (self.held & among).sum(axis=1).tolist(), strict=True)
        return dict(sorted(counted, key=lambda one: (-one[1], one[0])))


class Shelf:
    """All entries of a book, laid out. `chosen` is always facet → choices wanted; empty wants all."""

    def __init__(self, entries: Sequence[Entry], day: date) -> None:
        self.ids = np.array([entry.version_id for entry in entries], np.int64)
        self.choices = {
            key: Choices.of([list(read(entry, day)) for entry in entries]) for key, read in FACETS.items()
        }
        self._orders = {name: _order(entries, key) for name, key in _ORDERS.items()}

    def narrowed(self, among: Mask, chosen: Mapping[str, Sequence[str]], *, but: str = "") -> Mask:
        """Those of some entries that every facet's choices let through, one facet left aside."""
        for key, wanted in chosen.items():
            if wanted and key != but:
                among = among & self.choices[key].any_of(wanted)
        return among

    def counts(self, among: Mask, chosen: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
        """How many each choice of each facet would leave.

        A facet's counts obey the other facets' choices, not its own, so that a second choice can be added.
        """
        return {
            key: choices.counts(self.narrowed(among, chosen, but=key))
            for key, choices in self.choices.items()
        }

    def ordered(self, among: Mask, ordering: str, ranks: NDArray[np.float64] | None = None) -> list[int]:
        """Version ids of some entries in an order of `policies.search.ORDERINGS`; `ranks` for relevance."""
        order = self._orders.get(ordering, self._orders["date"])
        if ordering == "relevance" and ranks is not None:
            order = order[np.argsort(-ranks[order], kind="stable")]
        found: list[int] = self.ids[order[among[order]]].tolist()
        return found


_ORDERS: dict[str, Callable[[Entry], tuple[object, ...]]] = {
    "date": lambda entry: (-entry.published_at.timestamp(), -entry.version_id),
    "deadline": lambda entry: (entry.window_to or date.max, -entry.version_id),
    "amount": lambda entry: (
        entry.amount_max_fen is None,
        -(entry.amount_max_fen or 0),
        -entry.version_id,
    ),
}


def _order(entries: Sequence[Entry], key: Callable[[Entry], tuple[object, ...]]) -> Positions:
    return np.array(sorted(range(len(entries)), key=lambda position: key(entries[position])), np.intp)
