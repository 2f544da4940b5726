"""Work on a row that one worker does at a time, however often its bell is rung."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def sole_worker(space: int, pk: int) -> Iterator[bool]:
    """Whether this connection is the only one at work on a row; the lock dies with its holder.

    `space` keeps tables apart: it is the first key of the advisory lock, the row's id the second.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, pk])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, pk])
