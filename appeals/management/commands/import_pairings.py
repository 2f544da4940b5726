"""`manage.py import_pairings FILE`: see docs/pairings.md."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from appeals.pairings.importing import take_in
from portal.kernel.errors import ImportRefused


class Command(BaseCommand):
    help = "Import pairings of officials and enterprises from a CSV file, all or nothing (docs/pairings.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV, UTF-8 or GBK")
        parser.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            help="first day of pairings whose row names none (default: today)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with each error by row and column; nothing is written then."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"找不到文件 {path}。")
        try:
            with path.open("rb") as file:
                taken = take_in(file, as_of=options["as_of"])
        except ImportRefused as refused:
            raise CommandError(refused.message) from None
        counts = f"新增 {taken.added}，换人 {taken.changed}，无变化 {taken.unchanged}"
        officers = f"，新增干部 {taken.officers}" if taken.officers else ""
        self.stdout.write(self.style.SUCCESS(f"已导入 {path.name}：{counts}{officers}。"))
