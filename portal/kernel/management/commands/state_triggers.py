"""`manage.py state_triggers`: the migration operations that the state machines in code want."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db.migrations.writer import OperationWriter

from portal.kernel.machines import Machine
from portal.kernel.state_triggers import StateTrigger


class Command(BaseCommand):
    help = "Print the StateTrigger operation of every state machine, ready to be pasted into a migration."

    def handle(self, *args: Any, **options: Any) -> None:
        for model, machine in Machine.registry():
            text, _imports = OperationWriter(StateTrigger.of(model, machine), indentation=2).serialize()
            self.stdout.write(f"# {model._meta.label}.{machine.field}\n{text}\n")
