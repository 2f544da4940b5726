"""The chaos command: `python -m tests.chaos --seed N --payments 3000`. Ends with 0 when the books hold."""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.servers import Rack

CALM_SECONDS = 60
CHECK_SECONDS = 0.5


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

    say("servers are there")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input", "-v0"], env=rack.environment, check=True
    )
    import django

    django.setup()
    from django.db import connections

    from tests.chaos import mischief, verdict
    from tests.chaos.county import County

    say("tables are there")
    dice = random.Random(told.seed)
    county = County(told.payments)
    say(f"{told.payments} payments in {len(county.batches)} batches, prepared and confirmed")
    rack.start_workers(mischief.DEATHS)
    trouble = mischief.Mischief(rack, dice, say)
    faults = trouble.faults(told.rounds)
    share = max(len(faults) // len(county.batches), 1)
    for place, batch in enumerate(county.batches):
        mode = trouble.change_treasury()
        died = county.release(batch)
        say(f"{batch} is released to a treasury of mode {mode}; {died} processes died at its commits")
        county.wait_for_delivery(batch)
        trouble.run(faults[place * share : (place + 1) * share])
    trouble.run(faults[len(county.batches) * share :])
    say("calm")
    for name in [name for name in rack.children if name.startswith("worker-")]:
        rack.revive(name, 0, dice)
    rack.treasury.kill()
    rack.treasury.start("honest")
    deadline = time.monotonic() + CALM_SECONDS
    while True:
        connections.close_all()
        left = verdict.open_payments()
        if not left and rack.treasury.is_done() and not rack.treasury.told():
            break
        if time.monotonic() > deadline:
            break
        time.sleep(CHECK_SECONDS)
    say(verdict.tally())
    wrong = verdict.findings(rack.treasury.entries())
    for finding in wrong[:50]:
        say(f"WRONG: {finding}")
    say(f"seed {told.seed}: {'FAILED' if wrong or left else 'every payment once, books exact'}; {left} open")
    return 1 if wrong or left else 0


if __name__ == "__main__":
    sys.exit(main())
