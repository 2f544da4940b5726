"""Servers of a test run: one PostgreSQL and one Redis, started by the process that was asked to test.

xdist's workers inherit the addresses; each makes its own test database and uses its own Redis database.
Outside servers named in the environment are used as they are.
"""

import atexit
import os
import shutil
from pathlib import Path

import pytest

from portal.embedded import EmbeddedError
from portal.embedded.places import claim
from portal.embedded.postgres import Postgres
from portal.embedded.redis import Redis

FOLDER = Path(__file__).resolve().parents[1] / "var" / "test"


def provide() -> None:
    """Start what the environment does not name, put its address there, stop it when Python ends."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    try:
        start_missing()
    except EmbeddedError as error:
        pytest.exit(f"\n{error}", returncode=pytest.ExitCode.USAGE_ERROR)


def start_missing() -> None:
    """Start what is missing, in a folder of this process. Raises EmbeddedError."""
    claim(FOLDER.parent)
    FOLDER.mkdir(exist_ok=True)
    sweep()
    folder = FOLDER / str(os.getpid())
    folder.mkdir()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(folder / "postgres", durable=False)
        atexit.register(postgres.remove)
        atexit.register(postgres.stop)
        os.environ.update(postgres.start())
    if not os.environ.get("REDIS_URL"):
        redis = Redis(folder / "redis")
        atexit.register(redis.stop)
        os.environ.update(redis.start())


def sweep() -> None:
    """Remove what test runs left behind that were killed outright."""
    for folder in FOLDER.iterdir():
        if not Path(f"/proc/{folder.name}").exists():
            Postgres(folder / "postgres").remove()
            shutil.rmtree(folder, ignore_errors=True)
