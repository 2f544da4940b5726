"""Columns of many enterprises: one fact in one period each, and the certificates of all.

Row ``n`` of every column belongs to the same enterprise: see :class:`matching.batch.frame.Frame`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Kind, Plain, Value
from enterprises.knowledge import CredentialRecord

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

    def replaced(self, rows: NDArray[np.int64], fresh: Credentials) -> Credentials:
        """These certificates, but of ``rows`` those of ``fresh``, whose row ``n`` is here ``rows[n]``."""
        kept = self._where(~np.isin(self.rows, rows))
        names = tuple(dict.fromkeys((*kept.names, *fresh.names)))
        number = np.array([names.index(name) for name in fresh.names], np.int64)
        return Credentials(
            np.concatenate((kept.rows, rows[fresh.rows])),
            np.concatenate((kept.kinds, number[fresh.kinds])),
            names,
            np.concatenate((kept.first, fresh.first)),
            np.concatenate((kept.begins, fresh.begins)),
            np.concatenate((kept.ends, fresh.ends)),
            np.concatenate((kept.revoked, fresh.revoked)),
        )

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
