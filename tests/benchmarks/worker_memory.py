"""A worker of two processes with the whole county loaded: its summed PSS in MB, on standard output.

As Celery's prefork pool does it: the parent imports the application and its tasks, then forks two
children; each loads its own columns and matches every rule. DATABASE_URL names the database.
"""

import datetime as dt
import os
import signal
import sys

import psutil

CHILDREN = 2


def child(as_of: dt.date, done: int) -> None:
    """Load, match everything, say how much was found, stay until the end."""
    from matching.services import match_versions, versions_in_force

    versions = list(versions_in_force(as_of))
    found = sum(len(matches) for _version, matches in match_versions(versions, as_of=as_of))
    os.write(done, str(found).encode())
    signal.pause()


def fork(as_of: dt.date) -> tuple[int, int]:
    """A child's process id, and where it will say that it is loaded."""
    ready, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            child(as_of, done)
        finally:
            os._exit(1)
    os.close(done)
    return pid, ready


def main() -> None:
    import django

    django.setup()
    from portal.celery import app

    app.loader.import_default_modules()
    as_of = dt.date.fromisoformat(sys.argv[1])
    children = [fork(as_of) for _number in range(CHILDREN)]
    try:
        found = [int(os.read(ready, 100) or 0) for _pid, ready in children]
        if not all(found):
            sys.exit("a child matched nothing, so it loaded nothing")
        pids = [os.getpid(), *(pid for pid, _ready in children)]
        total = sum(psutil.Process(pid).memory_full_info().pss for pid in pids)
    finally:
        for pid, _ready in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    print(total / 1e6)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
