"""Registry and facts from CSV files: read in a stream, checked as a whole, taken in all or not at all."""

from enterprises.imports.running import create_import, run_import

__all__ = ["create_import", "run_import"]
