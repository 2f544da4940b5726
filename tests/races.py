"""Rivals with connections of their own who all reach for one thing at the same moment."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction


def race(
    tasks: Sequence[Callable[[], Any]], warm: Callable[[], Any] = lambda: None
) -> list[tuple[Any, float]]:
    """Run all at once, each in a thread of its own; results (an exception is one) with seconds taken.

    Every thread opens its connection before the barrier, and does `warm` on it, so that only the work itself
    is raced.
    """
    barrier, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            warm()
            barrier.wait(60)
            begun = time.perf_counter()
            try:
                outcome = task()
            except Exception as error:
                outcome = error
            results[place] = (outcome, time.perf_counter() - begun)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each returned or raised, all let go at one moment."""
    return [outcome for outcome, _seconds in race(actions)]


def behind(
    first: Callable[[], Any], second: Callable[[], Any], then: Callable[[], Any] = lambda: None
) -> Any:
    """What `second` comes to that begins while a transaction that did `first` is still open.

    `first` commits, after it did `then`, once `second` waits for it, or is through without waiting.
    """
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        first()
        begun: Future[int] = Future()
        later = pool.submit(_apart, second, begun)
        backend = begun.result(60)
        while not later.done() and not _waits(backend):
            time.sleep(0.01)
        then()
    return later.result()


def _apart(action: Callable[[], Any], begun: Future[int]) -> Any:
    try:
        connection.ensure_connection()
        begun.set_result(connection.connection.info.backend_pid)
        return action()
    except Exception as error:
        return error
    finally:
        connection.close()


def _waits(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
