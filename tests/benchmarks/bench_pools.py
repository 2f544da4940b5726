"""Two hundred admissions to one pool at once, a third of them beyond its room.

The peer is the least that could be done: as many bare conditional UPDATEs of one row, in the same run with
the same threads and connections. Each connection has been refused once before, as a server's connections have
lived for minutes (CONN_MAX_AGE): a new one first reads the catalogue and compiles every trigger. How it is on
new connections is the second figure.
"""

import contextlib
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from finance.acting import BankActor
from finance.models import LoanApplication, PoolAdmission, RiskPool
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

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


def bare_update(row: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bare_pool SET used = used + 1 WHERE id = %s AND used + 1 <= %s", [row, FIT])
        return cursor.rowcount


def refused(pool: RiskPool, loan: LoanApplication, by: BankActor) -> None:
    with contextlib.suppress(DomainError):
        admit(pool, loan, by=by, at=now())


def slowest(tasks: list[partial], warm: Callable[[], object]) -> tuple[list[object], float]:
    results = race(tasks, warm)
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


def nothing() -> None:
    """A connection that is new."""


@pytest.mark.parametrize(("connections", "at_most"), [("that have lived", 10), ("that are new", 15)])
def test_admissions(bare: None, connections: str, at_most: int) -> None:
    bank, lived = make.bank(), connections == "that have lived"
    asks, peers, ours = make.actor(bank), [], []
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_pool VALUES (-1, %s)", [FIT])
    refuse = partial(refused, make.pool(bank, capital=WAN), make.loan(bank, 100 * WAN), asks)
    for number in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare_pool VALUES (%s, 0)", [number])
        warm = partial(bare_update, -1) if lived else nothing
        outcomes, seconds = slowest([partial(bare_update, number)] * RIVALS, warm)
        assert sum(outcomes) == FIT
        peers.append(seconds)
        pool = make.pool(bank, capital=FIT * WAN)
        loans = [make.loan(bank, 10 * WAN) for _ in range(RIVALS)]
        tasks = [partial(admit, pool, one, by=asks, at=now()) for one in loans]
        outcomes, seconds = slowest(tasks, refuse if lived else nothing)
        assert sum(isinstance(one, PoolAdmission) for one in outcomes) == FIT
        assert {one.code for one in outcomes if isinstance(one, DomainError)} == {"no_room"}
        ours.append(seconds)
        assert invariants.broken() == []
    middle = ROUNDS // 2
    name = f"pool: slowest of {RIVALS} admissions at once on connections {connections} / bare UPDATEs"
    assert harness.within(name, sorted(ours)[middle], sorted(peers)[middle], at_most=at_most).ok
