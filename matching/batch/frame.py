"""Facts of many enterprises at once: the same answers as ``Knowledge``, a column a question.

Row ``n`` of every column belongs to enterprise ``ids[n]``. Pure: a :class:`Frame` is filled from
the database by :mod:`matching.batch.loading`, or from ``Knowledge`` objects by :func:`frame_of`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Catalogue, Purpose, Scope
from enterprises.derived import DERIVED, Derived, Input, sources_of
from enterprises.knowledge import Knowledge
from matching.batch.columns import UNKNOWN, Column, Credentials, column_of
from matching.batch.derived_columns import derive

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
    certificates: Credentials | None = None
    """What ``credentials`` answers with, once loaded."""
    _made: dict[tuple[str, str, int | None], Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def credentials(self) -> Credentials:
        """All certificates, revoked and expired ones included."""
        if self.certificates is None:
            self.certificates = Credentials.of(()) if self.source is None else self.source.credentials(self)
        return self.certificates

    def value(self, key: str, period: int | None = None) -> Column:
        """The values in force for exactly this period (None: of a fact without periods)."""
        if key not in DERIVED or self.catalogue[key].scope is Scope.CLAIM:
            return self._stored(key).get(period) or Column.blank(len(self))
        made = self._made.get(("value", key, period))
        if made is None:
            made = self._made["value", key, period] = self._derived(DERIVED[key], period)
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

    def _derived(self, derived: Derived, period: int | None) -> Column:
        if derived.periodic and period is None:
            return Column.blank(len(self))
        inputs = [self._input(needed, period) for needed in derived.inputs]
        return derive(derived, inputs, self.catalogue, self.as_of)

    def _input(self, needed: Input, period: int | None) -> Column:
        if needed.key not in self.catalogue or (needed.periodic and period is None):
            return Column.blank(len(self))
        shifted = None if period is None or not needed.periodic else period + needed.offset
        return self.value(needed.key, shifted)

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
        known = (key for key in sources_of(keys) if key in self.catalogue and key not in DERIVED)
        wanted = {
            key for key in known if key not in self.stored and self.catalogue[key].scope is Scope.ENTERPRISE
        }
        if wanted and self.source is not None:
            self.stored |= self.source.facts(self, wanted)


@dataclass
class _Part(Frame):
    """Some rows of a frame; columns are cut out of it when asked for."""

    whole: Frame = field(kw_only=True)
    rows: NDArray[np.int64] = field(kw_only=True)

    @property
    def credentials(self) -> Credentials:
        if self.certificates is None:
            self.certificates = self.whole.credentials.of_rows(self.rows, len(self.whole))
        return self.certificates

    def value(self, key: str, period: int | None = None) -> Column:
        return self._cut("value", key, period)

    def latest(self, key: str, not_after: int) -> Column:
        return self._cut("latest", key, not_after)

    def _cut(self, how: str, key: str, period: int | None) -> Column:
        made = self._made.get((how, key, period))
        if made is None:
            made = self._made[how, key, period] = getattr(self.whole, how)(key, period).take(self.rows)
        return made


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
    frame.certificates = Credentials.of(
        (row, record) for row, known in enumerate(knowledge) for record in known.credentials()
    )
    return frame
