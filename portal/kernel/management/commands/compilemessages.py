"""Compile translations in Python: Django's own command needs ``msgfmt``, which fresh machines lack."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Compile every ``.po`` of LOCALE_PATHS that is newer than its ``.mo``."""

    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Fuzzy translations are left out: the reader then gets the Chinese source."""
        for folder in map(Path, settings.LOCALE_PATHS):
            for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
                target = source.with_suffix(".mo")
                if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                    target.unlink(missing_ok=True)  # another user's file can be replaced, not written to
                    with source.open("rb") as po, target.open("wb") as mo:
                        write_mo(mo, read_po(po))
