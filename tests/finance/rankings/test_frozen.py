"""The ranking of a month once it is committed: nothing is added to it, changed in it or taken out of it."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.kernel.database import as_owner
from tests.finance.factories import BankFactory
from tests.finance.rankings.factories import months_back, taken
from tests.money.refusing import refused
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db(transaction=True)
LINE, SNAPSHOT = "finance_rankingline_frozen", "finance_rankingsnapshot_frozen"


@pytest.fixture
def snapshot():
    """A month that was taken, with a bank; another bank has come since."""
    BankFactory()
    made = taken()
    BankFactory(name="后来的银行")
    return made


def test_no_line_is_added(snapshot):
    line = snapshot.lines.get()
    late = BankFactory()
    refused(LINE, lambda: copy(line, bank_id=late.pk))
    assert snapshot.lines.count() == 1


def test_nor_with_a_snapshot_that_says_it_is_of_now(snapshot):
    """Which transaction takes a month the database writes, whatever the row says."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO finance_rankingsnapshot (month, version_id, taken_at, taken_in)
            VALUES (%s, %s, %s, '18446744073709551615'::xid8) RETURNING taken_in = pg_current_xact_id()""",
            [months_back(2), snapshot.version_id, timezone.now()],
        )
        assert cursor.fetchone() == (True,)


def test_the_owner_of_the_tables_changes_nothing_either(snapshot):
    line = snapshot.lines.get()
    with as_owner():
        refused(LINE, lambda: change(line, rank=2))
        refused(LINE, lambda: change(line, points=1))
        refused(LINE, lambda: delete(line))
        refused(SNAPSHOT, lambda: change(snapshot, taken_at=timezone.now()))
        refused(SNAPSHOT, lambda: delete(snapshot))


def test_whatever_is_said_of_replication(snapshot):
    line = snapshot.lines.get()

    def quietly() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        delete(line)

    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        if cursor.fetchone() == (True,):
            refused(LINE, quietly)
