"""What every node is made of: operators, periods, operands, and where a node stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Op(StrEnum):
    """Operators, spelt as in the JSON."""

    EQ = "="
    NE = "!="
    GE = ">="
    GT = ">"
    LE = "<="
    LT = "<"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    HAS_ANY = "has_any"
    HAS_ALL = "has_all"
    HAS_NONE = "has_none"
    WITHIN = "within"
    NOT_WITHIN = "not_within"
    KNOWN = "known"


class Base(StrEnum):
    """What a period counts from: the reference year, the event's year, or nothing (a plain year)."""

    Y = "Y"
    E = "E"
    ABSOLUTE = ""


class How(StrEnum):
    """What `over` asks of the periods of its range."""

    EVERY = "every"
    MEAN = "mean"
    SUM = "sum"


class Rounding(StrEnum):
    """Modes of `round`; amounts are never negative, so down is towards zero."""

    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Period:
    """A year: `base` + `offset` (`Y-1` is (Y, -1)); for an absolute year `offset` is the year itself."""

    base: Base
    offset: int

    def __str__(self) -> str:
        if self.base is Base.ABSOLUTE:
            return str(self.offset)
        return f"{self.base}{self.offset:+d}" if self.offset else str(self.base)


@dataclass(frozen=True, slots=True)
class RelativeYear:
    """A year counted from Y or E, as an operand. A date fact is compared by its calendar year."""

    offset: int
    base: Base = Base.Y


@dataclass(frozen=True, slots=True)
class FigureRef:
    """A public figure × `factor` as an operand, on a day: a date, the last day of a period, or (None) as_of.

    `unit` is the family the row must be of: "money" (value in fen), "percent" (points) or "number".
    """

    key: str
    on: date | Period | None = None
    factor: Fraction = Fraction(1)
    unit: str = "number"


# One comparable thing; `between` holds a pair (low, high), set operators a frozenset of codes or choices.
Single = Fraction | date | bool | str | RelativeYear | FigureRef
Operand = Single | tuple[Single, Single] | frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What conditions, amounts and quantities share: where they stand."""

    path: str = field(default="", compare=False)
    clause: str = field(default="", compare=False)
