"""Reference data from ``appeals/reference``, added after each migrate (and flush) where it is missing.

What officials changed stays: a row is known by its key and never written twice.
"""

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction

from appeals.models import (
    Category,
    ClockTarget,
    IntakeRule,
    ProviderRule,
    RatingWeight,
    ReminderLevel,
    Team,
)
from appeals.suggesting.seeding import seed_duties, seed_rules
from portal.kernel.seeding import add_missing, read_yaml

FOLDER = Path(__file__).parent / "reference"


def seed_reference(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: idempotent; does nothing while the tables are not there yet."""
    needed = {model._meta.db_table for model in (Category, Team, ReminderLevel)}
    if not needed <= set(connections[using].introspection.table_names()):
        return
    teams = reference("teams")
    with transaction.atomic(using=using):
        categories = [row | {"position": place} for place, row in enumerate(reference("categories"))]
        add_missing(Category, categories, "key")
        add_missing(ClockTarget, reference("clock_targets"), "key")
        if not ReminderLevel.objects.exists():  # a level that officials took away stays away
            add_missing(ReminderLevel, reference("reminder_levels"), "level")
        add_missing(Team, teams["teams"], "name")
        add_missing(RatingWeight, teams["weights"], "side")
        add_missing(ProviderRule, teams["rules"], "standing")
        add_missing(IntakeRule, reference("intake_rules")["intake_rules"], "title")
        seed_duties(reference("duties")["duties"])
        seed_rules(reference("routing_rules")["routing_rules"])


def reference(name: str) -> Any:
    """What ``reference/<name>.yaml`` holds."""
    return read_yaml(FOLDER / f"{name}.yaml")
