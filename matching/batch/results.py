"""What matching one version against many enterprises found, in memory and as bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ELIGIBLE_FLAG, OPEN_FLAG, AMOUNT_FLAG, COMPUTABLE_FLAG, UPTO_FLAG, BOUNDED_FLAG = (1 << n for n in range(6))

_LARGEST = np.iinfo(np.int64).max


class Match(NamedTuple):
    """One enterprise that a version fits or may fit. Money in fen; ``high`` None is unbounded."""

    enterprise_id: int
    eligible: bool
    open: bool
    low: int | None
    high: int | None
    computable: bool
    upto: bool


@dataclass(frozen=True)
class Matches:
    """The enterprises a version does not refuse, rising by id; arrays of one length.

    ``flags`` are the ``*_FLAG`` bits, ``low`` and ``high`` fen (0 where not applicable). In
    memory the amounts may be Python ints (object dtype) where 64 bits could not hold them; as
    bytes they stop at the largest 64-bit integer.
    """

    ids: NDArray[np.int64]
    flags: NDArray[np.uint8]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    population: int = 0
    """How many enterprises were asked."""

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Match]:
        columns = (self.ids.tolist(), self.flags.tolist(), self.low.tolist(), self.high.tolist())
        for key, flags, low, high in zip(*columns, strict=True):
            priced = bool(flags & AMOUNT_FLAG)
            yield Match(
                key,
                bool(flags & ELIGIBLE_FLAG),
                bool(flags & OPEN_FLAG),
                low if priced else None,
                high if priced and flags & BOUNDED_FLAG else None,
                bool(flags & COMPUTABLE_FLAG),
                bool(flags & UPTO_FLAG),
            )

    def having(self, flag: int) -> Matches:
        """Only the rows with ``flag``."""
        return self.rows((self.flags & flag) != 0)

    def rows(self, which: NDArray[np.bool_] | slice) -> Matches:
        """Only the rows told by a mask or a slice."""
        return Matches(self.ids[which], self.flags[which], self.low[which], self.high[which], self.population)

    @property
    def eligible(self) -> NDArray[np.int64]:
        """Ids of the enterprises that fit."""
        return self.having(ELIGIBLE_FLAG).ids

    @property
    def opened(self) -> NDArray[np.int64]:
        """Ids of the enterprises it is open to: all they lack is a claim's facts and reviews."""
        return self.having(OPEN_FLAG).ids

    @property
    def pushable(self) -> Matches:
        """Eligible or open, and not known to be worth nothing."""
        welcome = (self.flags & (ELIGIBLE_FLAG | OPEN_FLAG)) != 0
        worthless = (self.flags & AMOUNT_FLAG != 0) & (self.flags & BOUNDED_FLAG != 0) & (self.high == 0)
        return self.rows(welcome & ~worthless.astype(bool))

    @property
    def needs_info(self) -> NDArray[np.int64]:
        """Ids of the enterprises that lack information."""
        return self.ids[(self.flags & ELIGIBLE_FLAG) == 0]

    def total(self) -> tuple[int, int | None]:
        """Fen over everyone, an unsettled enterprise's low counted as 0; high None is unbounded."""
        priced = self.having(AMOUNT_FLAG)
        low = sum(priced.having(ELIGIBLE_FLAG).low.tolist())
        bounded = bool(np.all(priced.flags & BOUNDED_FLAG))
        return low, sum(priced.high.tolist()) if bounded else None

    def to_bytes(self) -> bytes:
        """Compressed bytes: ids as steps from one to the next, then flags, low, high."""
        steps = np.diff(self.ids, prepend=0).astype("<i8")
        amounts = [np.minimum(column, _LARGEST).astype("<i8") for column in (self.low, self.high)]
        parts = [steps, self.flags.astype(np.uint8), *amounts]
        head = self.population.to_bytes(8, "little")
        return zlib.compress(head + b"".join(part.tobytes() for part in parts), 3)

    @classmethod
    def from_bytes(cls, data: bytes) -> Matches:
        """The matches that :meth:`to_bytes` wrote."""
        raw = zlib.decompress(data)
        count = (len(raw) - 8) // 25
        steps = np.frombuffer(raw, "<i8", count, 8)
        flags = np.frombuffer(raw, np.uint8, count, 8 + 8 * count)
        low, high = np.frombuffer(raw, "<i8", 2 * count, 8 + 9 * count).reshape(2, count)
        population = int.from_bytes(raw[:8], "little")
        return cls(np.cumsum(steps), flags, low.astype(np.int64), high.astype(np.int64), population)
