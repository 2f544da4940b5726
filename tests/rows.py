"""Rows changed and copied with raw SQL, as anybody with the application role could."""

import json

from django.db import connection


def change(row, **values):
    """UPDATE one row."""
    places = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {places} WHERE id = %s",  # noqa: S608
            [*values.values(), row.pk],
        )


def copy(row, **values):
    """INSERT a copy of a row, with other values in some columns."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} SELECT (jsonb_populate_record(old, %s::jsonb || jsonb_build_object(
                'id', nextval(pg_get_serial_sequence('{table}', 'id'))))).* FROM {table} old WHERE id = %s""",  # noqa: S608
            [json.dumps(values, default=str), row.pk],
        )


def delete(row):
    """DELETE one row."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608
