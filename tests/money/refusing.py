"""What the database says when it refuses."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from portal.kernel.errors import DomainError


def refused(constraint: str, provoke: Callable[[], object]) -> None:
    """Only that constraint may refuse it."""
    # The outer one undoes what is taken all the same.
    with transaction.atomic(), pytest.raises(IntegrityError) as refusal, transaction.atomic():
        provoke()
    named = refusal.value.__cause__.diag.constraint_name
    assert named == constraint, f"refused by {named}"


def denied(provoke: Callable[[], object]) -> None:
    """The role has no right to it."""
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
        provoke()
    assert refusal.value.__cause__.pgcode == "42501"


def told(code: str, act: Callable[[], object]) -> DomainError:
    """The person is told why, and nothing was written."""
    with pytest.raises(DomainError) as refusal:
        act()
    assert refusal.value.code == code, refusal.value
    return refusal.value


def run(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
