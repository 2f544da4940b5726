"""Rows that are there from the start: how apps add theirs, and the kernel's own.

What officials changed stays: a row is known by its key and never written twice.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import AppConfig
from django.db import connections, models

from portal.kernel.models import WorkingPeriod
from portal.kernel.workdays import USUAL_HOURS


def seed_hours(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: the usual hours, while there are none."""
    if WorkingPeriod._meta.db_table not in connections[using].introspection.table_names():
        return
    if not WorkingPeriod.objects.using(using).exists():
        WorkingPeriod.objects.using(using).bulk_create(
            [WorkingPeriod(starts=starts, ends=ends) for starts, ends in USUAL_HOURS]
        )


@lru_cache
def read_yaml(path: Path) -> Any:
    """What a file of reference data holds, read once in a process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def add_missing(model: type[models.Model], rows: list[dict[str, Any]], key: str) -> None:
    """Add the rows whose key is not there yet."""
    present = set(model._base_manager.values_list(key, flat=True))
    missing = [model(**row) for row in rows if row[key] not in present]
    model._base_manager.bulk_create(missing, ignore_conflicts=True)
