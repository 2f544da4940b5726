"""Waiting one's turn where no row stands yet that could be locked."""

from django.db import connection


def take_turn(what: str, pk: int) -> None:
    """Go on alone until the transaction ends: others who want the same turn wait. Needs a transaction.

    An advisory lock, so that nobody who only reads or writes rows, a long merge say, stands in the way.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashint8(%s))", [what, pk])
