"""How a loss is shared between a pool and a bank, to the fen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal


@dataclass(frozen=True, slots=True)
class Shares:
    """A sum in fen, divided; the two are always the sum."""

    guarantee_fen: int
    bank_fen: int


def split(sum_fen: int, guarantee_share: Decimal) -> Shares:
    """The pool's `guarantee_share` percent rounded down to the fen; the bank bears (or keeps) the rest.

    Public money never pays more than its percentage. The database computes the same.
    """
    part = int((sum_fen * guarantee_share / 100).to_integral_value(rounding=ROUND_FLOOR))
    return Shares(part, sum_fen - part)


def returned(recovered_fen: int, more_fen: int, guarantee_share: Decimal) -> int:
    """Of `more_fen` that came back after `recovered_fen`, the pool's part.

    Parts are differences of whole sums: however many they are, the pool has its share of the total, and
    what it paid exactly once all is back.
    """
    after = split(recovered_fen + more_fen, guarantee_share)
    return after.guarantee_fen - split(recovered_fen, guarantee_share).guarantee_fen
