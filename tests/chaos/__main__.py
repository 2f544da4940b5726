"""The chaos command: `python -m tests.chaos --seed N --payments 3000`. Ends with 0 when the books hold."""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.servers import Rack


def main() -> int:
    """Run; returns how the command ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--payments", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=2, help="how often each fault happens")
    parser.add_argument("--keep", action="store_true", help="leave folder and logs for reading")
    told = parser.parse_args()
    print(f"chaos: seed {told.seed}, {told.payments} payments", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o755)
    rack = Rack(folder, told.seed)
    begun = time.monotonic()
    try:
        with rack.servers() as addresses:
            os.environ.update(addresses, DJANGO_SETTINGS_MODULE="tests.chaos.settings")
            return run(rack, told, begun)
    finally:
        if told.keep:
            print(f"logs: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def run(rack: Rack, told: argparse.Namespace, begun: float) -> int:
    """From an empty database to a verdict."""

    def say(text: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {text}", flush=True)

    rack.furnish()
    import django

    django.setup()
    from tests.chaos.course import Course

    say("servers and tables are there")
    course = Course(rack, random.Random(told.seed), say)
    course.begin(told.payments)
    course.sweep_by_the_dying()
    course.suffer(told.rounds)
    left = course.calm()
    wrong = course.judge()
    verdict = "FAILED" if wrong or left else "every award paid once, books exact"
    say(f"seed {told.seed}: {verdict}; {left} open")
    return 1 if wrong or left else 0


if __name__ == "__main__":
    sys.exit(main())
