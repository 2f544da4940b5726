"""A refusal by its code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.kernel.errors import DomainError


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is within is refused, for this reason and no other."""
    with pytest.raises(DomainError) as refusal:
        yield
    assert refusal.value.code == code, refusal.value
