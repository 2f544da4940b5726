"""`manage.py import_facts FILE`: see docs/import-formats.md."""

from enterprises.management.importing import ImportCommand
from enterprises.models import ImportKind


class Command(ImportCommand):
    help = "Import facts from a CSV file, all or nothing (docs/import-formats.md)."
    kind = ImportKind.FACTS
