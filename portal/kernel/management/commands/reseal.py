"""``manage.py reseal``: what lies sealed, under the newest SECRET_KEY."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kernel.resealing import CHUNK, reseal


class Command(BaseCommand):
    """After SECRET_KEY was changed, and before the old one is taken from SECRET_KEY_FALLBACKS."""

    help = "Re-seal secrets under the newest SECRET_KEY; safe to break off and to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many at once."""
        parser.add_argument("--batch", type=int, default=CHUNK, help=f"rows in a transaction ({CHUNK})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print counts; fails when something could not be opened, so that no key is dropped too early."""
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more.")
        lost = False
        for found in reseal(options["batch"]):
            name = found.model._meta.label
            self.stdout.write(f"{name}: {found.done} re-sealed, {found.fresh} lay under the newest key.")
            if found.lost:
                lost = True
                self.stderr.write(f"{name}: no key opens {len(found.lost)}: {_first(found.lost)}")
        if lost:
            raise CommandError(
                "Add the key that sealed them to SECRET_KEY_FALLBACKS and run this again, or enter them anew."
            )


def _first(ids: list[int], most: int = 20) -> str:
    return ", ".join(map(str, ids[:most])) + (" …" if len(ids) > most else "")
