"""A pool is closed for good once it is empty: by the head of the office, with a reason; nobody else can."""

import pytest

from finance.models import PoolFuse, PoolSource, RiskPool
from finance.pools import claiming, closing, funding, invariants, telling
from finance.pools.admitting import end
from portal.kernel.models import OutboxEntry
from tests.accounts.factories import PostingFactory
from tests.clients import signed_in
from tests.finance.factories import BankOfficerFactory, office
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now
from tests.money.refusing import refused, told
from tests.rows import change, copy

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    return make.pool(make.bank(), fuse_rate=100)


def close(pool, reason="到期清退，县政府常务会议纪要", by=None):
    closing.close(pool, reason, by=by or make.leader(), at=now())


def test_an_empty_one_is_closed_and_everybody_is_told(pool):
    manager = BankOfficerFactory(bank=pool.banks.get(), role="manager").user
    boss = make.leader()
    close(pool, by=boss)
    event = pool.events.get()
    assert (pool.state, event.name, event.actor, "清退" in event.comment) == ("closed", "close", boss, True)
    told_of = OutboxEntry.objects.filter(key__contains=f"pool:closed:{pool.pk}")
    assert {boss.mailbox.pk, manager.mailbox.pk} <= set(told_of.values_list("payload__mailbox", flat=True))
    assert "已关闭" in str(told("no_room", lambda: make.admitted(pool)))
    told("transition_refused", lambda: close(pool))
    assert invariants.broken() == []


def test_who_may_and_why(pool):
    told("no_reason", lambda: close(pool, " "))
    told("no_role", lambda: close(pool, by=make.reviewer()))
    elsewhere = PostingFactory(role="leader").user
    told("no_role", lambda: close(pool, by=elsewhere))


def test_not_while_a_loan_is_in_it(pool):
    make.admitted(pool, 10 * WAN)
    said = str(told("in_use", lambda: close(pool)))
    assert "1 笔" in said
    assert "10 万" in said
    refused("finance_riskpool_closed", lambda: change(pool, state="closed"))


def test_not_while_a_claim_is_open(pool):
    lost = make.admitted(pool, state="overdue")
    claim = make.claim(lost)
    make.repay(lost.loan, lost.amount_fen)
    pool.refresh_from_db()
    assert pool.used_fen == 0
    assert "代偿" in str(told("open_claims", lambda: close(pool)))
    refused("finance_riskpool_closed", lambda: change(pool, state="closed"))
    claiming.refuse(claim, "已全部归还", by=make.leader(), at=now())
    close(pool)


def test_a_fused_one_once_what_was_lost_is_over(pool):
    lost = make.admitted(pool, state="overdue")
    change(pool, fuse_rate=50)
    pool.refresh_from_db()
    assert pool.state == "fused"
    make.claim(lost, state="paid")
    told("in_use", lambda: close(pool))
    end(lost, by=make.leader(), at=now())
    close(pool)
    assert RiskPool.objects.get(pk=pool.pk).state == "closed"
    assert PoolFuse.objects.filter(pool=pool, reopened_at=None).exists()
    assert invariants.broken() == []


def test_what_is_left_is_taken_out_and_nothing_put_in(pool):
    def put(fen):
        source = PoolSource(name="县财政", amount_fen=fen, note="县政府常务会议纪要")
        funding.fund(pool, source, by=make.preparer(), at=now())
        pool.refresh_from_db()

    close(pool)
    pool.refresh_from_db()
    assert "已关闭" in str(told("closed", lambda: put(10 * WAN)))
    refused("finance_poolsource_closed", lambda: copy(pool.sources.get()))
    put(-pool.balance_fen)
    assert pool.balance_fen == 0
    assert invariants.broken() == []


def test_banks_are_told_in_one_go(pool, django_assert_max_num_queries):
    officers = [BankOfficerFactory(bank=pool.banks.get(), role="manager") for _ in range(12)]
    boxes = {officer.user.mailbox.pk for officer in officers}
    with django_assert_max_num_queries(10):
        telling.tell_closed(pool, "清退")
    told_of = OutboxEntry.objects.filter(key__contains=f"pool:closed:{pool.pk}")
    assert boxes <= set(told_of.values_list("payload__mailbox", flat=True))


def test_from_the_page(pool):
    boss = PostingFactory(department=office(), role="leader", user__second_factor=True).user
    browser, page = signed_in(boss), f"/desk/{office().pk}/finance/pools/{pool.code}/"
    assert "现在余额" in browser.get(page).content.decode()
    step = f"{page}do/close/"
    assert browser.post(step, {"reason": "清退"}).status_code == 422  # not sure
    make.admitted(pool)
    answer = browser.post(step, {"reason": "清退", "sure": "on"})
    assert (answer.status_code, "笔贷款在池" in answer.content.decode()) == (422, True)
    other = make.pool(make.bank())
    page = f"/desk/{office().pk}/finance/pools/{other.code}/"
    assert browser.post(f"{page}do/close/", {"reason": "清退", "sure": "on"}).status_code == 302
    shown = browser.get(page).content.decode()
    assert "已关闭" in shown
    assert "确认关闭" not in shown
    officer = PostingFactory(department=office(), role="reviewer", user__second_factor=True).user
    assert "确认关闭" not in signed_in(officer).get(page).content.decode()
