"""A random population in the real database, for checking the columns against ``knowledge_of``.

Deterministic. Values crowd: several sources, days and recordings of one fact and year, so that which one
is in force is decided by every part of the rule; some are stale, not applicable, withdrawn or missing.
"""

import datetime as dt
import random
from typing import Any

from enterprises import models
from enterprises.catalogue import Catalogue, FactSpec, Kind, Scope, Tier
from enterprises.services import load_catalogue
from enterprises.services.registry import columns_of
from portal.accounts.models import Department
from tests.enterprises.factories import EnterpriseFactory

AS_OF = dt.date(2026, 6, 15)
EARLIER = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
"""Some values are recorded before this, some after."""

_DAYS = (dt.date(2024, 5, 1), dt.date(2026, 5, 10), AS_OF, dt.date(2026, 6, 16))
_TIMES = (EARLIER - dt.timedelta(days=9), EARLIER, EARLIER + dt.timedelta(days=9))
_FEN = (0, 100_000_000, 1_999_999_999, 2_000_000_000, 30_000_000_000)
_CODES = {"region": ("500231", "500231101", "5002", "500232"), "industry": ("36", "3670", "C", "65", "J")}


def populate(count: int, seed: int = 1) -> list[int]:
    """``count`` enterprises with values and credentials of every stored fact; their ids."""
    chance = random.Random(seed)
    catalogue = load_catalogue()
    department = Department.objects.order_by("pk").first()
    enterprises = EnterpriseFactory.create_batch(count)
    values = [
        models.FactValue(enterprise=enterprise, fact_id=spec.id, **columns)
        for enterprise in enterprises
        for spec in catalogue.values()
        if spec.scope is Scope.ENTERPRISE and not spec.derived
        for columns in _values(spec, chance, catalogue, department)
    ]
    models.FactValue.objects.bulk_create(values, batch_size=5000)
    kinds = list(models.CredentialKind.objects.order_by("pk"))
    models.Credential.objects.bulk_create(
        models.Credential(
            enterprise=enterprise, kind=chance.choice(kinds[:6]), **_credential(chance, department)
        )
        for enterprise in enterprises
        for _number in range(chance.randrange(5))
    )
    return [enterprise.pk for enterprise in enterprises]


def _values(
    spec: FactSpec, chance: random.Random, catalogue: Catalogue, department: Department
) -> list[dict[str, Any]]:
    periods = (2023, 2024, 2025, 2026) if spec.periodic else (None,)
    rows = []
    for period in periods:
        for _rival in range(chance.choice((0, 1, 1, 3))):
            tier = chance.choice(tuple(Tier))
            row: dict[str, Any] = {
                "period": period,
                "tier": tier,
                "source_department": department if tier is Tier.OFFICIAL else None,
                "as_of": chance.choice(_DAYS),
                "recorded_at": chance.choice(_TIMES),
            }
            odds = chance.randrange(10)
            if odds < 2:
                rows.append(row | {("not_applicable", "withdrawn")[odds]: True})
            else:
                rows.append(row | _value(spec, chance))
    return rows


def _value(spec: FactSpec, chance: random.Random) -> dict[str, Any]:
    match spec.kind:
        case Kind.MONEY:
            value: Any = chance.choice(_FEN)
        case Kind.BOOL:
            value = chance.random() < 0.5
        case Kind.DATE:
            value = dt.date(chance.randrange(2015, 2027), 6, 15)
        case Kind.CHOICE:
            value = chance.choice(spec.choice_values)
        case Kind.CHOICES:
            value = frozenset(chance.sample(spec.choice_values, chance.randrange(len(spec.choices))))
        case Kind.CODE:
            value = chance.choice(_CODES.get(spec.key, ("500231",)))
        case _:
            value = chance.choice([one for one in (0, 5, 10, 30, 300, 2025, 2026) if spec.admits(one)])
    numeric = spec.kind not in (Kind.CHOICE, Kind.CHOICES, Kind.CODE)
    return columns_of(value, spec.to_scaled(value) if numeric else None)


def _credential(chance: random.Random, department: Department) -> dict[str, Any]:
    tier = chance.choice(tuple(Tier))
    begins = chance.choice((None, dt.date(2023, 5, 1), dt.date(2026, 1, 1)))
    return {
        "tier": tier,
        "department": department if tier is Tier.OFFICIAL else None,
        "certificate": chance.choice(("", "A", "B")),
        "first_obtained": chance.choice((None, dt.date(2022, 5, 1))),
        "valid_from": begins,
        "valid_to": chance.choice((None, dt.date(2026, 6, 14), dt.date(2029, 1, 1))),
        "revoked": chance.randrange(6) == 0,
        "as_of": chance.choice(_DAYS),
        "recorded_at": chance.choice(_TIMES),
    }
