"""Conditions: groups and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from matching.tree.base import How, Node, Op, Operand, Period


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
