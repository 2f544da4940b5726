"""``python -m portal.embedded [COMMAND …]``: the servers until Ctrl-C, or while a command runs.

``python -m portal.embedded --remove`` removes the data of stopped servers.
"""

import os
import subprocess
import sys
import time

from portal.embedded import EmbeddedError
from portal.embedded.places import claim
from portal.embedded.postgres import Postgres
from portal.embedded.servers import FACTS, VAR, demo_servers, only_one, stop_on_signals, whereabouts


def main(arguments: list[str]) -> int:
    """Run; returns the exit code, the command's own if there is one."""
    if arguments == ["--remove"]:
        if os.geteuid():  # root may remove anybody's
            claim(VAR)
        with only_one():
            Postgres(VAR / "postgres").remove()
        return 0
    stop_on_signals()
    with demo_servers() as (addresses, children):
        if arguments:
            return subprocess.run(arguments, env=os.environ | addresses, check=False).returncode
        print(*whereabouts(addresses), f"{FACTS} says how to reach them. Ctrl-C stops them.", sep="\n")
        while all(child.popen.poll() is None for child in children):
            time.sleep(0.5)
        raise EmbeddedError("A server stopped unexpectedly; its log is under var/.")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(f"\n{error}")
