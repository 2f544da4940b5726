"""The two folders that the portal shares with the treasury: files appear in them whole, and none is lost.

A name that begins with a dot is not finished. What was taken up is moved into `done`, what is not even read
into `refused`; moving is the last step, so that whoever is killed before it does the rest again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from policies.money.exchange.reading import MOST_BYTES, require_size
from portal.kernel.uploads import display_name

ENDINGS: Final = (".csv", ".xml")
DONE: Final = "done"
REFUSED: Final = "refused"


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a file that others see whole or not at all, and that a power cut does not take back.

    The same name again is replaced. Raises OSError.
    """
    unfinished = folder / f".{name}.{os.getpid()}.part"
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync(folder)


def waiting(folder: Path) -> Iterator[Path]:
    """Files to be taken up, oldest first: regular ones alone, no links, no folders. Raises OSError."""
    found = []
    for entry in os.scandir(folder):
        if entry.name.startswith(".") or not entry.name.lower().endswith(ENDINGS):
            continue
        with suppress(FileNotFoundError):
            if entry.is_file(follow_symlinks=False):
                found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
    return (folder / name for _time, name in sorted(found))


def take(path: Path) -> bytes:
    """The bytes of a file. Raises Unreadable for one that is empty or too large to be read, OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path.name} is no regular file")
        content = file.read(MOST_BYTES + 1)
    require_size(len(content))
    return content


def put_aside(path: Path, content: bytes) -> None:
    """The file was taken up: into `done`, under a name that only the same bytes share."""
    _move(path, DONE, f"{sha256(content).hexdigest()[:12]}-{path.name}")


def refuse(path: Path) -> None:
    """The file is not read: into `refused`."""
    _move(path, REFUSED, f"{path.stat().st_ino}-{path.name}")


def shown_name(path: Path) -> str:
    """The file's name fit to be stored and shown."""
    return display_name(path.name)


def _move(path: Path, where: str, name: str) -> None:
    """Another sweeper that was faster is no error."""
    target = path.parent / where
    target.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        path.replace(target / name)
        _sync(target)


def _sync(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
