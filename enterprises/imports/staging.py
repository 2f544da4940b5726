"""Staging tables: temporary, filled by COPY a chunk at a time, read by the set-based checks and the merge."""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from django.db import connection

from enterprises.models import ImportKind

TABLE = "import_staging"
# sound: nothing is wrong with the row's own cells; what could not be read of others is empty
DEFINITIONS: dict[str, str] = {
    ImportKind.ENTERPRISES: (
        "line int, uscc text, checked boolean, name text, region text, industry text, established_on date,"
        " entity_type text, ownership text, address text, legal_person text, status text, sound boolean"
    ),
    ImportKind.FACTS: (
        "line int, uscc text, fact_id bigint, period smallint, scaled bigint, text text, items text[],"
        " not_applicable boolean, as_of date, department_id bigint, sound boolean"
    ),
    ImportKind.CREDENTIALS: (
        "line int, uscc text, kind_id bigint, level text, certificate text, first_obtained date,"
        " valid_from date, valid_to date, revoked boolean, as_of date, department_id bigint, sound boolean"
    ),
}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def create(kind: str) -> None:
    """A fresh staging table, of this connection only."""
    drop()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} ({DEFINITIONS[kind]})")


def drop() -> None:
    """Remove the staging table if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")


def copy(rows: Sequence[tuple[Any, ...]]) -> None:
    """Append rows by COPY."""
    text = "".join("\t".join(map(_literal, row)) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {TABLE} FROM STDIN", io.StringIO(text))


def analyze() -> None:
    """Let the planner know how large the table is: temporary tables are never analysed by themselves."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TABLE}")


def _literal(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, list):
        return "{" + ",".join(value) + "}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
