"""Migrate as the owner of the tables: the application role may not change them."""

from typing import Any

from django.core.management.commands import migrate

from portal.kernel.database import as_owner


class Command(migrate.Command):
    """Django's own command, signed in as the owner."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """Run inside ``as_owner`` on the chosen database."""
        with as_owner(options["database"]):
            return super().handle(*args, **options)
