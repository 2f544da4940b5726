"""Processes that drop dead around their commits, as a power cut would have it."""

import os
import random
import signal
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.postgresql.base import DatabaseWrapper


class Chaos(AppConfig):
    """The app of the chaos settings: its tasks, and death by lot."""

    name = "tests.chaos"
    label = "chaos"

    def ready(self) -> None:
        if settings.CHAOS_DEATHS:
            by_lot(settings.CHAOS_DEATHS, settings.CHAOS_SEED)


def by_lot(part: float, seed: str) -> None:
    """From now on this process and its children die at a part of their commits."""
    dice, pid = random.Random(f"{seed}:{os.getpid()}"), os.getpid()

    def dies() -> bool:
        nonlocal dice, pid
        if os.getpid() != pid:  # forked: not the same lots as its siblings
            pid = os.getpid()
            dice = random.Random(f"{seed}:{pid}")
        return dice.random() < part / 2

    _around_commits(before=lambda: dies() and _die(), after=lambda: dies() and _die())


def at(boundary: int) -> None:
    """From now on this process dies at one place: 0 before its first commit, 1 after it, and so on."""
    count = 0

    def passed() -> None:
        nonlocal count
        if count == boundary:
            _die()
        count += 1

    _around_commits(before=passed, after=passed)


def _around_commits(before: Any, after: Any) -> None:
    commit = DatabaseWrapper._commit

    def wrapped(self: DatabaseWrapper) -> None:
        before()
        commit(self)
        after()

    DatabaseWrapper._commit = wrapped  # type: ignore[method-assign]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
