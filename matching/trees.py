"""Parsed rules of versions and the programs made of them, kept by the process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from enterprises.catalogue import Catalogue
from enterprises.services import load_catalogue
from matching.models import RuleVersion
from matching.parse import parse_rule
from matching.programs import Program
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


def rule_trees(versions: Sequence[RuleVersion | int], catalogue: Catalogue) -> list[RuleTree]:
    """The rules of versions, given themselves or by id; those not kept yet come with one query."""
    ids = [version if isinstance(version, int) else version.pk for version in versions]
    trees = {pk: _trees.get((pk, catalogue.stamp)) for pk in ids}
    missing = [pk for pk, tree in trees.items() if tree is None]
    if missing:
        read = RuleVersion.objects.in_bulk(missing)
        trees |= {pk: rule_tree(version, catalogue) for pk, version in read.items()}
    return [trees[pk] for pk in ids]  # type: ignore[misc]


_programs: OrderedDict[tuple[tuple[int, ...], int, int], Program] = OrderedDict()
_PROGRAMS_KEPT = 4


def program_for(versions: Sequence[RuleVersion | int], catalogue: Catalogue, year: int) -> Program:
    """Versions compiled for one enterprise after another; kept while all of them are published.

    ``year`` is Y of the rules that fix none.
    """
    ids = tuple(version if isinstance(version, int) else version.pk for version in versions)
    key = (ids, catalogue.stamp, year)
    program = _programs.get(key)
    if program is not None:
        _programs.move_to_end(key)
        return program
    program = Program(ids, rule_trees(versions, catalogue), catalogue, year)
    if all((pk, catalogue.stamp) in _trees for pk in ids):
        _programs[key] = program
        if len(_programs) > _PROGRAMS_KEPT:
            _programs.popitem(last=False)
    return program


def _parsed(version: RuleVersion, catalogue: Catalogue) -> RuleTree:
    return parse_rule(
        version.conditions,
        version.amount,
        catalogue=catalogue,
        reference_year=version.reference_year,
        event_fact=version.event_fact or None,
    )
