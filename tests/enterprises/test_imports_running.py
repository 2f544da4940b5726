"""An import as work: once, streaming, told from outside; its commands and published schema."""

import datetime as dt
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from enterprises.imports import create_import, run_import, running
from enterprises.imports.columns import COLUMNS, row_schema
from enterprises.models import Credential, Enterprise, Import, ImportKind
from portal.kernel.errors import ImportRefused
from tests.enterprises.factories import uscc_of
from tests.enterprises.files import FACT_HEADER, HEADER, as_csv, firm, take_in

pytestmark = pytest.mark.django_db


def test_an_import_runs_once():
    work = create_import("enterprises", "a.csv")
    run_import(work, as_csv([HEADER, firm(1)]))
    with pytest.raises(ImportRefused, match="正在导入或已导入"):
        run_import(work, as_csv([HEADER, firm(2)]))
    assert Enterprise.objects.count() == 1


def test_a_program_error_leaves_nothing_and_says_so(monkeypatch):
    def fail(work, given):
        raise RuntimeError("a bug")

    monkeypatch.setattr(running.merging, "merge", fail)
    with pytest.raises(RuntimeError):
        take_in("enterprises", [HEADER, firm(1)])
    assert Import.objects.get().state == "failed"
    assert not Enterprise.objects.exists()


def test_many_rows_stream_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 500)
    seen = []
    file = as_csv([HEADER, *(firm(number) for number in range(8_000))])
    tracemalloc.start()
    work = run_import(
        create_import("enterprises", "many.csv"), file, watch=lambda work: seen.append(work.done)
    )
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert work.added == 8_000
    assert len(seen) == 16
    assert seen == sorted(seen)
    assert peak < 6 * 1024 * 1024
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.import_staging')")
        assert cursor.fetchone() == (None,)


def test_commands(tmp_path, capsys):
    path = tmp_path / "registry.csv"
    path.write_bytes(as_csv([HEADER, firm(1)]).getvalue())
    call_command("import_enterprises", str(path), as_of=dt.date(2025, 1, 1))
    assert "新增 1" in capsys.readouterr().out
    path.write_bytes(as_csv([FACT_HEADER, [uscc_of(1), "revenue", "2024", "=1"]]).getvalue())
    with pytest.raises(CommandError, match="第 2 行“值”列"):
        call_command("import_facts", str(path))
    with pytest.raises(CommandError, match="nobody"):
        call_command("import_facts", str(path), department="nobody")
    path.write_bytes(as_csv([["uscc", "kind"], [uscc_of(1), "high_tech"]]).getvalue())
    call_command("import_credentials", str(path))
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("kind", ImportKind.values)
def test_the_published_schema_is_that_of_the_columns(kind):
    path = Path(__file__).parents[2] / "docs" / "schema" / f"{kind}.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == row_schema(kind)
    text = (path.parents[1] / "import-formats.md").read_text(encoding="utf-8")
    for column in COLUMNS[kind]:
        assert f"| `{column.key}` | {column.label}" in text, column.key


def test_the_examples_of_the_documentation_load():
    text = (Path(__file__).parents[2] / "docs" / "import-formats.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in text.split("```csv\n")[1:]]
    for kind, example in zip(ImportKind.values, examples, strict=True):
        work = take_in(kind, io.BytesIO(example.encode()))
        assert work.added == len(example.splitlines()) - 1


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_outside_while_the_rows_are_not(monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 10)
    other = connection.copy("default")
    seen = []

    def look(work):
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT done, (SELECT count(*) FROM enterprises_enterprise) FROM enterprises_import"
            )
            seen.append(cursor.fetchone())

    file = as_csv([HEADER, *(firm(number) for number in range(35))])
    run_import(create_import("enterprises", "a.csv"), file, watch=look)
    look(None)
    other.close()
    assert seen == [(10, 0), (20, 0), (30, 0), (36, 35)]
