"""Two connections, one right behind the other: the second waits, and then sees what the first did."""

from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from finance.models import PoolRecovery, PoolSource
from finance.pools import claiming, fusing
from finance.pools.admitting import admit
from finance.pools.claiming import Returned
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.enterprises.factories import actor_of
from tests.finance.pools import factories as make
from tests.finance.pools.breaches import claimed, fuse, proven
from tests.finance.pools.factories import WAN, now
from tests.races import behind
from tests.rows import change, copy

pytestmark = pytest.mark.django_db(transaction=True)


def refused_by(error):
    assert isinstance(error, IntegrityError), error
    return error.__cause__.diag.constraint_name


def again(row):
    return type(row).objects.get(pk=row.pk)


def test_a_loan_that_is_withdrawn_does_not_come_into_a_pool():
    bank = make.bank()
    pool, loan = make.pool(bank), make.loan(bank)
    comes = partial(admit, pool, again(loan), by=make.actor(bank), at=now())
    error = behind(partial(advance, loan, "withdraw", actor=None), comes)
    assert isinstance(error, DomainError), error
    assert error.code == "not_approved"


def test_no_paper_is_added_while_a_claim_is_reviewed():
    claim = claimed()
    paper = claim.files.first()
    review = partial(claiming.review, claim, by=make.reviewer(), at=now())
    assert (
        refused_by(behind(review, partial(copy, paper, digest="0" * 64))) == "finance_poolclaimfile_in_time"
    )


def test_no_receipt_comes_while_a_claim_is_refused():
    claim, paid = claimed("approved"), claimed("paid")
    refuse = partial(change, claim, state="refused", refusal="材料不实")
    into = partial(copy, paid.receipt, claim_id=claim.pk, digest="0" * 64)
    assert refused_by(behind(refuse, into)) == "finance_poolreceipt_in_time"


def test_nothing_is_paid_of_what_is_being_paid_back():
    claim = claimed("approved")
    error = behind(partial(make.repay, again(claim.admission.loan), 50 * WAN), partial(proven, claim))
    assert refused_by(error) == "finance_poolclaim_still_lost"


def test_nothing_is_claimed_of_what_is_being_paid_back():
    claim = claimed()
    claiming.refuse(claim, "材料不全", by=make.reviewer(), at=timezone.now())
    loan = again(claim.admission.loan)
    anew = partial(copy, claim, state="filed", refusal="")
    assert refused_by(behind(partial(make.repay, loan, 50 * WAN), anew)) == "finance_poolclaim_loss"


def test_of_two_who_end_a_fuse_the_second_is_told():
    row = fuse()
    pool = row.pool
    change(pool, fuse_rate=100)
    fusing.ask_reopen(row, "已处置", by=make.leader(), at=now())
    one, other = (partial(fusing.reopen, again(row), by=make.leader(), at=now()) for _time in range(2))
    error = behind(one, other)
    assert isinstance(error, DomainError), error
    assert error.code == "reopened"


def test_what_comes_back_is_shared_as_one_sum():
    claim = claimed("paid")
    one, other = (
        partial(
            claiming.recover, claim, Returned(1, f"R{n}", timezone.localdate()), by=make.payer(), at=now()
        )
        for n in range(2)
    )
    found = behind(one, other)
    assert isinstance(found, PoolRecovery), found
    claim.refresh_from_db()
    assert (claim.recovered_fen, claim.returned_fen) == (2, 1)


def test_no_money_comes_into_a_pool_that_is_being_closed():
    pool = make.pool(make.bank(), capital=0)
    source = PoolSource(pool=pool, name="县财政", amount_fen=1, by=make.preparer(), at=now())
    shut = partial(change, pool, state="closed")
    assert refused_by(behind(shut, source.save)) == "finance_poolsource_closed"


def test_what_is_being_paid_is_not_paid_by_another():
    claim = claimed("approved")
    one, other = (partial(make.pay, again(claim), make.payment(f"V{n}")) for n in range(2))
    error = behind(one, other)
    assert isinstance(error, DomainError), error
    assert error.code == "not_approved"


def test_of_two_loans_of_a_firm_the_second_finds_the_first():
    bank, owner = make.bank(), actor_of()
    pool = make.pool(bank, firm_cap_fen=10 * WAN)
    loans = [make.loan(bank, 10 * WAN, "signed", owner=owner) for _ in range(2)]
    one, other = (partial(admit, pool, loan, by=make.actor(bank), at=now()) for loan in loans)
    error = behind(one, other)
    assert isinstance(error, DomainError), error
    assert error.code == "firm_cap"
