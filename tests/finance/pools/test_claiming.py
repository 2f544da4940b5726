"""A claim goes through the hands of people who differ and is paid once; what comes back is the pool's."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from finance.models import ClaimState, PoolClaim, PoolReceipt
from finance.pools import claiming, invariants
from finance.pools.claiming import Loss, Returned
from portal.accounts.roles import Role
from portal.accounts.second_factor import totp_code_at
from portal.kernel.errors import DomainError
from portal.kernel.models import OutboxEntry
from tests.finance.factories import BankOfficerFactory
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return make.bank()


@pytest.fixture
def pool(bank):
    return make.pool(bank, fuse_rate=100)


@pytest.fixture
def lost(pool):
    """A loan of a million yuan and one fen that is overdue."""
    return make.admitted(pool, 100 * WAN + 1, "overdue")


def loss(fen=100 * WAN, words="催收无果", files=None):
    return Loss(fen, words, [make.paper("合同"), make.paper("催收")] if files is None else files)


def test_thirty_to_seventy_to_the_fen(lost, pool):
    claim = make.claim(lost, state="paid")
    assert (claim.guarantee_fen, claim.bank_fen) == (70 * WAN, 30 * WAN + 1)
    pool.refresh_from_db()
    assert pool.balance_fen == pool.capital_fen - 70 * WAN
    assert invariants.broken() == []


def test_filing_says_what_is_missing(lost, bank):
    who = make.actor(bank)
    told("no_words", lambda: claiming.file_claim(lost, loss(words=" "), by=who, at=now()))
    told("no_documents", lambda: claiming.file_claim(lost, loss(files=[]), by=who, at=now()))
    told("no_documents", lambda: claiming.file_claim(lost, loss(files=[make.paper()]), by=who, at=now()))
    told("no_loss", lambda: claiming.file_claim(lost, loss(0), by=who, at=now()))
    told("no_loss", lambda: claiming.file_claim(lost, loss(100 * WAN + 2), by=who, at=now()))
    told("not_yours", lambda: claiming.file_claim(lost, loss(), by=make.actor(make.bank()), at=now()))
    assert not PoolClaim.objects.exists()


def test_it_is_claimed_from_the_day_on_that_the_pool_wants(lost, bank):
    lost.pool.claim_days = 31
    lost.pool.save()
    who, tomorrow = make.actor(bank), now() + dt.timedelta(days=1)
    with pytest.raises(DomainError, match=f"{timezone.localdate(tomorrow):%Y-%m-%d} 起可以申请") as refused:
        claiming.file_claim(lost, loss(), by=who, at=now())
    assert refused.value.code == "too_early"
    assert claiming.file_claim(lost, loss(), by=who, at=tomorrow).state == "filed"


@pytest.mark.parametrize("state", ["approved", "signed", "drawn"])
def test_nothing_is_lost_before_it_is_overdue(pool, bank, state):
    healthy = make.admitted(pool, state=state)
    told("no_loss", lambda: claiming.file_claim(healthy, loss(), by=make.actor(bank), at=now()))


def test_the_same_document_twice(lost, bank):
    files = [make.paper("同一份"), make.paper("同一份")]
    told("same_file", lambda: claiming.file_claim(lost, loss(files=files), by=make.actor(bank), at=now()))
    assert not PoolClaim.objects.exists()


def test_once_unless_it_was_refused(lost, bank):
    claim = make.claim(lost)
    told("claimed", lambda: make.claim(lost))
    told("no_reason", lambda: claiming.refuse(claim, "", by=make.reviewer(), at=now()))
    told("no_role", lambda: claiming.refuse(claim, "材料不全", by=make.payer(), at=now()))
    claiming.refuse(claim, "材料不全", by=make.reviewer(), at=now())
    make.claim(lost)


def test_each_step_has_its_post(lost):
    claim = make.claim(lost)
    told("no_role", lambda: claiming.review(claim, by=make.leader(), at=now()))
    make.sign(claim, "reviewed")
    told("no_role", lambda: claiming.approve(claim, by=make.reviewer(), at=now()))
    make.sign(claim, "approved")
    told("no_role", lambda: claiming.pay(claim, make.payment("V1"), "000000", by=make.leader(), at=now()))


def test_four_people_who_differ(pool, bank):
    both = make.payer(Role.REVIEWER, Role.LEADER)
    claim = make.claim(make.admitted(pool, state="overdue"))
    claiming.review(claim, by=both, at=now())
    told("four_eyes", lambda: claiming.approve(claim, by=both, at=now()))
    other = make.payer(Role.LEADER)
    claiming.approve(claim, by=other, at=now())
    told("four_eyes", lambda: make.pay(claim, by=other))
    told("four_eyes", lambda: make.pay(claim, by=both))


def test_what_its_reviewer_had_paid_before_codes_were_asked_for_stands():
    rule = next(one for one in PoolClaim._meta.constraints if one.name == "finance_poolclaim_paid_by_another")
    asked = {"filed_by_id": 1, "reviewed_by_id": 2, "approved_by_id": 3}
    rule.validate(PoolClaim, PoolClaim(**asked, paid_by_id=2))
    for who, code in ((1, ""), (3, ""), (2, "totp:1:1")):
        with pytest.raises(ValidationError):
            rule.validate(PoolClaim, PoolClaim(**asked, paid_by_id=who, second_factor=code))


def test_paid_once(lost, pool):
    claim = make.claim(lost, state="approved")
    told("no_serial", lambda: make.pay(claim, make.payment(" ")))
    make.pay(claim, make.payment("财拨〔2026〕v－1 号"))
    told("not_approved", lambda: make.pay(claim, make.payment("V-2")))
    claim.refresh_from_db()
    assert (claim.serial, claim.paid_on) == ("财拨〔2026〕V-1号", timezone.localdate())
    other = make.claim(make.admitted(pool, state="overdue"), state="approved")
    told("paid_before", lambda: make.pay(other, make.payment("财拨〔２０２６〕V-1号")))
    told("receipt_used", lambda: make.pay(other, make.payment("V-3", receipt=_copy(claim.receipt))))
    pool.refresh_from_db()
    assert pool.balance_fen == pool.capital_fen - claim.guarantee_fen


def test_a_payment_is_signed_with_a_code_that_serves_once(lost, pool):
    claim = make.claim(lost, state="approved")
    other = make.claim(make.admitted(pool, state="overdue"), state="approved")
    bare, payer, at = make.official(Role.PAYMENT_RELEASER), make.payer(), now()
    shown = totp_code_at(payer, at)
    wrong = f"{(int(shown) + 1) % 1_000_000:06d}"
    told("no_second_factor", lambda: claiming.pay(claim, make.payment("V1"), shown, by=bare, at=at))
    told("wrong_code", lambda: claiming.pay(claim, make.payment("V1"), wrong, by=payer, at=at))
    claiming.pay(claim, make.payment("V1"), shown, by=payer, at=at)
    told("used_code", lambda: claiming.pay(other, make.payment("V2"), shown, by=payer, at=at))
    claim.refresh_from_db()
    assert claim.second_factor.startswith("totp:")


def test_a_payment_has_a_receipt_and_a_day_since_its_approval(lost):
    claim = make.claim(lost, state="approved")
    today = timezone.localdate()
    without = claiming.Payment("V1", today, None)
    told("no_receipt", lambda: make.pay(claim, without))
    table = ContentFile(b"a,b\n", name="回单.csv")
    told("file_refused", lambda: make.pay(claim, make.payment("V1", receipt=table)))
    told("in_future", lambda: make.pay(claim, make.payment("V1", today + dt.timedelta(days=1))))
    told("before_approval", lambda: make.pay(claim, make.payment("V1", today - dt.timedelta(days=1))))
    told("serial_long", lambda: make.pay(claim, make.payment("V" * 41)))
    assert not PoolReceipt.objects.exists()


def _copy(receipt):
    with receipt.file.open("rb") as file:
        return ContentFile(file.read(), name="另一份.pdf")


def test_what_was_paid_back_since_is_not_compensated(lost):
    claim = make.claim(lost, state="approved")
    make.repay(lost.loan, 1)
    told("paid_back", lambda: make.pay(claim))


def test_what_was_approved_is_refused_and_filed_anew_when_the_loss_is_less(lost):
    claim = make.claim(lost, state="approved")
    boss = claim.approved_by
    make.repay(lost.loan, WAN)
    told("no_reason", lambda: claiming.refuse(claim, " ", by=make.leader(), at=now()))
    told("no_role", lambda: claiming.refuse(claim, "已部分归还", by=make.payer(), at=now()))
    claiming.refuse(claim, "已部分归还", by=make.leader(), at=now())
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by, claim.paid_by) == ("refused", boss, None)
    again = make.claim(lost, 99 * WAN + 1, state="paid")
    assert again.guarantee_fen == (99 * WAN + 1) * 7 // 10
    told("transition_refused", lambda: claiming.refuse(again, "反悔", by=make.leader(), at=now()))
    assert invariants.broken() == []


def test_what_comes_back_is_shared_and_ends_at_the_loss(lost, pool):
    claim = make.claim(lost, state="paid")
    who = make.payer()
    today = timezone.localdate()

    def back(fen, serial):
        return claiming.recover(claim, Returned(fen, serial, today), by=who, at=now())

    assert [back(1, "R-1").pool_fen, back(1, "R-2").pool_fen] == [0, 1]
    told("recovered_before", lambda: back(1, "R-2"))
    told("empty", lambda: back(0, "R-3"))
    told("no_serial", lambda: back(1, " "))
    told("recovered_before", lambda: back(1, "ｒ -2"))
    tomorrow = Returned(1, "R-9", today + dt.timedelta(days=1))
    told("in_future", lambda: claiming.recover(claim, tomorrow, by=who, at=now()))
    told("too_much", lambda: back(100 * WAN, "R-3"))
    back(100 * WAN - 1, "R-3")
    claim.refresh_from_db()
    pool.refresh_from_db()
    assert (claim.recovered_fen, claim.returned_fen) == (claim.loss_fen, claim.guarantee_fen)
    assert pool.balance_fen == pool.capital_fen
    assert invariants.broken() == []


def test_nothing_comes_back_of_what_was_not_paid(lost):
    claim = make.claim(lost, state="approved")
    back = Returned(1, "R-1", now().date())
    told("not_paid", lambda: claiming.recover(claim, back, by=make.payer(), at=now()))
    told("no_role", lambda: claiming.recover(claim, back, by=make.leader(), at=now()))


def told_of(claim, state) -> set[int]:
    """Mailboxes that were told that the claim has come to a state."""
    found = OutboxEntry.objects.filter(key__contains=f"pool:claim:{claim.pk}:{state}")
    return set(found.values_list("payload__mailbox", flat=True))


def test_at_each_step_those_whose_turn_it_is_and_the_bank_are_told(lost, bank):
    reviewer, leader, payer = make.reviewer(), make.leader(), make.payer()
    both = make.official(Role.REVIEWER, Role.LEADER)
    manager, colleague = (BankOfficerFactory(bank=bank, role=role).user for role in ("manager", "officer"))
    stranger = BankOfficerFactory(role="manager").user
    claim = make.claim(lost)
    own = {manager.mailbox.pk, claim.filed_by.mailbox.pk}
    assert told_of(claim, "filed") == {reviewer.mailbox.pk, both.mailbox.pk, manager.mailbox.pk}
    claiming.review(claim, by=both, at=now())
    assert told_of(claim, "reviewed") == {leader.mailbox.pk} | own  # who reviewed does not approve
    claiming.approve(claim, by=leader, at=now())
    assert told_of(claim, "approved") == {payer.mailbox.pk} | own
    make.pay(claim, make.payment("V-1"), by=payer)
    assert told_of(claim, "paid") == own
    said = OutboxEntry.objects.filter(key__contains=f"pool:claim:{claim.pk}:paid").first()
    assert "凭证号 V-1" in said.payload["body"]
    everybody = set().union(*(told_of(claim, state) for state in ClaimState.values))
    assert not everybody & {colleague.mailbox.pk, stranger.mailbox.pk}


def test_a_refusal_is_told_with_its_reason_to_who_still_works_for_the_bank(lost, bank):
    manager = BankOfficerFactory(bank=bank, role="manager").user
    claim = make.claim(lost)
    claim.filed_by.bank_posts.update(until=now().date() - dt.timedelta(days=1))
    claiming.refuse(claim, "材料不全", by=make.reviewer(), at=now())
    assert told_of(claim, "refused") == {manager.mailbox.pk}
    entry = OutboxEntry.objects.get(key__contains=f"pool:claim:{claim.pk}:refused")
    assert "材料不全" in entry.payload["title"]
