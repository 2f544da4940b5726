"""The whole portal on this machine: ``python -m portal.embedded.demo`` (``make demo``).

Servers, migrations, demo county, then web, workers, beat and a treasury until Ctrl-C, which stops them all.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from portal.embedded import EmbeddedError
from portal.embedded.prepare import ACCOUNTS
from portal.embedded.process import Child, Command, start
from portal.embedded.servers import VAR, demo_servers, stop_on_signals, whereabouts

HOST = "127.0.0.1"
WEB_SECONDS = 60


def main() -> None:
    """Run the demo until a signal ends it. Raises EmbeddedError when something does not start or dies."""
    stop_on_signals()
    port = chosen_port(os.environ.get("PORT", "8000"))
    check_port(port)
    say("Starting PostgreSQL and Redis …")
    with demo_servers() as (addresses, servers):
        for line in whereabouts(addresses):
            say(f"  {line}")
        environment = {"DJANGO_SETTINGS_MODULE": "portal.settings.dev", "DEBUG": "0", "LOG_LEVEL": "WARNING"}
        environment |= {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
        environment = os.environ | environment | addresses | treasury_folders()
        say("Preparing the database and the demo county …")
        if subprocess.run([sys.executable, "-m", "portal.embedded.prepare"], env=environment).returncode:
            raise EmbeddedError("The database could not be prepared; the reason is above.")
        children: list[Child] = []
        try:
            for name, args in processes(port).items():
                children.append(start(name, Command([sys.executable, "-m", *args], environment)))
            wait_for_web(port, children[0])
            say(
                f"\n  The portal is open:  http://{HOST}:{port}/\n  Its back office:     http://{HOST}:{port}/admin/"
            )
            say(f"\n{ACCOUNTS.read_text()}\n  Ctrl-C stops everything.\n")
            watch([*servers, *children])
        finally:
            say("Stopping …")
            for child in children:
                child.ask()
            for child in children:
                child.stop()


def treasury_folders() -> dict[str, str]:
    """Where instructions to the treasury and its answers lie, unless the environment says it."""
    given = {"TREASURY_OUTBOX": "instructions", "TREASURY_INBOX": "returns"}
    return {name: os.environ.get(name) or str(VAR / "treasury" / folder) for name, folder in given.items()}


def processes(port: int) -> dict[str, list[str]]:
    """Python modules to run, by name, with their arguments."""
    folders = treasury_folders()
    celery = ["celery", "--app", "portal", "--quiet"]
    worker = [*celery, "worker", "--loglevel=warning", "--without-gossip", "--without-mingle"]
    return {
        "web": [
            "gunicorn",
            "portal.wsgi",
            f"--bind={HOST}:{port}",
            "--workers=2",
            "--threads=4",
            "--worker-tmp-dir",
            str(VAR / "run"),
            "--log-level=warning",
        ],
        "worker": [*worker, "--queues=portal", "--hostname=worker@%h", "--concurrency=2"],
        "outbound": [*worker, "--queues=outbound", "--hostname=outbound@%h", "--pool=solo"],
        "treasury": [
            "portal.embedded.treasury",
            f"--instructions={folders['TREASURY_OUTBOX']}",
            f"--returns={folders['TREASURY_INBOX']}",
            "--mode=delay",
            "--pause=5",
        ],
        "beat": [*celery, "beat", "--loglevel=warning", "--pidfile="],
    }


def chosen_port(text: str) -> int:
    """The port that was asked for. Raises EmbeddedError for what is no port."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise EmbeddedError(f"PORT={text} is no port: choose a number from 1 to 65535.")
    return int(text)


def check_port(port: int) -> None:
    """Raises EmbeddedError when the web port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 80 if port < 65_000 else 8080
            raise EmbeddedError(
                f"Port {port} of this machine is taken ({error.strerror}). "
                f"Stop the program that uses it, or choose another port: make demo PORT={other}"
            ) from error


def wait_for_web(port: int, web: Child) -> None:
    """Wait until the web server answers, with whatever status."""
    deadline = time.monotonic() + WEB_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=WEB_SECONDS).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            if web.popen.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError("The web server did not start; the reason is above.") from None
            time.sleep(0.1)


def watch(children: list[Child]) -> None:
    """Return never; raises EmbeddedError when one of the processes ends by itself."""
    while True:
        for child in children:
            code = child.popen.poll()
            if code is not None:
                raise EmbeddedError(f"{child.name} ended unexpectedly (exit code {code}).")
        time.sleep(0.5)


def say(text: str) -> None:
    """Tell whoever typed the command."""
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main()
    except EmbeddedError as error:
        sys.exit(f"\n{error}")
