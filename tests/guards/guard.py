"""What is taken away."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Guard:
    """A guard with what it says when it refuses, how it is removed, and the removal itself.

    `without` is a context: within it the guard is gone, after it there again. Not to be entered inside a
    transaction.
    """

    name: str
    kind: str
    protects: str
    how: str
    without: Callable[[], AbstractContextManager[None]]


IN_PLACE = pytest.StashKey[bool]()
"""Set where the tests are to run with every guard in place as well."""
