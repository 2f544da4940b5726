"""A settled moment lies before every transaction that may still commit, whoever's it is."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction

from portal.kernel.moments import settled_at

pytestmark = pytest.mark.django_db(transaction=True)


def session(identity: dict[str, Any]) -> Any:
    """A connection of its own to the test database."""
    return psycopg2.connect(
        host=identity["HOST"],
        port=identity["PORT"],
        user=identity["USER"],
        password=identity["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    )


@pytest.fixture(params=["application", "owner"])
def other(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Another session, of the same role as ours or of the owner."""
    own = connection.settings_dict
    found = session(own if request.param == "application" else settings.DATABASE_OWNER)
    yield found
    found.close()


def started(other: Any) -> dt.datetime:
    """The start of the other session's transaction, begun by this very question: it has written nothing."""
    with other.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def test_an_open_transaction_holds_the_moment_back_until_it_ends(other: Any) -> None:
    begun = started(other)
    assert settled_at() < begun
    other.commit()
    assert settled_at() > begun


def test_the_oldest_of_several_counts() -> None:
    mine, owners = session(connection.settings_dict), session(settings.DATABASE_OWNER)
    try:
        first, second = started(owners), started(mine)
        assert settled_at() < first < second
        owners.rollback()
        assert first < settled_at() < second
    finally:
        mine.close()
        owners.close()


def test_sessions_that_begin_within_our_transaction_are_seen(other: Any) -> None:
    with transaction.atomic():
        settled_at()
        begun = started(other)
        assert settled_at() < begun


def test_our_own_transaction_and_an_idle_session_do_not_hold_it_back(other: Any) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT now(), clock_timestamp()")
            begun, before = cursor.fetchone()
        assert begun < before < settled_at()
