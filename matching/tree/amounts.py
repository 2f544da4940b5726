"""Amounts, in fen."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from matching.tree.base import Node, Period, Rounding
from matching.tree.conditions import Condition
from matching.tree.quantities import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountNode(Node):
    """`upto`: the document says "up to", the department fixes the figure. `name`: the block's title."""

    upto: bool = False
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Fixed(AmountNode):
    value: Fraction


@dataclass(frozen=True, slots=True)
class Range(AmountNode):
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Text(AmountNode):
    text: str


@dataclass(frozen=True, slots=True)
class Rate(AmountNode):
    """rate × a money quantity; 5% is Fraction(1, 20)."""

    rate: Fraction
    of: Quantity


@dataclass(frozen=True, slots=True)
class Per(AmountNode):
    """value (fen) for each unit of a quantity that is not money."""

    value: Fraction
    of: Quantity


@dataclass(frozen=True, slots=True)
class Band:
    """Up to and including `up_to` (base units of the quantity; None: no end), `rate` fen a base unit."""

    up_to: Fraction | None
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Bands(AmountNode):
    bands: tuple[Band, ...]
    of: Quantity
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """One branch of `first`; `when` None is the `else`."""

    when: Condition | None
    then: Amount


@dataclass(frozen=True, slots=True)
class First(AmountNode):
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Best(AmountNode):
    children: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Sum(AmountNode):
    children: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Min(AmountNode):
    children: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Max(AmountNode):
    children: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Cap(AmountNode):
    limit: Fraction
    of: Amount


@dataclass(frozen=True, slots=True)
class Floor(AmountNode):
    limit: Fraction
    of: Amount


@dataclass(frozen=True, slots=True)
class Scale(AmountNode):
    """factor × the amount; 110% is Fraction(11, 10)."""

    factor: Fraction
    of: Amount


@dataclass(frozen=True, slots=True)
class Round(AmountNode):
    """To a multiple of `step` fen."""

    step: Fraction
    mode: Rounding
    of: Amount


@dataclass(frozen=True, slots=True)
class Minus(AmountNode):
    left: Amount
    right: Amount


@dataclass(frozen=True, slots=True)
class When(AmountNode):
    when: Condition
    then: Amount


@dataclass(frozen=True, slots=True)
class Increase(AmountNode):
    """max(0, fact(end) − fact(start)) × `rate` fen a base unit of the fact."""

    fact: str
    start: Period
    end: Period
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Installment(Node):
    """What is due `year` years after the event; `when` None: always."""

    year: int
    when: Condition | None
    then: Amount


@dataclass(frozen=True, slots=True)
class Installments(AmountNode):
    """`event`: the fact (a date, or an integer year) whose year is E for this node."""

    entries: tuple[Installment, ...]
    event: str


@dataclass(frozen=True, slots=True)
class Received(AmountNode):
    """What was already received of this "item" or its exclusivity "group", told by the caller."""

    what: str


@dataclass(frozen=True, slots=True)
class Share(AmountNode):
    """The amount is the whole; `parts` (payer, fraction) sum to 1 and only tell who bears what."""

    parts: tuple[tuple[str, Fraction], ...]
    of: Amount


Amount = (
    Fixed
    | Range
    | Text
    | Rate
    | Per
    | Bands
    | First
    | Best
    | Sum
    | Min
    | Max
    | Cap
    | Floor
    | Scale
    | Round
    | Minus
    | When
    | Increase
    | Installments
    | Received
    | Share
)
