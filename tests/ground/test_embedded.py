"""The embedded servers: they start, say plainly why they cannot, and leave nothing behind."""

import pwd
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from portal.embedded import EmbeddedError, demo, places
from portal.embedded import redis as embedded_redis
from portal.embedded.places import can_reach, server_home
from portal.embedded.postgres import Postgres
from portal.embedded.process import Command, start
from portal.embedded.redis import Redis


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="module")
def postgres(folder: Path):
    server = Postgres(folder / "postgres", durable=False)
    server.urls = server.start()
    yield server
    server.stop()
    server.remove()


def test_the_text_locale_knows_chinese(postgres: Postgres) -> None:
    with closing(psycopg2.connect(postgres.urls["DATABASE_OWNER_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT show_trgm('设备更新'), current_setting('server_version')")
        trigrams, version = cursor.fetchone()
    assert len(trigrams) > 2
    assert version.startswith("18")


def test_a_password_is_needed(postgres: Postgres) -> None:
    url = postgres.urls["DATABASE_OWNER_URL"]
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.replace(password, "wrong"))


def test_the_application_role_makes_no_database(postgres: Postgres) -> None:
    with closing(psycopg2.connect(postgres.urls["DATABASE_URL"])) as connection:
        connection.autocommit = True
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            connection.cursor().execute("CREATE DATABASE mine")


def test_a_second_start_is_refused_and_leaves_the_first_alone(postgres: Postgres, folder: Path) -> None:
    with pytest.raises(EmbeddedError, match="stopped at once"):
        Postgres(folder / "postgres", durable=False).start()
    psycopg2.connect(postgres.urls["DATABASE_URL"]).close()


@pytest.mark.parametrize(
    ("version", "message"), [("17", "made by PostgreSQL 17"), (None, "holds no database")]
)
def test_a_broken_data_folder_is_named(tmp_path: Path, version: str | None, message: str) -> None:
    server = Postgres(tmp_path / "postgres")
    server.data.mkdir(parents=True)
    if version:
        (server.data / "PG_VERSION").write_text(version)
    try:
        with pytest.raises(EmbeddedError, match=message) as refusal:
            server.start()
        assert "make clean" in str(refusal.value)
    finally:
        server.remove()


def test_redis_starts_with_a_password_and_stops(tmp_path: Path) -> None:
    server = Redis(tmp_path / "redis")
    url = server.start()["REDIS_URL"]
    try:
        with closing(redis.Redis.from_url(url)) as client:
            assert client.ping()
        port = int(url.split(":")[3].split("/")[0])
        with closing(redis.Redis(port=port)) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        server.stop()
    assert server.child.popen.poll() is not None


def test_a_missing_redis_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_redis.shutil, "which", lambda name: None)
    monkeypatch.setattr(embedded_redis.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match="install"):
        embedded_redis.redis_program()


def test_a_missing_postgres_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match="make demo"):
        places.programs(tmp_path, None)


def test_a_taken_web_port_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"make demo PORT={port + 80}"):
            demo.check_port(port)


def test_private_homes_stay_private(tmp_path: Path) -> None:
    stranger = pwd.getpwnam("nobody")
    home = tmp_path / "home"
    (home / "project" / "var").mkdir(parents=True)
    home.chmod(0o700)
    assert not can_reach(home / "project" / "var", stranger)
    assert server_home(home / "project" / "var" / "postgres", stranger).parent == places.OUTSIDE
    assert home.stat().st_mode & 0o777 == 0o700
    assert server_home(home / "project" / "var" / "postgres", None) == home / "project" / "var" / "postgres"


SLEEPER = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def wait_for_end(pid: int) -> None:
    """Fail unless the process ends soon; a zombie has ended."""
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.05)


def test_a_child_stops_with_what_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
    child = start("sleeper", Command([sys.executable, "-c", parent], log=log))
    while not log.read_text():
        time.sleep(0.05)
    child.stop(timeout=5)
    wait_for_end(int(log.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_a_child_dies_with_a_killed_parent() -> None:
    parent = f"""
import sys, time
from portal.embedded.process import Command, start
start("sleeper", Command([sys.executable, "-c", {SLEEPER!r}]))
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    wait_for_end(pid)


@pytest.mark.parametrize("text", ["abc", "70000", "0", "-1", "", "８０００"])
def test_what_is_no_port_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(EmbeddedError, match="no port"):
        demo.chosen_port(text)
