"""Rules and their versions, for tests."""

import datetime as dt
from typing import Any

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.django import DjangoModelFactory

from matching.models import Rule, RuleVersion
from matching.services import publish

ALWAYS: dict[str, Any] = {"fact": "revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"}
"""Conditions that do for a test that is not about them."""


class RuleFactory(DjangoModelFactory[Rule]):
    class Meta:
        model = Rule

    label = factory.Sequence(lambda number: f"规则 {number}")


class RuleVersionFactory(DjangoModelFactory[RuleVersion]):
    """A draft, valid from 2026 on."""

    class Meta:
        model = RuleVersion

    rule = factory.SubFactory(RuleFactory)
    number = 1
    conditions = ALWAYS
    amount = {"fixed": "10", "unit": "万元"}
    reference_year = 2026
    valid = DateRange(dt.date(2026, 1, 1), None)


def published(**fields: Any) -> RuleVersion:
    """A version published by the system."""
    return publish(RuleVersionFactory(**fields), by=None)
