"""The processes of a run and how each is hurt: PostgreSQL, Redis, workers, beats, the treasury."""

import contextlib
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import redis

from portal.embedded.postgres import Postgres
from portal.embedded.process import Child, Command, free_port, log_end, start
from portal.embedded.redis import redis_program
from tests.chaos import stored
from tests.treasury_process import TreasuryProcess

PATIENCE = 60
WORKERS = ("one", "two")


class Rack:
    """All processes of a run below one folder. What is stopped comes back at the same address."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        # as durable as it must be: only the machine's own end would lose what waits to be written, and
        # that a commit waits for its log the settings say
        self.postgres = Postgres(folder / "postgres", durable=False)
        self.treasury = TreasuryProcess(folder / "treasury", seed)
        self.redis_port, self.redis_password = free_port(), secrets.token_urlsafe(12)
        self.furnished = False
        """Whether the tables are there already."""
        self.children: dict[str, Child] = {}
        self.environment: dict[str, str] = {}

    @contextlib.contextmanager
    def servers(self) -> Iterator[dict[str, str]]:
        """PostgreSQL and Redis for the block, and in the end no process at all; yields their addresses."""
        try:
            self.furnished = stored.restore(self.postgres)
            addresses = self.postgres.start()
            assert self.postgres.child
            self.children["postgres"] = self.postgres.child
            addresses["REDIS_URL"] = f"redis://:{self.redis_password}@127.0.0.1:{self.redis_port}/0"
            addresses["TREASURY_OUTBOX"] = str(self.treasury.instructions)
            addresses["TREASURY_INBOX"] = str(self.treasury.returns)
            self.environment = os.environ | addresses | {"DJANGO_SETTINGS_MODULE": "tests.chaos.settings"}
            self.start_redis()
            yield addresses
        finally:
            self.treasury.stop()
            for child in reversed(self.children.values()):
                child.stop(5)
            self.postgres.stop()
            self.postgres.remove()

    def furnish(self) -> None:
        """All tables, kept for the next run."""
        if self.furnished:
            return
        command = [sys.executable, "manage.py", "migrate", "--no-input", "-v0"]
        subprocess.run(command, env=self.environment, check=True)
        self.restart_postgres(signal.SIGINT, meanwhile=lambda: stored.keep(self.postgres))

    def start_redis(self) -> None:
        """An empty Redis; waits until it answers."""
        args = [redis_program(), "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
        args += ["--requirepass", self.redis_password, "--dir", str(self.folder)]
        self.children["redis"] = start("redis", Command(args, log=self.folder / "redis.log"))
        self._wait(self._redis_answers, "redis")

    def start_workers(self, deaths: float) -> None:
        """Workers and beats, two of each."""
        for name in WORKERS:
            self.start_worker(name, deaths)
            self._celery(f"beat-{name}", ["beat", "--pidfile=", f"--schedule={self.folder / name}.beat"], 0)

    def start_worker(self, name: str, deaths: float) -> None:
        """A worker of two processes, of whose commits some are its last deed."""
        args = ["worker", "--concurrency=2", f"--hostname={name}@%h", "--queues=portal,outbound"]
        self._celery(f"worker-{name}", [*args, "--without-gossip", "--without-mingle"], deaths)

    def kill(self, name: str) -> None:
        """SIGKILL for a process and all that it started."""
        child = self.children[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.popen.pid, signal.SIGKILL)
        child.popen.wait()

    def restart_postgres(
        self, how: signal.Signals = signal.SIGQUIT, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        """An immediate stop, as after a power cut, and the same server again; waits for its recovery."""
        child = self.children["postgres"]
        child.popen.send_signal(how)
        child.popen.wait(30)
        meanwhile()
        env, log = os.environ | {"LC_ALL": "C.UTF-8"}, self.postgres.log
        command = Command(child.popen.args, env, self.postgres.account, log, signal.SIGINT)
        self.children["postgres"] = start("PostgreSQL", command)
        self._wait(self._postgres_answers, "postgres")

    def restart_redis(self) -> None:
        """Killed with all that it held, and a new one."""
        self.kill("redis")
        self.start_redis()

    def wipe_redis(self) -> None:
        """All bells are forgotten."""
        with contextlib.suppress(redis.RedisError), contextlib.closing(self._redis()) as client:
            client.flushall()

    def revive(self, name: str, deaths: float, dice: random.Random) -> None:
        """Kill a worker or a beat, wait a moment, start it again."""
        self.kill(name)
        time.sleep(dice.uniform(0, 0.3))
        if name.startswith("worker-"):
            self.start_worker(name.removeprefix("worker-"), deaths)
        else:
            command = self.children[name].popen.args
            self.children[name] = start(name, Command(command, self.environment, log=self._log(name)))

    def _celery(self, name: str, args: list[str], deaths: float) -> None:
        chaos = {"CHAOS_DEATHS": str(deaths), "CHAOS_SEED": f"{self.seed}:{name}"}
        command = [sys.executable, "-m", "celery", "--app", "portal", "--quiet", *args, "--loglevel=warning"]
        self.children[name] = start(name, Command(command, self.environment | chaos, log=self._log(name)))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _redis(self) -> redis.Redis:
        return redis.Redis(port=self.redis_port, password=self.redis_password)

    def _redis_answers(self) -> bool:
        with contextlib.closing(self._redis()) as client:
            return bool(client.ping())

    def _postgres_answers(self) -> bool:
        psycopg2.connect(self.environment["DATABASE_URL"]).close()
        return True

    def _wait(self, answers: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(redis.RedisError, psycopg2.OperationalError):
                if answers():
                    return
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not come back:\n{log_end(self.folder / f'{name}.log')}")
            time.sleep(0.05)
