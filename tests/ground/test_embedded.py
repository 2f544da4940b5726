"""The embedded servers: they start, say plainly why they cannot, and leave nothing behind."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

from portal.embedded import EmbeddedError, demo, places, servers
from portal.embedded import redis as embedded_redis
from portal.embedded.places import can_reach, claim, server_home
from portal.embedded.postgres import Postgres
from portal.embedded.process import Command, start
from portal.embedded.redis import Redis
from portal.embedded.servers import place, whereabouts
from portal.settings.environment import server_urls


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
        with pytest.raises(EmbeddedError, match=f"make demo PORT={port + 80 if port < 65_000 else 8080}"):
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


def test_a_folder_of_our_own_is_claimed_again_and_again(tmp_path: Path) -> None:
    claim(tmp_path / "project" / "var")
    claim(tmp_path / "project" / "var")


def test_a_folder_of_somebody_else_is_named_with_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = pwd.getpwuid(os.geteuid()).pw_name
    stranger = pwd.getpwnam("nobody")
    monkeypatch.setattr(places.os, "geteuid", lambda: stranger.pw_uid)
    with pytest.raises(EmbeddedError, match=f"'{owner}'.*you are 'nobody'.*make clean"):
        claim(tmp_path)
    monkeypatch.setattr(places.os, "geteuid", lambda: 54321)  # without a name, as in a container
    with pytest.raises(EmbeddedError, match="you are '54321'"):
        claim(tmp_path)


@pytest.fixture
def roots_project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of root's that everybody can reach, visited by another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory(prefix="project-") as name:
        Path(name).chmod(0o755)
        monkeypatch.setattr(servers, "VAR", Path(name, "var"))
        monkeypatch.setattr(servers, "FACTS", Path(name, "var", "run", "servers.json"))
        (Path(name, "used") / "run").mkdir(parents=True)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


def test_after_root_another_user_gets_a_sentence(roots_project: Path) -> None:
    servers.VAR = roots_project / "used"
    with pytest.raises(EmbeddedError, match="belongs to the user 'root'"), servers.demo_servers():
        pass
    assert not (servers.VAR / "run" / "servers.lock").exists()


def test_a_project_that_one_may_not_write_in_is_said_plainly(roots_project: Path) -> None:
    with pytest.raises(EmbeddedError, match="needs a copy of the project"), servers.demo_servers():
        pass


def test_the_folder_in_var_lib_can_be_passed_through_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "OUTSIDE", tmp_path / "dianxiaoer")
    before = os.umask(0o077)
    try:
        places.make_home(places.OUTSIDE / "abc", None)
    finally:
        os.umask(before)
    assert places.OUTSIDE.stat().st_mode & 0o777 == 0o711
    assert (places.OUTSIDE / "abc").stat().st_mode & 0o777 == 0o700


def test_it_says_which_servers_it_uses_and_never_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    ours = {
        "DATABASE_URL": "postgres://portal_app:s3cret@127.0.0.1:4321/embedded",
        "REDIS_URL": "redis://embedded:s3cret@127.0.0.1:6543/0",
    }
    assert whereabouts(ours) == [
        "PostgreSQL: 127.0.0.1:4321/embedded (embedded, started for this demo)",
        "Redis: 127.0.0.1:6543/0 (embedded, started for this demo)",
    ]
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:s3cret@db.example/portal?sslpassword=s3cret")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner:s3cret@db.example:5433/portal")
    monkeypatch.setenv("REDIS_URL", "unix://:s3cret@/run/redis.sock")
    assert whereabouts({}) == [
        "PostgreSQL: db.example/portal (outside, named by DATABASE_URL)",
        "Redis: /run/redis.sock (outside, named by REDIS_URL)",
        "  migrated at db.example:5433/portal (named by DATABASE_OWNER_URL)",
    ]


@pytest.mark.parametrize("password", ["a/s3cret", "a#s3cret", "1/s3cret", "1#s3cret", "1?s3cret", "["])
def test_an_address_that_cannot_be_read_is_not_repeated(password: str) -> None:
    with pytest.raises(EmbeddedError, match="DATABASE_URL is no address") as refusal:
        place("DATABASE_URL", f"postgres://app:{password}@db.example/portal")
    assert "s3cret" not in str(refusal.value)


def test_the_address_of_somebody_elses_servers_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "servers.json"
    facts.write_text("{}")
    monkeypatch.setattr(Path, "read_text", raise_permission_error)
    with pytest.raises(ImproperlyConfigured, match="work as that user"):
        server_urls(facts)


def raise_permission_error(path: Path) -> str:
    raise PermissionError(13, "Permission denied", str(path))


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
