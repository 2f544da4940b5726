"""Quantities: exact numbers that amounts are made from; any unknown part makes the whole unknown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from matching.tree.base import FigureRef, Node, Period


@dataclass(frozen=True, slots=True)
class FactQuantity(Node):
    fact: str
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A constant in base units (fen for money, points for percent); `family` tells which."""

    value: Fraction
    family: str = "number"


@dataclass(frozen=True, slots=True)
class FigureQuantity(Node):
    figure: FigureRef


@dataclass(frozen=True, slots=True)
class Times(Node):
    """Product of the children × `factor` (the parser puts 1/100 there for each child in percent points)."""

    children: tuple[Quantity, ...]
    factor: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class QSum(Node):
    children: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class QMin(Node):
    children: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class QMax(Node):
    children: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class QMinus(Node):
    """left − right, never below zero."""

    left: Quantity
    right: Quantity


Quantity = FactQuantity | Number | FigureQuantity | Times | QSum | QMin | QMax | QMinus
