"""Rows of the kernel's own tables that are there from the start."""

from typing import Any

from django.apps import AppConfig
from django.db import connections

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
