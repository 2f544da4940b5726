"""The normalised rule: what `matching.parse` makes of a rule's JSON and what every evaluator reads.

All units are resolved here, once and exactly: money is a `Fraction` of fen; numbers, percents (in
points) and integers are `Fraction`s in the fact's own unit. Nodes are frozen and hashable, so equal
leaves can be computed once. `path` is the JSON pointer of the node in its document (`/all/0`, or
`/amount/sum/1`), `clause` the words of the policy document it rests on; neither takes part in
equality. The meaning of every node is the table in `docs/rule-language.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

from matching.tree.amounts import (
    Amount,
    AmountNode,
    Band,
    Bands,
    Best,
    Branch,
    Cap,
    First,
    Fixed,
    Floor,
    Increase,
    Installment,
    Installments,
    Max,
    Min,
    Minus,
    Per,
    Range,
    Rate,
    Received,
    Round,
    Scale,
    Share,
    Sum,
    Text,
    When,
)
from matching.tree.base import (
    Base,
    FigureRef,
    How,
    Node,
    Op,
    Operand,
    Period,
    RelativeYear,
    Rounding,
    Single,
)
from matching.tree.conditions import (
    All,
    Any,
    AtLeast,
    Compare,
    Condition,
    CredentialTest,
    Leaf,
    Not,
    Over,
    Review,
    leaves,
)
from matching.tree.quantities import (
    FactQuantity,
    FigureQuantity,
    Number,
    QMax,
    QMin,
    QMinus,
    QSum,
    Quantity,
    Times,
)

__all__ = [
    "All",
    "Amount",
    "AmountNode",
    "Any",
    "AtLeast",
    "Band",
    "Bands",
    "Base",
    "Best",
    "Branch",
    "Cap",
    "Compare",
    "Condition",
    "CredentialTest",
    "FactQuantity",
    "FigureQuantity",
    "FigureRef",
    "First",
    "Fixed",
    "Floor",
    "How",
    "Increase",
    "Installment",
    "Installments",
    "Leaf",
    "Max",
    "Min",
    "Minus",
    "Node",
    "Not",
    "Number",
    "Op",
    "Operand",
    "Over",
    "Per",
    "Period",
    "QMax",
    "QMin",
    "QMinus",
    "QSum",
    "Quantity",
    "Range",
    "Rate",
    "Received",
    "RelativeYear",
    "Review",
    "Round",
    "Rounding",
    "RuleTree",
    "Scale",
    "Share",
    "Single",
    "Sum",
    "Text",
    "Times",
    "When",
    "leaves",
]


@dataclass(frozen=True, slots=True)
class RuleTree:
    """A whole rule. `reference_year` None: the year of the governing date, given when judging.

    `event_fact`: the date or integer-year fact that E stands for.
    """

    conditions: Condition
    amount: Amount | None = None
    reference_year: int | None = None
    event_fact: str | None = None
