"""The first points table from ``finance/reference/score.yaml``, published when there is none of its model.

What officials made of it since stays: a model that is there is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.utils import timezone

from enterprises.models import Fact
from finance.models import ScoreBin, ScoreCharacteristic, ScoreModel, ScoreVersion
from portal.kernel.seeding import read_yaml
from portal.kernel.transitions import advance

FILE = Path(__file__).parents[1] / "reference" / "score.yaml"


def seed_scores(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: idempotent; does nothing while tables or facts are not there yet."""
    present = set(connections[using].introspection.table_names())
    if not {ScoreBin._meta.db_table, Fact._meta.db_table} <= present or not Fact.objects.exists():
        return
    told = read_yaml(FILE)
    if ScoreModel.objects.filter(code=told["model"]["code"]).exists():
        return
    with transaction.atomic(using=using):
        model = ScoreModel.objects.create(**told["model"])
        version = ScoreVersion.objects.create(model=model, number=1, **told["version"])
        write_characteristics(version, told["characteristics"])
        advance(version, "publish", actor=None, changes={"published_at": timezone.now()})


def write_characteristics(version: ScoreVersion, told: list[dict[str, Any]]) -> None:
    """What a version looks at, as the file says it; the facts named must be in the catalogue."""
    facts = dict(Fact.objects.values_list("key", "pk"))
    for position, row in enumerate(told, 1):
        plain = {
            name: row[name] for name in ("key", "label", "dimension", "monotone", "years") if name in row
        }
        fact = facts[row["fact"]] if "fact" in row else None
        made = ScoreCharacteristic.objects.create(version=version, position=position, fact_id=fact, **plain)
        ScoreBin.objects.bulk_create(_bins(made, row["bins"]))


def _bins(characteristic: ScoreCharacteristic, told: list[dict[str, Any]]) -> list[ScoreBin]:
    """Bins of figures end where the next one begins."""
    return [
        ScoreBin(
            characteristic=characteristic,
            position=position,
            lower=row.get("from"),
            upper=after.get("from"),
            values=row.get("values"),
            **{name: row[name] for name in ("label", "points", "reason", "tip") if name in row},
        )
        for position, (row, after) in enumerate(zip(told, [*told[1:], {}], strict=False), 1)
    ]
