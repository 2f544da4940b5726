"""A rule's JSON → `RuleTree`, or every reason why not, in plain Chinese."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue
from matching.parse.amounts import check_event, parse_amount
from matching.parse.conditions import operators_of, parse_condition
from matching.parse.reader import Reader, RuleError, RuleErrors, load_json
from matching.tree import Amount, RuleTree

__all__ = ["RuleError", "RuleErrors", "load_json", "operators_of", "parse_rule"]


def parse_rule(
    conditions: dict[str, Any],
    amount: dict[str, Any] | None = None,
    *,
    catalogue: Catalogue,
    reference_year: int | None = None,
    event_fact: str | None = None,
) -> RuleTree:
    """The normalised rule: types checked, references resolved, units converted exactly.

    Paths of amounts begin with `/amount`. Raises RuleErrors with all errors found.
    """
    reader = Reader(catalogue, event_fact)
    if reference_year is not None and not 1900 <= reference_year <= 2199:
        reader.errors.append(RuleError("/reference_year", _("参照年应是四位年份。")))
    if event_fact is not None:
        reader.attempt(check_event, event_fact, "/event_fact")
    tree = reader.attempt(parse_condition, conditions, "")
    block: Amount | None = None
    if amount is not None:
        block = reader.attempt(parse_amount, amount, "/amount")
    if reader.errors:
        raise RuleErrors(reader.errors)
    return RuleTree(tree, block, reference_year, event_fact)
