"""Many banks reach for one pool at the same moment, while its capital changes: nobody overruns it."""

from functools import partial

import pytest

from finance.models import PoolSource, RiskPool
from finance.pools import funding, invariants
from finance.pools.admitting import admit
from finance.pools.seeding import open_model_pools
from portal.kernel.errors import DomainError
from tests.finance.factories import office
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RIVALS = 24


def test_as_many_get_in_as_there_is_room_for():
    bank = make.bank()
    pool, asks = make.pool(bank, capital=10 * WAN), make.actor(bank)
    loans = [make.loan(bank, 10 * WAN) for _ in range(RIVALS)]
    outcomes = at_once(*(partial(admit, pool, one, by=asks, at=now()) for one in loans))
    refused = [one for one in outcomes if isinstance(one, DomainError)]
    pool.refresh_from_db()
    assert (len(refused), pool.used_fen, pool.free_fen) == (RIVALS - 10, pool.capacity_fen, 0)
    assert {one.code for one in refused} == {"no_room"}
    assert invariants.broken() == []


def test_capital_taken_out_while_loans_come_in():
    bank = make.bank()
    pool, asks, who = make.pool(bank, capital=20 * WAN), make.actor(bank), make.preparer()
    loans = [make.loan(bank, 10 * WAN) for _ in range(RIVALS)]
    less = partial(PoolSource, name="调减", amount_fen=-5 * WAN, note="预算调整")
    outcomes = at_once(
        *(partial(admit, pool, one, by=asks, at=now()) for one in loans),
        *(partial(funding.fund, pool, less(), by=who, at=now()) for _ in range(3)),
    )
    assert all(isinstance(one, DomainError) for one in outcomes if isinstance(one, Exception))
    pool = RiskPool.objects.get(pk=pool.pk)
    assert pool.used_fen <= pool.capacity_fen
    assert invariants.broken() == []


def test_the_model_pools_as_reference():
    first, second = open_model_pools(office(), now())
    assert (first.capital_fen, first.guarantee_share) == (3000 * WAN, 70)
    assert (second.capital_fen, second.capacity_fen) == (6000 * WAN, 60_000 * WAN)
    open_model_pools(office(), now())
    assert PoolSource.objects.count() == 3
