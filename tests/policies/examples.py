"""An example of the policies file: its written values made canonical, and judged."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Kind, Scope
from enterprises.knowledge import CredentialRecord, Knowledge
from matching.context import Context
from matching.evaluate import Judgement, judge
from matching.parse import parse_rule
from matching.parse.operands import parse_fen, parse_numeric
from matching.tree import RuleTree
from tests.policies.reference import catalogue, day, figures

COUNTY = "500231"


def tree_of(rule: Mapping[str, Any]) -> RuleTree:
    return parse_rule(
        rule["conditions"],
        rule.get("amount"),
        catalogue=catalogue(),
        reference_year=rule.get("reference_year"),
        event_fact=rule.get("event_fact"),
    )


def canonical(spec: FactSpec, written: Any) -> Any:
    if written == "n/a":
        return NOT_APPLICABLE
    if isinstance(written, bool):
        return written
    if spec.kind is Kind.CHOICES:
        return frozenset(written)
    if spec.kind is Kind.DATE:
        return day(written)
    if spec.kind in (Kind.CHOICE, Kind.CODE):
        return written
    unit = None if spec.kind is Kind.MONEY else spec.unit
    number = parse_numeric(spec, written, unit, spec.key)
    return number.numerator if number.denominator == 1 else number


def credential(written: str | dict[str, str], as_of: dt.date) -> CredentialRecord:
    fields = {"kind": written} if isinstance(written, str) else dict(written)
    dates = {
        key: day(fields.pop(key)) for key in ("first_obtained", "valid_from", "valid_to") if key in fields
    }
    return CredentialRecord(**fields, **dates, as_of=as_of)


def knowledge_of(example: Mapping[str, Any], as_of: dt.date) -> Knowledge:
    facts = catalogue()
    values: dict[str, Any] = {}
    for key, written in {**example["facts"], **example.get("claims", {})}.items():
        if key == "credentials":
            values[key] = [credential(entry, as_of) for entry in written]
        elif facts[key].periodic and facts[key].scope is Scope.ENTERPRISE:
            values[key] = {int(year): canonical(facts[key], one) for year, one in written.items()}
        else:
            values[key] = canonical(facts[key], written)
    return Knowledge.from_values(facts, values, as_of=as_of)


def judged(item: Mapping[str, Any], example: Mapping[str, Any]) -> Judgement:
    as_of = day(example.get("as_of", item["rule"]["valid_from"]))
    context = Context(as_of=as_of, figures=figures(), region=COUNTY)
    return judge(tree_of(item["rule"]), knowledge_of(example, as_of), context)


def fen(written: str | None) -> int | None:
    return None if written is None else int(parse_fen(written, "amount"))
