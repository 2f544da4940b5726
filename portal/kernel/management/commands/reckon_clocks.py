"""``manage.py reckon_clocks``: provisional deadlines of the years that are announced by now."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.kernel.reckoning import reckon_announced


class Command(BaseCommand):
    """As the admin's button and the hourly task do it."""

    help = "Reckon the deadlines that waited for a year's holidays to be announced."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many there were."""
        self.stdout.write(f"{reckon_announced()} provisional deadlines reckoned.")
