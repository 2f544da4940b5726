"""What the import commands share: arguments, progress on the terminal, errors by row and column."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enterprises.imports import create_import, run_import
from enterprises.models import Import, ImportKind
from portal.accounts.models import Department
from portal.kernel.errors import ImportRefused


class ImportCommand(BaseCommand):
    """Imports one CSV file, all or nothing."""

    kind: ClassVar[ImportKind]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV, UTF-8 or GBK")
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, help="day on which the data held (default: today)"
        )
        if self.kind != ImportKind.ENTERPRISES:
            parser.add_argument("--department", help="code of a department: take only what it keeps")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with each error by row and column; nothing is written then."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"找不到文件 {path}。")
        department = self._department(options.get("department"))
        try:
            work = create_import(self.kind, path.name, as_of=options["as_of"], department=department)
            with path.open("rb") as file:
                run_import(work, file, watch=self._show)
        except ImportRefused as refused:
            raise CommandError(refused.message) from None
        counts = f"新增 {work.added}，更新 {work.changed}，无变化 {work.unchanged}"
        held = f"，代码待确认 {work.held}" if work.held else ""
        self.stdout.write(self.style.SUCCESS(f"已导入 {work.file_name}：{counts}{held}。"))

    def _department(self, code: str | None) -> Department | None:
        if code is None:
            return None
        department = Department.objects.filter(code=code).first()
        if department is None:
            raise CommandError(f"没有代码为 {code} 的部门。")
        return department

    def _show(self, work: Import) -> None:
        if sys.stderr.isatty():
            rate = f"，每秒 {work.rate:.0f} 行" if work.rate else ""
            self.stderr.write(f"\r{work.done} / {work.total} 行（{work.percent}%）{rate}", ending="")
