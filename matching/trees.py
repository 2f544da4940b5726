"""Parsed rules of versions and the programs made of them, kept by the process."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from enterprises.catalogue import Catalogue
from enterprises.services import load_catalogue
from matching.compiled.programs import Program
from matching.models import RuleVersion
from matching.parse import RuleErrors, parse_rule
from matching.tree import Any, RuleTree
from portal.kernel.kept import Kept

logger = logging.getLogger(__name__)

UNREADABLE = RuleTree(Any(()), None, None, None)
"""What fits nobody: stands in for a published rule that the catalogue no longer bears out."""

_trees: Kept[tuple[int, tuple[int, int]], RuleTree] = Kept(100_000)


def rule_tree(version: RuleVersion, catalogue: Catalogue | None = None) -> RuleTree:
    """The rule of a version; raises ``RuleErrors`` (a DomainError) where a draft's JSON is no rule.

    Published versions never change, so theirs are kept as long as the catalogue stays the same. One that
    the catalogue no longer bears out fits nobody and is logged: it must not take all others with it.
    """
    catalogue = catalogue or load_catalogue()
    if version.is_draft or version.pk is None:
        return _parsed(version, catalogue)
    key = (version.pk, catalogue.identity)
    tree = _trees.get(key)
    if tree is None:
        try:
            tree = _parsed(version, catalogue)
        except RuleErrors as error:
            logger.error("Published rule version %s cannot be read: %s", version.pk, error)
            tree = UNREADABLE
        _trees.keep(key, tree)
    return tree


def rule_trees(versions: Sequence[RuleVersion | int], catalogue: Catalogue) -> list[RuleTree]:
    """The rules of versions, given themselves or by id; those not kept yet come with one query."""
    ids = [version if isinstance(version, int) else version.pk for version in versions]
    trees = {pk: _trees.get((pk, catalogue.identity)) for pk in ids}
    missing = [pk for pk, tree in trees.items() if tree is None]
    if missing:
        read = RuleVersion.objects.in_bulk(missing)
        trees |= {pk: rule_tree(version, catalogue) for pk, version in read.items()}
    return [trees[pk] for pk in ids]  # type: ignore[misc]


_programs: Kept[tuple[tuple[int, ...], tuple[int, int], int], Program] = Kept(4)


def program_for(versions: Sequence[RuleVersion | int], catalogue: Catalogue, year: int) -> Program:
    """Versions compiled for one enterprise after another; kept while all of them are published.

    ``year`` is Y of the rules that fix none.
    """
    ids = tuple(version if isinstance(version, int) else version.pk for version in versions)
    key = (ids, catalogue.identity, year)
    program = _programs.get(key)
    if program is None:
        program = Program(ids, rule_trees(versions, catalogue), catalogue, year)
        if all((pk, catalogue.identity) in _trees for pk in ids):
            _programs.keep(key, program)
    return program


def _parsed(version: RuleVersion, catalogue: Catalogue) -> RuleTree:
    return parse_rule(
        version.conditions,
        version.amount,
        catalogue=catalogue,
        reference_year=version.reference_year,
        event_fact=version.event_fact or None,
    )
