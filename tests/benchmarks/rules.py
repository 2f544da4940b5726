"""Rules for benchmarks: one like a real item, thousands drawn at random, and the demo's own."""

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from matching.models import Rule, RuleVersion

DEMO = Path(__file__).resolve().parents[2] / "policies" / "demo"

NEW_ITEM: dict[str, Any] = {
    "conditions": {
        "all": [
            {"fact": "region", "op": "within", "value": ["500231"]},
            {"fact": "revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"},
            {"fact": "rd_ratio", "period": "Y-1", "op": ">=", "value": "3", "unit": "%"},
            {"not": {"fact": "serious_dishonest", "op": "=", "value": True}},
            {
                "any": [
                    {"fact": "size", "period": "Y-1", "op": "in", "value": ["micro", "small", "medium"]},
                    {"fact": "credentials", "op": "has_any", "value": ["high_tech"]},
                ]
            },
        ]
    },
    "amount": {
        "cap": {"value": "60", "unit": "万元"},
        "of": {
            "sum": [
                {"fixed": "10", "unit": "万元"},
                {"rate": "5%", "of": {"fact": "rd_expense", "period": "Y-1"}},
            ]
        },
    },
}
"""Five conditions, two of them on derived facts, and an amount that hangs on a figure."""


def demo_rules() -> list[dict[str, Any]]:
    """The rules of the demo's items."""
    rules = []
    for path in sorted(DEMO.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]:
            rule = item["rule"]
            rules.append({"conditions": rule["conditions"], "amount": rule.get("amount")})
    return rules


def random_rules(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Rules of five conditions each, and an amount; thresholds all different."""
    chance = random.Random(seed)
    return [_rule(chance) for _number in range(count)]


def _rule(chance: random.Random) -> dict[str, Any]:
    leaves = [make(chance) for make in chance.sample(_LEAVES, 5)]
    conditions = {"all": [*leaves[:3], {"any": leaves[3:]}]}
    return {"conditions": conditions, "amount": chance.choice(_AMOUNTS)(chance)}


Leaf = Callable[[random.Random], dict[str, Any]]
_LEAVES: tuple[Leaf, ...] = (
    lambda r: {"fact": "region", "op": "within", "value": [r.choice(("500231", "50", "500231101"))]},
    lambda r: {"fact": "revenue", "period": "Y-1", "op": ">=", "value": _figure(r), "unit": "万元"},
    lambda r: {"fact": "main_revenue", "period": "Y-2", "op": ">=", "value": _figure(r), "unit": "万元"},
    lambda r: {"fact": "employees", "op": ">=", "value": str(r.randrange(1, 500)), "unit": "人"},
    lambda r: {
        "fact": "rd_ratio",
        "period": "Y-1",
        "op": ">=",
        "value": str(r.randrange(1, 20)),
        "unit": "%",
    },
    lambda r: {"fact": "credentials", "op": "has_any", "value": r.sample(("high_tech", "tech_sme"), 1)},
    lambda r: {"fact": "size", "op": "in", "value": r.sample(("small", "micro", "medium"), 2)},
    lambda r: {"fact": "industry", "op": "within", "value": r.sample(("C", "36", "65", "13", "I", "52"), 2)},
    lambda r: {"fact": "tax_credit_grade", "op": "in", "value": r.sample(("A", "B", "M"), 2)},
    lambda r: {"fact": "equipment_invest", "op": ">=", "value": str(r.randrange(10, 500)), "unit": "万元"},
    lambda r: {"not": {"fact": "serious_dishonest", "op": "=", "value": True}},
    lambda r: {"fact": "age_months", "op": ">=", "value": str(r.randrange(6, 60)), "unit": "月"},
    lambda r: {
        "fact": "revenue_growth",
        "over": ["Y-2", "Y-1"],
        "every": {"op": ">=", "value": str(r.randrange(1, 30)), "unit": "%"},
    },
)
_AMOUNTS: tuple[Leaf, ...] = (
    lambda r: {"fixed": str(r.randrange(1, 100)), "unit": "万元"},
    lambda r: {
        "cap": {"value": str(r.randrange(10, 100)), "unit": "万元"},
        "of": {"rate": "5%", "of": {"fact": "equipment_invest"}},
    },
    lambda r: {
        "cap": {"value": str(r.randrange(10, 100)), "unit": "万元"},
        "of": {"rate": "5%", "of": {"fact": "rd_expense", "period": "Y-1"}},
    },
    lambda r: {
        "first": [
            {"when": r.choice(_LEAVES)(r), "then": {"fixed": "30", "unit": "万元"}},
            {"else": {"fixed": "10", "unit": "万元"}},
        ]
    },
)


def _figure(chance: random.Random) -> str:
    return str(chance.randrange(100, 50_000))


def publish_all(rules: list[dict[str, Any]]) -> list[int]:
    """Ids of versions of rules, written as drafts and published in bulk."""
    made = Rule.objects.bulk_create(Rule(label=f"规则 {number}") for number in range(len(rules)))
    period = DateRange(dt.date(2026, 1, 1), None)
    drafts = RuleVersion.objects.bulk_create(
        RuleVersion(rule=rule, number=1, reference_year=2026, valid=period, **given)
        for rule, given in zip(made, rules, strict=True)
    )
    ids = [draft.pk for draft in drafts]
    RuleVersion.objects.filter(pk__in=ids).update(published_at=timezone.now())
    return ids
