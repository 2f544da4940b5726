"""Spans and reminders of loans from ``finance/reference``, added after each migrate where missing."""

from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig
from django.db import connections

from finance.models import LoanReminder, LoanTarget
from portal.kernel.seeding import add_missing, read_yaml

FOLDER: Final = Path(__file__).parents[1] / "reference"


def seed_reference(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: idempotent; does nothing while the tables are not there yet."""
    needed = {model._meta.db_table for model in (LoanTarget, LoanReminder)}
    if not needed <= set(connections[using].introspection.table_names()):
        return
    add_missing(LoanTarget, read_yaml(FOLDER / "loan_targets.yaml"), "key")
    if not LoanReminder.objects.exists():  # a level that officials took away stays away
        add_missing(LoanReminder, read_yaml(FOLDER / "loan_reminders.yaml"), "level")
