"""The command: `python -m tests.guards [--only NAME] [--list]`. Ends with 0 when a test misses each guard.

Prints guard, kind, what it protects, how it was removed, and the test that turned red with the first line of
its failure, or NOT CAUGHT. The same tests run first with all guards in place, and must be green. What else is
given goes to pytest: `--reuse-db`, say.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.guards.guard import IN_PLACE

HERE = Path(__file__).resolve().parent
HEAD = ("guard", "kind", "protects", "removed", "test that turns red", "its first line")
WIDEST = 120
"""Characters of a cell, lest one long condition push all others off the screen."""


class Run:
    """Plugin: leaves out what was not asked for, and keeps what became of the rest."""

    def __init__(self, only: list[str], *, lists: bool) -> None:
        self.only, self.lists = only or [""], lists
        self.rows: list[tuple[str, ...]] = []
        self.tally: Counter[str] = Counter()

    def pytest_configure(self, config: pytest.Config) -> None:
        """The tests are wanted with all guards in place too."""
        config.stash[IN_PLACE] = True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The guards that were asked for, each with its test in place; those in place first."""
        without = [
            one
            for one in items
            if any(part in getattr(one, "guard", "") for part in self.only) and _is_without(one)
        ]
        proofs = {one.proof for one in without}
        before = [one for one in items if getattr(one, "proof", "") in proofs and not _is_without(one)]
        others = [] if self.only != [""] else [one for one in items if not hasattr(one, "proof")]
        self.rows = [(one.guard, one.proof) for one in without] if self.lists else []
        items[:] = [] if self.lists else [*others, *before, *without]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A row for each guard, and for what fails although all are in place."""
        if report.passed and report.when != "call":
            return
        told = dict(report.user_properties)
        if "guard" not in told:
            self.tally["red in place" if report.failed else "green in place"] += 1
            if report.failed:
                self.rows.append(("—", "", "", "", report.nodeid, "RED WITH EVERY GUARD IN PLACE"))
            return
        line = told.get("failure") or (
            "NOT CAUGHT" if report.when == "call" and report.failed else report.outcome
        )
        self.tally["caught" if report.passed else "NOT CAUGHT" if report.failed else report.outcome] += 1
        cells = (told.get(name, "") for name in ("guard", "kind", "protects", "how", "proof"))
        self.rows.append((*map(_cell, cells), _cell(line)))


def main() -> int:
    """Run; returns how the command ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="guards with this in their name")
    parser.add_argument("--list", action="store_true", help="guards and their tests; runs nothing")
    told, others = parser.parse_known_args()
    run, begun = Run(told.only, lists=told.list), time.monotonic()
    quiet = ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider"]
    ended = pytest.main([str(HERE), *quiet, *others], plugins=[run])
    print()
    for row in ((HEAD[0], HEAD[4]) if told.list else HEAD, *run.rows):
        print(" | ".join(row))
    tally = ", ".join(f"{count} {what}" for what, count in run.tally.items())
    print(f"\n{tally or len(run.rows)}; {time.monotonic() - begun:.0f} s")
    return 0 if told.list else int(ended)


def _is_without(item: pytest.Item) -> bool:
    return hasattr(item, "guard")


def _cell(text: object) -> str:
    words = " ".join(str(text).split()).replace("|", "¦")
    return words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"


if __name__ == "__main__":
    sys.exit(main())
