"""Deeds done by processes: one that dies at each commit boundary until another outlives it; many at once."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db import connections

from tests.chaos import dying

MOST: Final = 60
"""Boundaries of any deed here; more means that it never ends."""
Deed = Callable[[], Any]


def die_at_each(deed: Deed) -> int:
    """How many processes died. The deed is done when this returns, by whichever of them."""
    for boundary in range(MOST):
        status = _ended(_fork(deed, boundary))
        if status == -signal.SIGKILL:
            continue
        if status:
            raise RuntimeError(f"the deed failed at boundary {boundary}: the reason is above")
        return boundary
    raise RuntimeError(f"the deed has more than {MOST} boundaries")


def at_once(deeds: Sequence[Deed], meanwhile: Deed) -> None:
    """Each deed in a process of its own, all at the same time as `meanwhile` here; raises when one fails."""
    children = [_fork(deed) for deed in deeds]
    try:
        meanwhile()
    finally:
        failed = [status for status in map(_ended, children) if status]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(deeds)} rivals failed: the reasons are above")


def _fork(deed: Deed, boundary: int | None = None) -> int:
    connections.close_all()  # a child must not talk over its parent's connection
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _child(deed, boundary)
    return pid


def _ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _child(deed: Deed, boundary: int | None) -> None:
    """Do it, dying where told; ends without any of the parent's last deeds."""
    try:
        if boundary is not None:
            dying.at(boundary)
        deed()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
