"""Any part of a real rule replaced by anything that JSON can hold: a rule or a refusal, never a crash.

The rules are the demo's; of parts that look alike (the same keys on the way down) one is tried.
"""

import copy
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from matching.explaining.sentences import describe
from matching.parse import RuleErrors, parse_rule
from policies.exchange.reading import read_file
from tests.matching.catalogue import county_catalogue

CATALOGUE = county_catalogue()
PARTS = ("conditions", "amount")
NONSENSE = [
    None,
    True,
    -1,
    10**400,
    1.5,
    float("nan"),
    Decimal("NaN"),
    Decimal("1E+400"),
    "",
    " ",
    "NaN",
    "1e400",
    "--5",
    "５",
    "²",
    "\0",
    "\ud800",
    "9" * 5_000,
    "Y-99999999999",
    "2024-02-30",
    "=1+1",
    [],
    [[]],
    [None],
    {},
    {"": ""},
    {"all": []},
    {"list": ["x"]},
    {"figure": {}},
    {1: 2},
]


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of a tree."""
    yield path
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in entries:
        yield from paths(child, (*path, key))


def shape(tree: Any, path: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a part looks like from above: the last keys, and the keys beside it."""
    beside: Any = tree
    for key in path[:-1]:
        beside = beside[key]
    keys = tuple(sorted(beside)) if isinstance(beside, dict) else ()
    return tuple("*" if isinstance(key, int) else key for key in path[-3:]), keys, str(path[-1:])[:8]


@cache
def places() -> tuple[tuple[dict[str, Any], str, tuple[Any, ...]], ...]:
    """(rule, part, path) of every shape once."""
    found: dict[Any, Any] = {}
    for file in sorted((Path(settings.BASE_DIR) / "policies" / "demo").glob("*.yaml")):
        for item in read_file(file)["items"]:
            rule = item["rule"]
            for part in PARTS:
                for path in paths(rule.get(part)):
                    found.setdefault((part, shape(rule.get(part), path)), (rule, part, path))
    return tuple(found.values())


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(tree)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return changed


def test_there_is_enough_to_break() -> None:
    assert len(places()) > 300


@pytest.mark.slow
@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: ascii(value)[:20])
def test_nonsense_is_refused_in_words(value: Any) -> None:
    for rule, part, path in places():
        trees = {name: rule.get(name) for name in PARTS} | {part: replaced(rule.get(part), path, value)}
        try:
            tree = parse_rule(
                *(trees[name] for name in PARTS),
                catalogue=CATALOGUE,
                reference_year=rule.get("reference_year"),
                event_fact=rule.get("event_fact"),
            )
        except RuleErrors as refusal:
            if not all(error.message for error in refusal.errors):
                pytest.fail(f"{part} {path}: refused without a word")
        else:
            describe(tree, CATALOGUE)
