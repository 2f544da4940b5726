"""A worker of two processes with the whole county loaded: its summed PSS in MB, on standard output.

As Celery's prefork pool does it: the parent imports the application and its tasks, then forks two
children; each loads its own columns and matches every rule. DATABASE_URL names the database.
"""

import datetime as dt
import os
import sys

import psutil

CHILDREN = 2


def child(as_of: dt.date) -> None:
    """Load, match everything, say that it is done, stay."""
    from matching.services import match_versions, versions_in_force

    found = sum(
        len(matches) for _version, matches in match_versions(list(versions_in_force(as_of)), as_of=as_of)
    )
    print(found, flush=True)  # noqa: T201 - the parent counts these lines
    sys.stdin.read()


def main() -> None:
    import django

    django.setup()
    from portal.celery import app

    app.loader.import_default_modules()
    as_of = dt.date.fromisoformat(sys.argv[1])
    children = []
    for _number in range(CHILDREN):
        ready, done = os.pipe()
        hold, release = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(hold, 0)
            os.dup2(done, 1)
            os.close(release)
            child(as_of)
            os._exit(0)
        os.close(done)
        os.close(hold)
        children.append((pid, ready, release))
    for _pid, ready, _release in children:
        os.read(ready, 100)
    pids = [os.getpid(), *(pid for pid, _ready, _release in children)]
    total = sum(psutil.Process(pid).memory_full_info().pss for pid in pids)
    for pid, _ready, release in children:
        os.close(release)
        os.waitpid(pid, 0)
    print(total / 1e6)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
