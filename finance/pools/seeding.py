"""The two model pools of ``finance/reference/pools.yaml``, for demos and as an example.

Of the second one the model case tells capital, leverage and what was lent; shares and line are the first's.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from finance.models import Bank, PoolSource, RiskPool
from portal.accounts.models import Department
from portal.kernel.seeding import read_yaml

FILE: Final = Path(__file__).parents[1] / "reference" / "pools.yaml"
WAN: Final = 1_000_000
"""Fen in 万元."""
RATES: Final = ("leverage", "bank_share", "guarantee_share", "fuse_rate")


@transaction.atomic
def open_model_pools(department: Department, at: dt.datetime) -> list[RiskPool]:
    """Those that are missing, with their sources, for all banks on the platform; returns both."""
    return [_opened(row, department, at) for row in read_yaml(FILE)]


def _opened(row: dict[str, Any], department: Department, at: dt.datetime) -> RiskPool:
    rates = {name: Decimal(row[name]) for name in RATES}
    terms = rates | {"name": row["name"], "department": department, "is_example": True, "created_at": at}
    terms |= {"firm_cap_fen": row["firm_cap_wan"] * WAN, "most_months": row["most_months"]}
    pool, new = RiskPool.objects.get_or_create(code=row["code"], defaults=terms)
    if new:
        pool.banks.set(Bank.objects.live())
        for source in row["sources"]:
            PoolSource.objects.create(pool=pool, name=source["name"], amount_fen=source["wan"] * WAN, at=at)
        pool.refresh_from_db()
    return pool
