"""A server's files as they are once all tables are made: a run that finds them kept begins at once.

They are found by what made them, and a run changes a copy.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from portal.embedded.places import make_home
from portal.embedded.postgres import VERSION, Postgres

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "chaos"


def restore(postgres: Postgres) -> bool:
    """Give a server that does not run the tables of an earlier run; False where none are kept."""
    if not (place := _place()).exists():
        return False
    make_home(postgres.home, postgres.account)
    _copy(place, postgres.data)
    return True


def keep(postgres: Postgres) -> None:
    """Keep the files of a server that was just stopped, and no others."""
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    place = _place()
    unfinished = place.with_suffix(".new")
    _copy(postgres.data, unfinished)
    unfinished.rename(place)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "--archive", "--reflink=auto", source, target], check=True)


def _place() -> Path:
    made = hashlib.sha256(VERSION.encode())
    for path in sorted(_sources()):
        made.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return KEPT / made.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield from ROOT.glob("*/migrations/*.py")
    yield from ROOT.glob("portal/*/migrations/*.py")
    yield from ROOT.glob("portal/kernel/*.py")
