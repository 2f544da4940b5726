"""A pool past its line stops by itself, those who run it are told, and two people open it again."""

from decimal import Decimal

import pytest

from finance.models import PoolFuse
from finance.pools import fusing, invariants
from finance.pools.watching import scan_books, tell_fuses
from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from portal.kernel.transitions import advance
from tests.finance.pools import factories as make
from tests.finance.pools.breaches import fuse as of_a_single_loan
from tests.finance.pools.factories import go, now
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    """A pool of 20 millions lent that stops once more than a million of it is bad."""
    made = make.pool(make.bank(), fuse_rate=Decimal(5))
    for _ in range(19):
        make.admitted(made)
    return made


def fused(pool):
    """The pool with a twentieth and then one loan more that is bad."""
    for _ in range(2):
        go(make.admitted(pool).loan, "overdue")
    pool.refresh_from_db()
    return PoolFuse.objects.get(pool=pool)


def test_at_the_line_it_is_open_and_past_it_is_not(pool):
    admission = make.admitted(pool)
    go(admission.loan, "overdue")
    pool.refresh_from_db()
    assert (pool.bad_rate, pool.state) == (Decimal("5.00"), "open")
    go(make.admitted(pool).loan, "overdue")
    pool.refresh_from_db()
    assert pool.state == "fused"
    refusal = told("no_room", lambda: make.admitted(pool))
    assert "熔断" in str(refusal)
    assert invariants.broken() == []


def test_lowering_the_line_stops_it_too(pool):
    go(make.admitted(pool).loan, "overdue")
    pool.refresh_from_db()
    pool.fuse_rate = Decimal("4.99")
    pool.save()
    pool.refresh_from_db()
    assert pool.state == "fused"


def test_everybody_who_runs_it_is_told_once(pool):
    make.leader()
    fuse = fused(pool)
    before = OutboxEntry.objects.count()
    assert tell_fuses(now()) == 1
    assert OutboxEntry.objects.count() > before
    assert tell_fuses(now()) == 0
    fuse.refresh_from_db()
    assert fuse.told_at


def test_it_is_opened_by_two_below_the_line():
    fuse, one, other = of_a_single_loan(), make.leader(), make.reviewer()
    pool = fuse.pool
    told("no_role", lambda: fusing.ask_reopen(fuse, "已处置", by=make.payer(), at=now()))
    told("not_asked", lambda: fusing.reopen(fuse, by=one, at=now()))
    told("no_reason", lambda: fusing.ask_reopen(fuse, " ", by=one, at=now()))
    fusing.ask_reopen(fuse, "已处置", by=one, at=now())
    told("asked", lambda: fusing.ask_reopen(fuse, "已处置", by=other, at=now()))
    told("four_eyes", lambda: fusing.reopen(fuse, by=one, at=now()))
    told("no_role", lambda: fusing.reopen(fuse, by=make.official(Role.EDITOR), at=now()))
    told("still_bad", lambda: fusing.reopen(fuse, by=other, at=now()))
    for bad in pool.admissions.filter(bad=True):
        advance(bad.loan, "recover", actor=None)
    pool.refresh_from_db()
    assert (pool.bad_fen, pool.state) == (0, "fused")
    fusing.reopen(fuse, by=other, at=now())
    told("reopened", lambda: fusing.reopen(fuse, by=other, at=now()))
    pool.refresh_from_db()
    assert pool.state == "open"
    make.admitted(pool)
    assert invariants.broken() == []


def test_the_books_are_scanned_and_nothing_is_wrong(pool):
    assert scan_books(now()) == 0
    assert set(invariants.MEANINGS) == {one.name for one in invariants.figures()}
