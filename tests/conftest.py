"""What every room's tests stand on: the database, made and flushed by its owner.

Tests themselves run as the application role, so that what it may not do fails here and not in production.
"""

from collections.abc import Iterator

import pytest
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Make the test database as its owner (replaces pytest-django's fixture of the same name)."""
    from portal.kernel.database import as_owner

    option = request.config.getoption
    keep = option("reuse_db") and not option("create_db")
    verbosity = option("verbose")
    with django_db_blocker.unblock(), as_owner():
        databases = setup_databases(
            verbosity=verbosity, interactive=False, keepdb=keep, serialized_aliases=set()
        )
    yield
    if not option("reuse_db"):
        with django_db_blocker.unblock(), as_owner():
            teardown_databases(databases, verbosity=verbosity)
