"""Rivals with connections of their own who all reach for one thing at the same moment."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection


def race(tasks: Sequence[Callable[[], Any]]) -> list[tuple[Any, float]]:
    """Run all at once, each in a thread of its own; results (an exception is one) with seconds taken.

    Every thread opens its connection before the barrier, so that only the work itself is raced.
    """
    barrier, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
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
