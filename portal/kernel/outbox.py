"""The outbox: what must leave exactly once is a row of the transaction that decided it.

`enqueue` writes the row; after the commit a bell wakes `tasks.relay_outbox`, and the beat wakes it again
for rows whose bell was lost. `deliver` locks a batch (rows that another relay holds are skipped), hands it
to the topic's handler and marks it, in one transaction: a relay killed half way has delivered nothing, and
a handler that writes only to this database delivers once. A failing row is retried with growing pauses and
holds up no other.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from celery import current_app
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models.functions import Now

from portal.kernel.models import OutboxEntry

__all__ = ["OutboxEntry", "deliver", "enqueue", "enqueue_many", "handler", "release", "take_back"]

Handler = Callable[[Sequence[OutboxEntry]], None]

BATCH: Final = 2_000
RELAY: Final = "portal.kernel.tasks.relay_outbox"
LONGEST_PAUSE: Final = timedelta(hours=1)
_handlers: dict[str, Handler] = {}
logger = logging.getLogger(__name__)


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Register the one deliverer of a topic; it gets a batch and must write all of it or raise."""

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(topic, function) is not function:
            raise ValueError(f"Outbox topic {topic!r} has a handler already.")
        return function

    return register


def enqueue(topic: str, key: str, payload: Mapping[str, Any]) -> bool:
    """Write one entry; False when the key was there before (then nothing changes)."""
    return enqueue_many(topic, [(key, payload)]) == 1


def enqueue_many(
    topic: str, entries: Iterable[tuple[str, Mapping[str, Any]]], *, after: timedelta | None = None
) -> int:
    """Write (key, payload) pairs, one statement per `BATCH`; returns how many keys were new.

    What is to leave `after` a while is delivered by the first relay behind it; until then see `take_back`.
    Keys are written in order within a statement, so that two writers of the same keys do not deadlock.
    """
    encode = DjangoJSONEncoder(ensure_ascii=False, allow_nan=False).encode
    table = connection.ops.quote_name(OutboxEntry._meta.db_table)
    statement = f"""
        INSERT INTO {table} (topic, key, payload, due_at)
        SELECT %s, entry.key, entry.payload::jsonb, statement_timestamp() + make_interval(secs => %s)
        FROM unnest(%s::text[], %s::text[]) AS entry (key, payload)
        ORDER BY entry.key
        ON CONFLICT (key) DO NOTHING
    """  # noqa: S608 - the table's own name
    written = 0
    rest = iter(entries)
    with transaction.atomic(), connection.cursor() as cursor:
        while batch := list(islice(rest, BATCH)):
            keys = [key for key, _payload in batch]
            cursor.execute(
                statement,
                [
                    topic,
                    after.total_seconds() if after else 0,
                    keys,
                    [encode(payload) for _key, payload in batch],
                ],
            )
            written += cursor.rowcount
        if written:
            transaction.on_commit(_ring, robust=True)
    return written


def take_back(keys: Iterable[str]) -> int:
    """What was not delivered yet never will be; returns how many entries of these keys were still there."""
    return OutboxEntry.objects.filter(key__in=list(keys), delivered_at=None).delete()[0]


def release(keys: Iterable[str]) -> None:
    """What waits for its time is due now."""
    waiting = OutboxEntry.objects.filter(key__in=list(keys), delivered_at=None, due_at__gt=Now())
    if waiting.update(due_at=Now()):
        transaction.on_commit(_ring, robust=True)


def deliver(limit: int = BATCH) -> int:
    """Deliver what is due by now, `limit` entries a transaction; returns how many were delivered.

    Each entry is tried once at most: those that fail wait for a later relay, whatever it takes to get there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")  # the clock that `due_at` was written by
        (now,) = cursor.fetchone()
    delivered = 0
    while (batch := _deliver_batch(now, limit)) is not None:  # 0: all of them failed, others may not
        delivered += batch
    return delivered


def _deliver_batch(now: datetime, limit: int) -> int | None:
    """Take a batch and deliver what can be, in one transaction; None when nothing is due."""
    with transaction.atomic():
        waiting = OutboxEntry.objects.filter(delivered_at=None, due_at__lte=now).order_by("due_at", "pk")
        by_topic: dict[str, list[OutboxEntry]] = defaultdict(list)
        for entry in waiting.select_for_update(skip_locked=True)[:limit]:
            by_topic[entry.topic].append(entry)
        delivered = [entry.pk for topic, entries in by_topic.items() for entry in _hand_over(topic, entries)]
        OutboxEntry.objects.filter(pk__in=delivered).update(delivered_at=Now(), error="")
    return len(delivered) if by_topic else None


def _hand_over(topic: str, entries: list[OutboxEntry]) -> list[OutboxEntry]:
    """The entries that the handler took: all at once, or one by one when the batch as a whole fails."""
    try:
        with transaction.atomic():
            _handlers[topic](entries)
            connection.check_constraints()  # deferred ones too: at the commit they would fail the whole batch
    except Exception as error:
        if len(entries) == 1:
            _postpone(entries[0], error)
            return []
        return [taken for entry in entries for taken in _hand_over(topic, [entry])]
    return entries


def _postpone(entry: OutboxEntry, error: Exception) -> None:
    logger.warning("Outbox entry %s was not delivered: %s", entry.key, type(error).__name__)
    pause = min(timedelta(seconds=2 ** min(entry.attempts + 1, 12)), LONGEST_PAUSE)
    OutboxEntry.objects.filter(pk=entry.pk).update(
        attempts=entry.attempts + 1, error=repr(error), due_at=Now() + pause
    )


def _ring() -> None:
    """Wake the relay by its name: `tasks` stands on this module, not the other way round."""
    current_app.send_task(RELAY, retry=False, ignore_result=True)
