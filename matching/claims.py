"""What a rule asks of a claim: the one count of questions that messages, lists and pages name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from enterprises.catalogue import Catalogue, Scope
from matching.tree import Received

if TYPE_CHECKING:
    from matching.tree import RuleTree


def claim_facts(tree: RuleTree, catalogue: Catalogue) -> set[str]:
    """Keys of the facts of a claim that a rule names, in its conditions or its amount."""
    named = {node.fact for node in nodes(tree) if hasattr(node, "fact")}
    return {key for key in named if key in catalogue and catalogue[key].scope is Scope.CLAIM}


def asks_received(tree: RuleTree) -> bool:
    """Whether the amount depends on what the enterprise has received already."""
    return any(isinstance(node, Received) for node in nodes(tree.amount))


def nodes(part: Any) -> Iterator[Any]:
    """Every node of a rule's tree, conditions, amounts and quantities alike."""
    if isinstance(part, tuple):
        for one in part:
            yield from nodes(one)
    elif is_dataclass(part):
        yield part
        for field in fields(part):
            yield from nodes(getattr(part, field.name))
