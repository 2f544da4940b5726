"""Flush as the owner of the tables: the application role may not truncate them."""

from typing import Any, Final

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import OperationalError

from portal.kernel.database import as_owner

TRIES: Final = 4


class Command(flush.Command):
    """Django's own command, signed in as the owner."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """Run inside ``as_owner`` on the chosen database; whoever still reads may cost a try (deadlock)."""
        with as_owner(options["database"]):
            for _try in range(TRIES):
                try:
                    return super().handle(*args, **options)
                except CommandError as error:
                    if not isinstance(error.__cause__, OperationalError):
                        raise
            return super().handle(*args, **options)
