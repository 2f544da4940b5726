"""Strict three-valued (Kleene) logic."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """Ordered so that ALL is the least and ANY the greatest of its parts."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    def __invert__(self) -> Truth:
        return Truth(2 - self)

    @classmethod
    def of(cls, value: bool) -> Truth:
        return cls.TRUE if value else cls.FALSE


def every(truths: Iterable[Truth]) -> Truth:
    """ALL: one false is false; of nothing TRUE."""
    return min(truths, default=Truth.TRUE)


def some(truths: Iterable[Truth]) -> Truth:
    """ANY: one true is true; of nothing FALSE."""
    return max(truths, default=Truth.FALSE)


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    """TRUE from `count` true ones on; FALSE when even the unknown ones could not make it up."""
    parts = list(truths)
    if parts.count(Truth.TRUE) >= count:
        return Truth.TRUE
    return Truth.of(False) if len(parts) - parts.count(Truth.FALSE) < count else Truth.UNKNOWN
