"""Scores of many enterprises as bytes: rising ids with points, and the bounds they lie between."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BANDS = 10
"""How many bands a distribution has: ten points each, the last one with 100."""
BAND_WIDTH = 1_000
"""Hundredths of a point."""

_ROW = np.dtype([("id", "<i8"), ("points", "<i2"), ("low", "<i2"), ("high", "<i2")])


@dataclass(frozen=True)
class Points:
    """Scores in hundredths of a point; row ``n`` of each array belongs to enterprise ``ids[n]``."""

    ids: NDArray[np.int64]
    points: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def settled(self) -> int:
        """Of how many no missing fact can change the score."""
        return int(np.count_nonzero(self.low == self.high))

    @property
    def bands(self) -> list[int]:
        """How many lie in each band."""
        return banded(self.points).tolist()

    def part(self, begin: int, end: int) -> Points:
        """Rows ``begin`` to ``end``."""
        rows = slice(begin, end)
        return Points(self.ids[rows], self.points[rows], self.low[rows], self.high[rows])

    def of(self, enterprise: int) -> tuple[int, int, int] | None:
        """Points, low and high of one enterprise; None where it has none here."""
        row = int(np.searchsorted(self.ids, enterprise))
        if row == len(self.ids) or self.ids[row] != enterprise:
            return None
        return int(self.points[row]), int(self.low[row]), int(self.high[row])

    def to_bytes(self) -> bytes:
        """Packed and compressed."""
        rows = np.empty(len(self.ids), _ROW)
        rows["id"] = np.diff(self.ids, prepend=0)  # rising ids differ by little
        rows["points"], rows["low"], rows["high"] = self.points, self.low, self.high
        return zlib.compress(b"".join(rows[name].tobytes() for name in _ROW.names or ()), 3)

    @classmethod
    def from_bytes(cls, packed: bytes) -> Points:
        """What ``to_bytes`` packed."""
        plain = zlib.decompress(packed)
        count, begin, columns = len(plain) // _ROW.itemsize, 0, []
        for name in _ROW.names or ():
            kind = _ROW[name]
            columns.append(np.frombuffer(plain, kind, count, begin))
            begin += count * kind.itemsize
        ids = np.cumsum(columns[0], dtype=np.int64)
        return cls(ids, *(column.astype(np.int32) for column in columns[1:]))


def band_of(points: int) -> int:
    """The band a score lies in, from 0."""
    return min(points // BAND_WIDTH, BANDS - 1)


def banded(points: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many scores lie in each band."""
    return np.bincount(np.minimum(points // BAND_WIDTH, BANDS - 1), minlength=BANDS)
