"""One deed done by processes that die at each of its commit boundaries in turn, until one outlives it."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final

from django.db import connections

from tests.chaos import dying

MOST: Final = 60
"""Boundaries of any deed here; more means that it never ends."""


def die_at_each(deed: Callable[[], Any]) -> int:
    """How many processes died. The deed is done when this returns, by whichever of them."""
    for boundary in range(MOST):
        connections.close_all()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _child(deed, boundary)
        _pid, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            if os.WEXITSTATUS(status):
                raise RuntimeError(f"the deed failed at boundary {boundary}: the reason is above")
            return boundary
        assert os.WTERMSIG(status) == signal.SIGKILL
    raise RuntimeError(f"the deed has more than {MOST} boundaries")


def _child(deed: Callable[[], Any], boundary: int) -> None:
    """Do it, dying where told; ends without any of the parent's last deeds."""
    try:
        dying.at(boundary)
        deed()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
