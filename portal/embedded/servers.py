"""Both servers together, and the file that says where they are."""

import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from portal.embedded import EmbeddedError
from portal.embedded.places import claim
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
    claim(VAR)
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


def whereabouts(facts: Mapping[str, str]) -> list[str]:
    """A line for each server: where it is and whose, given the `facts` of those that we started.

    Raises EmbeddedError for an address that cannot be read.
    """
    lines = []
    for name, server in {"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Redis"}.items():
        if name in facts:
            lines.append(f"{server}: {place(name, facts[name])} (embedded, started for this demo)")
        else:
            lines.append(f"{server}: {place(name, os.environ[name])} (outside, named by {name})")
    owner = os.environ.get("DATABASE_OWNER_URL")
    if owner and "DATABASE_URL" not in facts:
        lines.append(f"  migrated at {place('DATABASE_OWNER_URL', owner)} (named by DATABASE_OWNER_URL)")
    return lines


def place(name: str, url: str) -> str:
    """Host, port and database in the address ``url`` of the variable ``name``; never user or password."""
    with contextlib.suppress(ValueError):  # the port is no number
        address = urlsplit(url)
        host, port = unquote(address.hostname or ""), f":{address.port}" if address.port else ""
        if "@" not in address.path + address.query + address.fragment and (host or address.path):
            return host + port + address.path
    raise EmbeddedError(
        f"{name} is no address of the form scheme://user:password@host:port/name; in the password, write "
        "special characters as %-codes (/ is %2F, @ is %40, # is %23, ? is %3F)."
    )


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
