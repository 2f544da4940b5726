"""Parsed rules of versions, kept by the process."""

from __future__ import annotations

from collections import OrderedDict

from enterprises.catalogue import Catalogue
from enterprises.services import load_catalogue
from matching.models import RuleVersion
from matching.parse import parse_rule
from matching.tree import RuleTree

_KEPT = 20_000
_trees: OrderedDict[tuple[int, int], RuleTree] = OrderedDict()


def rule_tree(version: RuleVersion, catalogue: Catalogue | None = None) -> RuleTree:
    """The rule of a version; raises ``RuleErrors`` (a DomainError) where its JSON is no rule.

    Published versions never change, so theirs are kept as long as the catalogue stays the same.
    """
    catalogue = catalogue or load_catalogue()
    if version.is_draft or version.pk is None:
        return _parsed(version, catalogue)
    key = (version.pk, catalogue.stamp)
    tree = _trees.get(key)
    if tree is None:
        tree = _trees[key] = _parsed(version, catalogue)
        if len(_trees) > _KEPT:
            _trees.popitem(last=False)
    return tree


def _parsed(version: RuleVersion, catalogue: Catalogue) -> RuleTree:
    return parse_rule(
        version.conditions,
        version.amount,
        catalogue=catalogue,
        reference_year=version.reference_year,
        event_fact=version.event_fact or None,
    )
