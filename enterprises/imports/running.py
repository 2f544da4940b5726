"""An import from start to end: read, check, merge; progress in its row; all or nothing."""

import datetime as dt
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.imports import merging, staging
from enterprises.imports.columns import COLUMNS
from enterprises.imports.reading import MAX_ERRORS, Rows, Source, inspect
from enterprises.imports.rows import CredentialRows, EnterpriseRows, FactRows, RowParser, Staged
from enterprises.models import Import, ImportKind
from portal.accounts.models import Department
from portal.kernel.errors import ImportRefused, RowError

CHUNK = 10_000

PARSERS: dict[str, Callable[[Import], RowParser]] = {
    ImportKind.ENTERPRISES: EnterpriseRows,
    ImportKind.FACTS: FactRows,
    ImportKind.CREDENTIALS: CredentialRows,
}
Watch = Callable[[Import], None]


def create_import(
    kind: str,
    file_name: str,
    *,
    as_of: dt.date | None = None,
    department: Department | None = None,
    created_by: Any = None,
) -> Import:
    """The row of an import to come. With a department, only its own facts and credentials are taken.

    Raises ImportRefused for data of a day to come.
    """
    if as_of is not None and as_of > timezone.localdate():
        raise ImportRefused([], message=_("截至日期不能晚于今天。"))
    return Import.objects.create(
        kind=kind,
        file_name=PurePath(file_name).name[:255],
        as_of=as_of or timezone.localdate(),
        department=department,
        created_by=created_by,
    )


def run_import(work: Import, file: BinaryIO, *, watch: Watch | None = None) -> Import:
    """Take the file in. Raises ImportRefused, with each error by row and column, having written nothing.

    ``watch`` is called after each chunk. The row of the import tells how it went, whatever happens.
    """
    try:
        source = inspect(file)
        if not work.start(source.lines):
            raise ImportRefused([], message=_("该文件正在导入或已导入。"))
        staging.create(work.kind)
        given, errors = _stage(work, source, watch or (lambda _work: None))
        staging.analyze()
        errors += merging.check(work.kind, MAX_ERRORS)
        if errors:
            raise ImportRefused(sorted(errors, key=lambda error: error.row)[:MAX_ERRORS])
        with transaction.atomic():
            _finish(work, merging.merge(work, given))
    except ImportRefused as refused:
        _fail(work, refused.message, refused.errors)
        raise
    except Exception:
        _fail(work, _("导入时发生程序错误，未写入任何数据，请联系管理员。"), [])
        raise
    finally:
        if not transaction.get_connection().needs_rollback:
            staging.drop()
    return work


def _stage(work: Import, source: Source, watch: Watch) -> tuple[list[str], list[RowError]]:
    """Fill the staging table; the keys of the columns that the file has, and what is wrong with its cells.

    Rows with errors are staged as far as they can be read, so that the checks of the whole see them too.
    """
    rows = Rows(source, COLUMNS[work.kind])
    parse, errors, chunk = PARSERS[work.kind](work), rows.errors, list[Staged]()
    for done, (line, cells) in enumerate(rows, start=1):
        staged = parse(line, cells)
        errors += cells.errors
        chunk.append((*staged, not cells.errors))
        if done % CHUNK == 0:
            staging.copy(chunk)
            chunk.clear()
            work.report(min(done, source.lines))  # rows may end with a bare return, which is no line
            watch(work)
    rows.close()
    staging.copy(chunk)
    return [column.key for column in rows.columns], errors


def _finish(work: Import, outcome: merging.Outcome) -> None:
    counts = ("added", "changed", "unchanged", "held")
    Import.objects.filter(pk=work.pk).update(**{name: getattr(outcome, name) for name in counts})
    work.finish()
    work.refresh_from_db(fields=counts)


def _fail(work: Import, message: str, errors: list[RowError]) -> None:
    if transaction.get_connection().needs_rollback:
        return
    listed = [[error.row, error.column, error.message] for error in errors]
    Import.objects.filter(pk=work.pk).update(errors=listed)
    work.errors = listed
    if work.state == "queued":
        work.start(work.total)
    work.fail(message)
