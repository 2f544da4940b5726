"""The first version from ``finance/reference/ranking.yaml``, published when there is no ranking yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig
from django.db import connections, transaction
from django.utils import timezone

from finance.models import Indicator, RankingModel, RankingVersion
from portal.kernel.seeding import read_yaml
from portal.kernel.transitions import advance

FILE: Final = Path(__file__).parents[1] / "reference" / "ranking.yaml"


def seed_ranking(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: idempotent; what officials made of it since stays."""
    if Indicator._meta.db_table not in connections[using].introspection.table_names():
        return
    told = read_yaml(FILE)
    if RankingModel.objects.filter(code=told["model"]["code"]).exists():
        return
    with transaction.atomic(using=using):
        version = RankingVersion.objects.create(model=RankingModel.objects.create(**told["model"]), number=1)
        Indicator.objects.bulk_create(
            Indicator(version=version, position=position, **row)
            for position, row in enumerate(told["indicators"], 1)
        )
        advance(version, "publish", actor=None, changes={"published_at": timezone.now()})
