"""Facts of many enterprises as NumPy columns: the same answers as ``Knowledge``, for all rows at once.

Row ``n`` of every column belongs to enterprise ``ids[n]``. Pure: a :class:`Frame` is filled from
the database by :mod:`matching.batch.loading`, or from ``Knowledge`` objects by :func:`frame_of`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, FactSpec, Kind, Plain, Purpose, Scope, Value
from enterprises.derived import DERIVED
from enterprises.knowledge import CredentialRecord, Knowledge

Ints = NDArray[Any]
"""``int64``, or Python ints (object dtype) where 64 bits could overflow."""
States = NDArray[np.uint8]

UNKNOWN, INAPPLICABLE, PRESENT = range(3)

LABELLED = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.CODE})
"""Kinds whose column holds positions in a list of distinct values."""


@dataclass(frozen=True)
class Column:
    """One fact in one period. Where ``state`` is PRESENT the value is

    * ``labels[values]`` for a labelled fact, else
    * ``values / (factor * below)``; ``below`` is None but for ratios (then positive).
    """

    values: Ints
    state: States
    labels: tuple[Plain, ...] | None = None
    factor: int = 1
    below: Ints | None = None

    @classmethod
    def blank(cls, count: int) -> Column:
        """Nothing known of anyone."""
        return cls(np.zeros(count, np.int64), np.zeros(count, np.uint8))

    @property
    def present(self) -> NDArray[np.bool_]:
        return self.state == PRESENT

    def at(self, row: int, spec: FactSpec) -> Value | None:
        """The canonical value of one row; None where nothing is known."""
        if self.state[row] == UNKNOWN:
            return None
        if self.state[row] == INAPPLICABLE:
            return NOT_APPLICABLE
        value = int(self.values[row])
        if self.labels is not None:
            return self.labels[value]
        if spec.kind in (Kind.BOOL, Kind.DATE):
            return spec.from_scaled(value)
        return Fraction(value, self.factor * (1 if self.below is None else int(self.below[row])))

    def take(self, rows: NDArray[np.int64]) -> Column:
        """The same column of some rows."""
        below = None if self.below is None else self.below[rows]
        return Column(self.values[rows], self.state[rows], self.labels, self.factor, below)

    def over(self, other: Column) -> Column:
        """This column's rows where it knows something, else the other's."""
        mine = self.state != UNKNOWN
        labels, theirs = _merged(self, other)
        below = None
        if self.below is not None or other.below is not None:
            ones = np.ones(len(self.state), np.int64)
            below = np.where(
                mine,
                ones if self.below is None else self.below,
                ones if other.below is None else other.below,
            )
        return Column(
            np.where(mine, self.values, theirs),
            np.where(mine, self.state, other.state),
            labels,
            max(self.factor, other.factor),  # a column with nothing present says 1
            below,
        )


def _merged(mine: Column, other: Column) -> tuple[tuple[Plain, ...] | None, Ints]:
    """Labels that serve both columns, and the other's values as positions in them."""
    if mine.labels is None or other.labels is None or mine.labels == other.labels:
        return mine.labels or other.labels, other.values
    labels = tuple(dict.fromkeys((*mine.labels, *other.labels)))
    place = {label: position for position, label in enumerate(labels)}
    moved = np.array([place[label] for label in other.labels] or [0], np.int64)
    return labels, moved[other.values]


@dataclass(frozen=True)
class Credentials:
    """Certificates of all enterprises: one entry a certificate, days as ordinals, 0 for none.

    ``names[kinds]`` are the kinds.
    """

    rows: NDArray[np.int64]
    kinds: NDArray[np.int64]
    names: tuple[str, ...]
    first: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    revoked: NDArray[np.bool_]

    @classmethod
    def of(cls, records: Iterable[tuple[int, CredentialRecord]]) -> Credentials:
        """From (row, record) pairs."""
        listed = list(records)
        names = dict.fromkeys(record.kind for _row, record in listed)
        place = {name: number for number, name in enumerate(names)}

        def days(read: Callable[[CredentialRecord], dt.date | None]) -> NDArray[np.int64]:
            found = (read(record) for _row, record in listed)
            return np.array([day.toordinal() if day else 0 for day in found], np.int64)

        return cls(
            np.array([row for row, _record in listed], np.int64),
            np.array([place[record.kind] for _row, record in listed], np.int64),
            tuple(place),
            days(lambda record: record.first_obtained),
            days(lambda record: record.valid_from),
            days(lambda record: record.valid_to),
            np.array([record.revoked for _row, record in listed], bool),
        )

    def of_kind(self, kind: str) -> Credentials:
        """The certificates of one kind."""
        number = self.names.index(kind) if kind in self.names else -1
        return self._where(self.kinds == number)

    def of_rows(self, rows: NDArray[np.int64], count: int) -> Credentials:
        """The certificates of some of ``count`` rows, which are numbered anew."""
        place = np.full(count, -1, np.int64)
        place[rows] = np.arange(len(rows))
        found = self._where(place[self.rows] >= 0)
        return replace(found, rows=place[found.rows])

    def held_on(self, day: int) -> NDArray[np.bool_]:
        """Which stood on a day: both ends inclusive, an open end stands for ever."""
        begun = (self.begins == 0) | (self.begins <= day)
        ended = (self.ends != 0) & (day > self.ends)
        return ~self.revoked & begun & ~ended

    def _where(self, which: NDArray[np.bool_]) -> Credentials:
        return Credentials(
            self.rows[which],
            self.kinds[which],
            self.names,
            self.first[which],
            self.begins[which],
            self.ends[which],
            self.revoked[which],
        )


Stored = dict[str, dict[int | None, Column]]


class Source(Protocol):
    """Where a frame's columns come from."""

    def facts(self, frame: Frame, keys: set[str]) -> Stored:
        """The columns of stored facts, one entry a key even where nothing is known."""

    def credentials(self, frame: Frame) -> Credentials:
        """The newest record of each certificate."""


@dataclass
class Frame:
    """Everything known of a list of enterprises on a day, for a purpose.

    ``stored`` maps key → period (None where a fact has none) → column; ``source`` brings in the
    facts and credentials asked for and not there yet.
    """

    catalogue: Catalogue
    ids: NDArray[np.int64]
    as_of: dt.date
    purpose: Purpose = Purpose.SHOW
    stored: Stored = field(default_factory=dict)
    source: Source | None = None
    newest: dt.datetime | None = None
    """When the newest of what was loaded so far was recorded; None for a frame from no database."""
    _credentials: Credentials | None = None
    _made: dict[tuple[str, str, int | None], Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def credentials(self) -> Credentials:
        """All certificates, revoked and expired ones included."""
        if self._credentials is None:
            self._credentials = Credentials.of(()) if self.source is None else self.source.credentials(self)
        return self._credentials

    def value(self, key: str, period: int | None = None) -> Column:
        """The values in force for exactly this period (None: of a fact without periods)."""
        if key not in DERIVED or self.catalogue[key].scope is Scope.CLAIM:
            return self._stored(key).get(period) or Column.blank(len(self))
        made = self._made.get(("value", key, period))
        if made is None:
            from matching.batch.derived_columns import derive

            made = self._made["value", key, period] = derive(self, DERIVED[key], period)
        return made

    def latest(self, key: str, not_after: int) -> Column:
        """The newest known year up to ``not_after`` for each row; of a fact without periods, its value."""
        if not self.catalogue[key].periodic:
            return self.value(key)
        made = self._made.get(("latest", key, not_after))
        if made is None:
            made = self._made["latest", key, not_after] = self._latest(key, not_after)
        return made

    def years(self, key: str) -> set[int]:
        """Years in which anyone's value of a periodic fact might be known."""
        if key not in DERIVED:
            return {year for year in self._stored(key) if year is not None}
        return {
            year - needed.offset
            for needed in DERIVED[key].inputs
            if needed.periodic and needed.key in self.catalogue
            for year in self.years(needed.key)
        }

    def _latest(self, key: str, not_after: int) -> Column:
        newest = Column.blank(len(self))
        for year in sorted(year for year in self.years(key) if year <= not_after):
            column = self.value(key, year)
            if key in DERIVED:
                heard = self._heard(key, year)
                column = Column(
                    column.values,
                    np.where(heard, column.state, UNKNOWN).astype(np.uint8),
                    column.labels,
                    column.factor,
                    column.below,
                )
            newest = column.over(newest)
        return newest

    def _heard(self, key: str, year: int) -> NDArray[np.bool_]:
        """Rows where the year counts for a derived fact: some yearly input is known."""
        if key not in DERIVED:
            return self.value(key, year).state != UNKNOWN
        heard = np.zeros(len(self), bool)
        for needed in DERIVED[key].inputs:
            if needed.periodic and needed.key in self.catalogue:
                heard |= self._heard(needed.key, year + needed.offset)
        return heard

    def _stored(self, key: str) -> dict[int | None, Column]:
        if key not in self.stored:
            self.need({key})
        return self.stored.setdefault(key, {})

    def part(self, rows: NDArray[np.int64]) -> Frame:
        """The same knowledge of some rows only."""
        return _Part(self.catalogue, self.ids[rows], self.as_of, self.purpose, whole=self, rows=rows)

    def need(self, keys: Iterable[str]) -> None:
        """Bring in at once the stored facts that these facts are made from."""
        wanted: set[str] = set()
        pending = [key for key in keys if key in self.catalogue]
        while pending:
            key = pending.pop()
            if key in DERIVED:
                pending += [needed.key for needed in DERIVED[key].inputs if needed.key in self.catalogue]
            elif key not in self.stored and self.catalogue[key].scope is Scope.ENTERPRISE:
                wanted.add(key)
        if wanted and self.source is not None:
            self.stored |= self.source.facts(self, wanted)


@dataclass
class _Part(Frame):
    """Some rows of a frame; columns are cut out of it when asked for."""

    whole: Frame = field(kw_only=True)
    rows: NDArray[np.int64] = field(kw_only=True)

    @property
    def credentials(self) -> Credentials:
        if self._credentials is None:
            self._credentials = self.whole.credentials.of_rows(self.rows, len(self.whole))
        return self._credentials

    def value(self, key: str, period: int | None = None) -> Column:
        return self._cut("value", key, period)

    def latest(self, key: str, not_after: int) -> Column:
        return self._cut("latest", key, not_after)

    def _cut(self, how: str, key: str, period: int | None) -> Column:
        made = self._made.get((how, key, period))
        if made is None:
            made = self._made[how, key, period] = getattr(self.whole, how)(key, period).take(self.rows)
        return made


def column_of(spec: FactSpec, values: Sequence[Value | None]) -> Column:
    """A column from canonical values, None where nothing is known."""
    state = np.array([_state(value) for value in values], np.uint8)
    present = [value if told == PRESENT else None for value, told in zip(values, state, strict=True)]
    if spec.kind in LABELLED:
        labels = tuple(dict.fromkeys(value for value in present if value is not None))
        place = {label: position for position, label in enumerate(labels)}
        return Column(np.array([place.get(value, 0) for value in present], np.int64), state, labels)  # type: ignore[arg-type]
    scaled = [0 if value is None else spec.to_scaled(value) for value in present]  # type: ignore[arg-type]
    factor = 10**spec.scale if spec.kind in (Kind.NUMBER, Kind.PERCENT, Kind.INTEGER) else 1
    return Column(np.array(scaled, np.int64), state, None, factor)


def _state(value: Value | None) -> int:
    if value is None:
        return UNKNOWN
    return INAPPLICABLE if value is NOT_APPLICABLE else PRESENT


def frame_of(knowledge: Sequence[Knowledge]) -> Frame:
    """A frame from the knowledge of each enterprise (at least one; same day and purpose)."""
    sample = knowledge[0]
    catalogue = sample.catalogue
    ids = np.array([known.enterprise_id or row for row, known in enumerate(knowledge)], np.int64)
    frame = Frame(catalogue, ids, sample.as_of, sample.purpose)
    periods: dict[str, set[int | None]] = {}
    for known in knowledge:
        for key, by_period in known.facts.items():
            periods.setdefault(key, set()).update(by_period)
        for key in known.claims:
            periods.setdefault(key, set()).add(None)
    for key, found in periods.items():
        of_claim = catalogue[key].scope is Scope.CLAIM
        for period in found:
            told = [
                (known.claims.get(key) if of_claim else known.facts.get(key, {}).get(period))
                for known in knowledge
            ]
            values = [one.value if one is not None else None for one in told]
            frame.stored.setdefault(key, {})[period] = column_of(catalogue[key], values)
    frame._credentials = Credentials.of(
        (row, record) for row, known in enumerate(knowledge) for record in known.credentials()
    )
    return frame
