"""Two hundred admissions to one pool at once, a third of them beyond its room.

The peer is the least that could be done: as many bare conditional UPDATEs of one row, in the same run with
the same threads and connections.
"""

from functools import partial

import pytest
from django.db import connection

from finance.models import PoolAdmission
from finance.pools import invariants
from finance.pools.admitting import admit
from portal.kernel.database import as_owner
from portal.kernel.errors import DomainError
from tests.benchmarks import harness
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now
from tests.races import race

RIVALS, FIT = 200, 150
ROUNDS = 5
AT_MOST = 10

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


def bare_update(row: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bare_pool SET used = used + 1 WHERE id = %s AND used + 1 <= %s", [row, FIT])
        return cursor.rowcount


def slowest(tasks: list[partial]) -> tuple[list[object], float]:
    results = race(tasks)
    return [outcome for outcome, _seconds in results], max(seconds for _outcome, seconds in results)


@pytest.fixture
def bare():
    """A table of one row that is its own, as bare as it gets."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_pool (id int PRIMARY KEY, used int NOT NULL)")
        cursor.execute("GRANT SELECT, INSERT, UPDATE ON bare_pool TO PUBLIC")
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE bare_pool")


def test_admissions(bare: None) -> None:
    bank = make.bank()
    asks, peers, ours = make.actor(bank), [], []
    for number in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare_pool VALUES (%s, 0)", [number])
        outcomes, seconds = slowest([partial(bare_update, number)] * RIVALS)
        assert sum(outcomes) == FIT
        peers.append(seconds)
        pool = make.pool(bank, capital=FIT * WAN)
        loans = [make.loan(bank, 10 * WAN) for _ in range(RIVALS)]
        outcomes, seconds = slowest([partial(admit, pool, one, by=asks, at=now()) for one in loans])
        assert sum(isinstance(one, PoolAdmission) for one in outcomes) == FIT
        assert {one.code for one in outcomes if isinstance(one, DomainError)} == {"no_room"}
        ours.append(seconds)
        assert invariants.broken() == []
    middle = ROUNDS // 2
    name = f"pool: slowest of {RIVALS} admissions at once, the middle round / bare UPDATEs"
    assert harness.within(name, sorted(ours)[middle], sorted(peers)[middle], at_most=AT_MOST).ok
