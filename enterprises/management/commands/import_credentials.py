"""`manage.py import_credentials FILE`: see docs/import-formats.md."""

from enterprises.management.importing import ImportCommand
from enterprises.models import ImportKind


class Command(ImportCommand):
    help = "Import credentials from a CSV file, all or nothing (docs/import-formats.md)."
    kind = ImportKind.CREDENTIALS
