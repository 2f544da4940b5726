"""Both servers together, and the file that says where they are."""

import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from portal.embedded import EmbeddedError
from portal.embedded.postgres import Postgres
from portal.embedded.process import Child
from portal.embedded.redis import Redis

VAR = Path(__file__).resolve().parents[2] / "var"
FACTS = VAR / "run" / "servers.json"


@contextlib.contextmanager
def demo_servers() -> Iterator[tuple[dict[str, str], list[Child]]]:
    """Run the durable servers under ``var/`` for the block; yields their addresses and processes.

    Addresses given in the environment outrank ours: that server is then not started. While the block
    runs, ``var/run/servers.json`` (readable by us alone) tells ``manage.py`` where the servers are.
    Raises EmbeddedError, also when another process already runs them.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_one())
        servers: list[Postgres | Redis] = []
        facts: dict[str, str] = {}
        if not os.environ.get("DATABASE_URL"):
            servers.append(postgres := Postgres(VAR / "postgres"))
            facts["POSTGRESQL_FOLDER"] = str(postgres.home)
        if not os.environ.get("REDIS_URL"):
            servers.append(Redis(VAR / "redis"))
        for server in servers:
            stack.callback(server.stop)
            facts |= server.start()
        stack.callback(FACTS.unlink, missing_ok=True)
        FACTS.touch(mode=0o600)
        FACTS.write_text(json.dumps(facts, indent=2) + "\n")
        yield facts, [server.child for server in servers if server.child]


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the folder's servers for the block. Raises EmbeddedError when another process holds them."""
    lock = FACTS.with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as holder:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder.seek(0)
            raise EmbeddedError(
                f"The portal's servers already run from this folder (process {holder.read().strip()}): "
                "stop that one first."
            ) from None
        holder.truncate(0)
        holder.write(str(os.getpid()))
        holder.flush()
        yield


def stop_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal end the process in order; a second one changes nothing."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        sys.exit(0 if number == signal.SIGINT else 128 + number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)
