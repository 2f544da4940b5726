"""The normalised rule: what `matching.parse` makes of a rule's JSON and what every evaluator reads.

All units are resolved here, once and exactly: money is a `Fraction` of fen; numbers, percents (in
points) and integers are `Fraction`s in the fact's own unit. Nodes are frozen and hashable, so equal
leaves can be computed once. `path` is the JSON pointer of the node in its document (`/all/0`, or
`/amount/sum/1`), `clause` the words of the policy document it rests on; neither takes part in
equality. The meaning of every node is the table in `docs/rule-language.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
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


# --- conditions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All(Node):
    children: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any(Node):
    children: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    child: Condition


@dataclass(frozen=True, slots=True)
class AtLeast(Node):
    count: int
    children: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A fact against an operand. `period` None: the fact's one value, or of a periodic fact the latest ≤ Y.

    `shown` is the operand as the author wrote it (unit, list names) and serves sentences only.
    """

    fact: str
    op: Op
    value: Operand
    period: Period | None = None
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CredentialTest(Node):
    """Credentials held.

    Plain: valid on the day judged. `obtained`: granted in that year (`CredentialRecord.obtained`; still
    valid or not, but never revoked); with `first` it is the year of `first_obtained` that counts instead.
    `op` is HAS_ANY, HAS_ALL, HAS_NONE or KNOWN (every listed kind is settled). `kinds` keeps the
    author's order.
    """

    op: Op
    kinds: tuple[str, ...]
    obtained: Period | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Over(Node):
    """A periodic fact over the years start..end, both included: each, their mean or sum, against `value`."""

    fact: str
    start: Period
    end: Period
    how: How
    op: Op
    value: Operand
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Review(Node):
    """Something only a person can judge."""

    text: str


Leaf = Compare | CredentialTest | Over | Review
Condition = All | Any | Not | AtLeast | Leaf


# --- quantities: exact numbers that amounts are made from; any unknown part makes the whole unknown ---------


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


# --- amounts, in fen ----------------------------------------------------------------------------------------


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
    | Round
    | Minus
    | When
    | Increase
    | Installments
    | Received
    | Share
)


@dataclass(frozen=True, slots=True)
class RuleTree:
    """A whole rule. `reference_year` None: the year of the governing date, given when judging.

    `event_fact`: the date or integer-year fact that E stands for.
    """

    conditions: Condition
    amount: Amount | None = None
    reference_year: int | None = None
    event_fact: str | None = None


def leaves(condition: Condition, wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Each leaf in document order with its polarity: False where an odd number of `not` stand above it."""
    match condition:
        case Not(child=child):
            yield from leaves(child, not wanted)
        case All(children=children) | Any(children=children) | AtLeast(children=children):
            for child in children:
                yield from leaves(child, wanted)
        case _:
            yield condition, wanted
