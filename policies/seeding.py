"""Reference data from ``policies/reference``, added after each migrate (and flush) where it is missing."""

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connections

from policies.models import StepReminder, StepTarget
from portal.kernel.seeding import add_missing, read_yaml

FOLDER = Path(__file__).parent / "reference"


def seed_reference(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: idempotent; does nothing while the tables are not there yet."""
    needed = {model._meta.db_table for model in (StepTarget, StepReminder)}
    if not needed <= set(connections[using].introspection.table_names()):
        return
    add_missing(StepTarget, read_yaml(FOLDER / "step_targets.yaml"), "key")
    if not StepReminder.objects.exists():  # a level that officials took away stays away
        add_missing(StepReminder, read_yaml(FOLDER / "step_reminders.yaml"), "level")
