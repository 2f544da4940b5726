"""Real Celery workers against the test database."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from portal.embedded.process import Child, Command, log_end, start
from portal.kernel.outbox import enqueue

READY_SECONDS = 60
PATIENCE = 90


def test_database_url() -> str:
    """The test database's address, for processes that do not know it is a test."""
    identity = connection.settings_dict
    sign_in = f"{quote(identity['USER'])}:{quote(identity['PASSWORD'])}"
    return f"postgres://{sign_in}@{identity['HOST']}:{identity['PORT']}/{identity['NAME']}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


class WorkerProcess:
    """One ``celery worker`` of two processes. ``kill`` is a power cut, ``stop`` an orderly end."""

    def __init__(self, log: Path, queues: str = "portal,outbound") -> None:
        self.log, self.queues = log, queues
        self.child: Child | None = None

    def start(self) -> None:
        """Start, and wait until the worker takes tasks."""
        self.log.write_text("")
        env = os.environ | {
            "DATABASE_URL": test_database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "DJANGO_SETTINGS_MODULE": "portal.settings.test",
            "LOG_LEVEL": "INFO",  # its log says when it is ready
            "PYTHONWARNINGS": "default",
        }
        env.pop("PYTEST_XDIST_WORKER", None)  # the address already names this xdist worker's database
        args = [sys.executable, "-m", "celery", "--app", "portal", "worker", "--concurrency=2"]
        args += [
            "--loglevel=info",
            "--without-gossip",
            "--without-mingle",
            "--hostname",
            f"{self.log.stem}{os.getpid()}@%h",
            f"--queues={self.queues}",
        ]
        self.child = start("worker", Command(args, env, log=self.log))
        deadline = time.monotonic() + READY_SECONDS
        while " ready." not in self.log.read_text():
            if self.child.popen.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the Celery worker did not start:\n{log_end(self.log, 30)}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Let it finish what it does, then end it."""
        if self.child:
            self.child.stop()

    def kill(self) -> None:
        """Kill it and its pool at once, as a power cut would."""
        if self.child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.popen.pid, signal.SIGKILL)
            self.child.popen.wait()


@pytest.fixture
def celery_worker_process(transactional_db: None, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A running worker; it stops before the flush that follows a transactional test."""
    purge()
    worker = WorkerProcess(tmp_path / "worker.log")
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def workers_of_each_queue(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A worker for each queue, as in production."""
    purge()
    workers = [WorkerProcess(tmp_path / f"{queue}.log", queue) for queue in ("portal", "outbound")]
    try:
        for worker in workers:
            worker.start()
        yield
    finally:
        for worker in workers:
            worker.stop()


def purge() -> None:
    """Forget what waits in the queues."""
    from portal.celery import app

    with app.connection_for_write() as broker, broker.channel() as channel:
        for queue in ("portal", "outbound"):
            channel.queue_purge(queue)


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


class Obstacle(threading.Thread):
    """An open transaction that holds a key of the outbox: whoever writes it waits."""

    def __init__(self, key: str) -> None:
        super().__init__(daemon=True)
        self.key, self.placed, self.released = key, threading.Event(), threading.Event()
        self.start()
        assert self.placed.wait(30)

    def run(self) -> None:
        try:
            with transaction.atomic():
                enqueue("message", self.key, {})
                self.placed.set()
                self.released.wait(PATIENCE)
                transaction.set_rollback(True)
        finally:
            connections.close_all()

    def clear(self) -> None:
        """Give the key back unwritten."""
        self.released.set()
        self.join(30)
