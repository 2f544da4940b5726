"""Many banks reach for one pool at the same moment, while its capital changes: nobody overruns it."""

from functools import partial

import pytest

from finance.models import PoolClaim, PoolReceipt, PoolSource, PoolTransfer, RiskPool
from finance.pools import claiming, funding, invariants
from finance.pools.admitting import admit, end, object_to
from finance.pools.claiming import Loss
from finance.pools.closing import close
from finance.pools.seeding import open_model_pools
from portal.kernel.errors import DomainError
from tests.enterprises.factories import actor_of
from tests.finance.factories import office
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now
from tests.races import at_once, behind

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


def test_one_firms_loans_that_come_at_once_stay_within_its_cap():
    bank, owner = make.bank(), actor_of()
    pool, asks = make.pool(bank, firm_cap_fen=20 * WAN), make.actor(bank)
    loans = [make.loan(bank, 10 * WAN, "signed", owner=owner) for _ in range(6)]
    outcomes = at_once(*(partial(admit, pool, one, by=asks, at=now()) for one in loans))
    assert sorted(one.code for one in outcomes if isinstance(one, DomainError)) == ["firm_cap"] * 4
    pool.refresh_from_db()
    assert pool.used_fen == 20 * WAN


def test_a_loan_that_goes_bad_while_it_is_objected_to_stays():
    admission = make.admitted(make.pool(make.bank(), fuse_rate=100), state="drawn")
    goes_bad = partial(make.go, admission.loan, "overdue")
    objects = partial(object_to, admission, "不符合", by=make.reviewer(), at=now())
    assert behind(goes_bad, objects).code == "not_objectable"
    admission.refresh_from_db()
    assert (admission.bad, admission.released_at) == (True, None)


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


def lost():
    """A loan of the pool that is written off, whoever files for its bank, and what is asked."""
    of = make.bank()
    admission = make.admitted(make.pool(of, fuse_rate=100), state="written_off")
    asks = partial(
        claiming.file_claim,
        admission,
        Loss(admission.amount_fen, "法院终结执行", [make.paper(), make.paper("催收")]),
        by=make.actor(of),
        at=now(),
    )
    return admission, asks, partial(end, admission, by=make.leader(), at=now())


def test_a_loan_let_go_of_while_its_claim_is_filed_stays():
    admission, asks, lets_go = lost()
    assert behind(asks, lets_go).code == "not_ended"
    admission.refresh_from_db()
    assert (admission.released_at, admission.claims.count()) == (None, 1)


def test_a_claim_filed_while_its_loan_is_let_go_of_is_refused():
    admission, asks, lets_go = lost()
    assert behind(lets_go, asks).code == "no_loss"
    admission.refresh_from_db()
    assert admission.released_at
    assert not PoolClaim.objects.exists()


@pytest.mark.parametrize("_round", range(5))
def test_of_both_at_once_one_is_told(_round):
    admission, asks, lets_go = lost()
    told = [one.code for one in at_once(asks, lets_go) if isinstance(one, DomainError)]
    assert len(told) == 1
    admission.refresh_from_db()
    assert (admission.released_at is None) == PoolClaim.objects.exists()
    assert invariants.broken() == []


def test_a_pool_closed_while_a_loan_comes_in_is_told():
    of = make.bank()
    pool, asked = make.pool(of), make.loan(of)
    comes = partial(admit, pool, asked, by=make.actor(of), at=now())
    assert behind(comes, partial(close, pool, "清退", by=make.leader(), at=now())).code == "in_use"


def test_a_loan_that_comes_while_the_pool_is_closed_is_refused():
    of = make.bank()
    pool, asked = make.pool(of), make.loan(of)
    comes = partial(admit, pool, asked, by=make.actor(of), at=now())
    assert behind(partial(close, pool, "清退", by=make.leader(), at=now()), comes).code == "no_room"


@pytest.mark.parametrize("_round", range(3))
def test_a_claim_that_two_pay_at_once_is_paid_once(_round):
    claim = make.claim(
        make.admitted(make.pool(make.bank(), fuse_rate=100), state="overdue"), state="approved"
    )
    payers = [make.payer(), make.payer()]
    pays = [partial(make.pay, claim, make.payment(f"V{each.pk}"), by=each) for each in payers]
    told = [one for one in at_once(*pays) if one is not None]
    assert [one.code for one in told] == ["not_approved"]
    assert PoolTransfer.objects.filter(kind="compensate").count() == PoolReceipt.objects.count() == 1
    assert invariants.broken() == []


def test_two_claims_that_are_paid_with_one_voucher_at_once():
    pool = make.pool(make.bank(), fuse_rate=100)
    claims = [make.claim(make.admitted(pool, state="overdue"), state="approved") for _ in range(2)]
    receipts = [make.paper("一"), make.paper("二")]
    pays = [
        partial(make.pay, claim, make.payment("V-1", receipt=receipt), by=make.payer())
        for claim, receipt in zip(claims, receipts, strict=True)
    ]
    told = [one for one in at_once(*pays) if one is not None]
    assert [one.code for one in told] == ["paid_before"]
    assert invariants.broken() == []


def test_the_model_pools_as_reference():
    first, second = open_model_pools(office(), now())
    assert (first.capital_fen, first.guarantee_share) == (3000 * WAN, 70)
    assert (second.capital_fen, second.capacity_fen) == (6000 * WAN, 60_000 * WAN)
    open_model_pools(office(), now())
    assert PoolSource.objects.count() == 3
