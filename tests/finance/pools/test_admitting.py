"""A pool takes on what it has room for and lets go of what is over; the model case to the fen."""

from decimal import Decimal

import pytest
from django.utils import timezone

from finance.models import PoolAdmission, PoolSource, PoolTransfer
from finance.pools import claiming, funding, invariants
from finance.pools.admitting import admit, end
from portal.kernel.transitions import advance
from tests.enterprises.factories import actor_of
from tests.finance.factories import published
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return make.bank()


@pytest.fixture
def pool(bank):
    return make.pool(bank)


def test_the_model_pool(bank):
    pool = make.pool(bank, capital=1000 * WAN, name="抗疫贷资金池")
    funding.fund(pool, PoolSource(name="国家专项激励", amount_fen=5000 * WAN), by=make.preparer(), at=now())
    pool.refresh_from_db()
    assert (pool.capital_fen, pool.capacity_fen) == (6000 * WAN, 60_000 * WAN)
    asks = make.actor(bank)
    sums = [91 * WAN] * 34 + [106 * WAN]
    for amount in sums:
        admit(pool, make.loan(bank, amount), by=asks, at=now())
    pool.refresh_from_db()
    assert (len(sums), pool.used_fen, pool.free_fen) == (35, 3200 * WAN, 56_800 * WAN)
    refusal = told("no_room", lambda: admit(pool, make.loan(bank, 56_800 * WAN + 1), by=asks, at=now()))
    assert "总容量 6 亿元" in str(refusal)
    assert "已用 3,200 万元" in str(refusal)
    assert "只剩 5.68 亿元" in str(refusal)
    assert "差 0.01 元" in str(refusal)
    admit(pool, make.loan(bank, 56_800 * WAN), by=asks, at=now())
    pool.refresh_from_db()
    assert pool.free_fen == 0
    assert invariants.broken() == []


def test_one_fen_more_than_there_is(bank):
    pool = make.pool(bank, capital=10 * WAN)
    told("no_room", lambda: make.admitted(pool, 100 * WAN + 1))
    make.admitted(pool, 100 * WAN)
    told("no_room", lambda: make.admitted(pool, 1))


def test_the_same_loan_once(pool, bank):
    first = make.admitted(pool)
    told("admitted", lambda: admit(pool, first.loan, by=make.actor(bank), at=now()))


def test_another_banks_loan(pool):
    other = make.bank()
    told("not_yours", lambda: admit(pool, make.loan(pool.banks.get()), by=make.actor(other), at=now()))
    told("not_partner", lambda: admit(pool, make.loan(other), by=make.actor(other), at=now()))


@pytest.mark.parametrize("state", ["drawn", "overdue"])
def test_not_once_money_is_out(pool, bank, state):
    loan = make.loan(bank, state=state)
    told("not_approved", lambda: admit(pool, loan, by=make.actor(bank), at=now()))


def test_a_signed_loan_is_taken_on(pool, bank):
    admit(pool, make.loan(bank, state="signed"), by=make.actor(bank), at=now())
    pool.refresh_from_db()
    assert pool.used_fen == 100 * WAN


@pytest.mark.parametrize(("step", "reason"), [("withdraw", "withdrawn"), ("expire", "expired")])
def test_what_comes_to_nothing_is_let_go(pool, step, reason):
    admission = make.admitted(pool)
    advance(admission.loan, step, actor=None)
    admission.refresh_from_db()
    pool.refresh_from_db()
    assert (admission.release_reason, pool.used_fen) == (reason, 0)
    assert list(PoolTransfer.objects.values_list("kind", flat=True)) == ["fund", "admit", "release"]
    assert invariants.broken() == []


def test_repaid_is_let_go_and_a_part_is_not(pool):
    admission = make.admitted(pool, state="drawn")
    make.repay(admission.loan, 40 * WAN)
    pool.refresh_from_db()
    assert pool.used_fen == 100 * WAN
    make.repay(admission.loan, 60 * WAN)
    pool.refresh_from_db()
    assert pool.used_fen == 0
    assert invariants.broken() == []


def test_capacity_is_not_taken_from_under_the_loans(pool):
    make.admitted(pool, 20_000 * WAN)
    less = PoolSource(name="县财政调减", amount_fen=-1001 * WAN, note="预算调整")
    told("below_used", lambda: funding.fund(pool, less, by=make.preparer(), at=now()))
    less = PoolSource(name="县财政调减", amount_fen=-1000 * WAN, note="预算调整")
    funding.fund(pool, less, by=make.preparer(), at=now())
    pool.refresh_from_db()
    assert (pool.capacity_fen, pool.free_fen) == (20_000 * WAN, 0)


def test_leverage_makes_capacity(pool):
    pool.leverage = Decimal("2.5")
    pool.save()
    pool.refresh_from_db()
    assert pool.capacity_fen == 7500 * WAN


def test_compensation_leaves_less_to_lend_against(bank):
    pool = make.pool(bank, capital=100 * WAN, fuse_rate=Decimal(100))
    make.claim(make.admitted(pool, 100 * WAN, "overdue"), state="paid")
    pool.refresh_from_db()
    assert (pool.balance_fen, pool.backed_fen) == (30 * WAN, 300 * WAN)
    told("no_room", lambda: make.admitted(pool, 200 * WAN + 1))
    make.admitted(pool, 200 * WAN)


def test_ending_wants_a_leader_and_compensation(pool):
    admission = make.admitted(pool, state="overdue")
    told("no_role", lambda: end(admission, by=make.reviewer(), at=now()))
    told("not_ended", lambda: end(admission, by=make.leader(), at=now()))
    make.claim(admission, state="paid")
    end(admission, by=make.leader(), at=now())
    told("released", lambda: end(admission, by=make.leader(), at=now()))
    pool.refresh_from_db()
    assert (pool.used_fen, pool.bad_fen) == (0, 0)
    assert invariants.broken() == []


def test_what_is_written_off_and_not_claimed_is_let_go(pool):
    admission = make.admitted(pool, state="overdue")
    claim = make.claim(admission)
    make.go(admission.loan, "written_off")
    told("not_ended", lambda: end(admission, by=make.leader(), at=now()))
    make.sign(claim, "reviewed")
    make.sign(claim, "approved")
    told("not_ended", lambda: end(admission, by=make.leader(), at=now()))
    claiming.refuse(claim, "材料不实", by=make.leader(), at=now())
    told("no_role", lambda: end(admission, by=make.reviewer(), at=now()))
    end(admission, by=make.leader(), at=now())
    pool.refresh_from_db()
    assert (pool.used_fen, pool.bad_fen) == (0, 0)
    told("no_loss", lambda: make.claim(admission))
    assert invariants.broken() == []


def test_a_loan_within_every_term_is_taken_on(bank):
    lent = make.loan(bank)
    product = lent.product_version.product
    pool = make.pool(bank, firm_cap_fen=100 * WAN, most_months=12, purposes=["farming", "turnover"])
    pool.products.add(product)
    assert admit(pool, lent, by=make.actor(bank), at=now()).objection_until > timezone.localdate()


@pytest.mark.parametrize(
    ("terms", "code", "words"),
    [
        ({"most_months": 11}, "too_long", "不超过 11 个月的贷款，这笔是 12 个月"),
        ({"purposes": ["farming"]}, "purpose", "种养与农产品；这笔是“日常周转”"),
        ({"firm_cap_fen": 99 * WAN}, "firm_cap", "单户最高 99 万元"),
    ],
)
def test_beyond_the_terms_it_is_refused_in_words(bank, terms, code, words):
    lent = make.loan(bank)
    refusal = told(code, lambda: admit(make.pool(bank, **terms), lent, by=make.actor(bank), at=now()))
    assert words in str(refusal)
    assert not PoolAdmission.objects.exists()


def test_another_product_is_refused_by_name(bank):
    pool, lent = make.pool(bank), make.loan(bank)
    other = published(bank).product
    pool.products.add(other)
    refusal = told("product", lambda: admit(pool, lent, by=make.actor(bank), at=now()))
    assert str(other) in str(refusal)


def test_the_cap_is_of_all_loans_of_the_firm_in_the_pool(bank):
    owner, pool, other = actor_of(), make.pool(bank, firm_cap_fen=100 * WAN), make.pool(bank)
    asks = make.actor(bank)
    first = admit(pool, make.loan(bank, 60 * WAN, "signed", owner=owner), by=asks, at=now())
    second = make.loan(bank, 41 * WAN, "signed", owner=owner)
    refusal = told("firm_cap", lambda: admit(pool, second, by=asks, at=now()))
    assert "这家企业在池 60 万元，加上这笔 41 万元" in str(refusal)
    admit(pool, make.loan(bank, 100 * WAN), by=asks, at=now())  # of another firm
    make.go(first.loan, "drawn")
    make.repay(first.loan, 60 * WAN)
    admit(pool, second, by=asks, at=now())
    admit(other, make.loan(bank, 200 * WAN, "signed", owner=owner), by=asks, at=now())


def test_only_the_office_puts_money_in(pool):
    more = PoolSource(name="县财政", amount_fen=1)
    told("no_role", lambda: funding.fund(pool, more, by=make.leader(), at=now()))
    told("empty", lambda: funding.fund(pool, PoolSource(name="", amount_fen=1), by=make.preparer(), at=now()))
    less = PoolSource(name="县财政", amount_fen=-1)
    told("no_reason", lambda: funding.fund(pool, less, by=make.preparer(), at=now()))
