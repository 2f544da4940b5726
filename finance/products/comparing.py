"""Products side by side: the same wish asked of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from enterprises.catalogue import Catalogue
from finance.models import ProductVersion
from finance.products.costing import Cost, Wish, cost_of, obstacles
from matching.explaining.sentences import Sentence, describe
from matching.trees import rule_tree

MOST: Final = 4
"""As many as can be read side by side."""


@dataclass(frozen=True, slots=True)
class Column:
    """One product: what it says, what the wish would cost, or why not; `cheapest` of those shown."""

    version: ProductVersion
    conditions: Sentence | None
    cost: Cost | None
    obstacles: Sequence[str]
    cheapest: bool = False


def compare(versions: Sequence[ProductVersion], wish: Wish, way: str, catalogue: Catalogue) -> list[Column]:
    """A column a product, in the order given."""
    costs = [cost_of(version, wish, way) for version in versions]
    barred = [obstacles(version, wish) for version in versions]
    possible = [cost for cost, why in zip(costs, barred, strict=True) if cost and not why]
    least = min((cost.low.interest for cost in possible), default=None)
    alike = len(possible) > 1 and not mixed(possible)
    return [
        Column(
            version,
            conditions_of(version, catalogue),
            cost,
            why,
            cheapest=alike and cost is not None and not why and cost.low.interest == least,
        )
        for version, cost, why in zip(versions, costs, barred, strict=True)
    ]


def mixed(costs: Sequence[Cost]) -> bool:
    """Whether they are paid back in different ways: who pays back earlier owes less interest at any rate."""
    return len({cost.low.repayment for cost in costs}) > 1


def conditions_of(version: ProductVersion, catalogue: Catalogue) -> Sentence | None:
    """Its conditions as nested sentences; None where the bank names none."""
    if version.rule_version is None:
        return None
    return describe(rule_tree(version.rule_version, catalogue), catalogue)
