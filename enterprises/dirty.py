"""Which enterprises changed since a reader last looked, without missing late commits.

Every statement that writes a fact value, a credential or an enterprise marks the enterprise with its own
transaction id (database triggers), waiting for no other writer. A reader keeps the snapshot under which it
loaded; changed is what that snapshot could not see, however early the writer began.
"""

from django.db import connection


def snapshot() -> str:
    """The transactions visible now, as PostgreSQL writes a ``pg_snapshot``. Take it *before* loading.

    What this very transaction has written counts as not visible, so that it is loaded again after commit.
    Do not fill caches of the process from within a transaction that has written: it may roll back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text")
        text, own = cursor.fetchone()
    return text if own is None else _without(text, int(own))


def changed_since(seen: str) -> list[int]:
    """Ids of the enterprises changed by transactions that ``seen`` could not see, in rising order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT enterprise_id FROM enterprises_dirtyenterprise"
            " WHERE changed_in >= pg_snapshot_xmin(%(seen)s::pg_snapshot)"
            " AND NOT pg_visible_in_snapshot(changed_in, %(seen)s::pg_snapshot)"
            " ORDER BY enterprise_id",
            {"seen": seen},
        )
        return [row[0] for row in cursor.fetchall()]


def _without(text: str, own: int) -> str:
    lowest, beyond, running = text.split(":")
    in_progress = sorted({own, *(int(xid) for xid in running.split(",") if xid)})
    listed = ",".join(str(xid) for xid in in_progress)
    return f"{min(int(lowest), own)}:{max(int(beyond), own + 1)}:{listed}"
