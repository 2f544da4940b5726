"""What pools refuse to whom, at the smallest place where they do."""

import pytest
from django.utils import timezone

from finance.acting import BankActor
from finance.models import Bank, LoanApplication, RiskPool
from finance.pools import claiming, fusing
from finance.pools.admitting import admit
from finance.pools.claiming import Returned
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.finance.factories import office
from tests.finance.pools import factories as make
from tests.finance.pools.breaches import claimed, fuse
from tests.finance.pools.factories import now
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


def test_what_is_not_approved_comes_into_no_pool():
    by = BankActor(None, Bank(pk=7), "officer")
    told("not_approved", lambda: admit(RiskPool(), LoanApplication(bank_id=7), by=by, at=now()))


def holding(user, role):
    PostingFactory(user=user, department=office(), role=role)
    return user


def filer_reviews():
    claim = claimed()
    claiming.review(claim, by=holding(claim.filed_by, Role.REVIEWER), at=now())


def reviewer_approves():
    claim = claimed("reviewed")
    claiming.approve(claim, by=holding(claim.reviewed_by, Role.LEADER), at=now())


def approver_pays():
    claim = claimed("approved")
    claiming.pay(claim, make.payment("V"), "", by=holding(claim.approved_by, Role.PAYMENT_RELEASER), at=now())


def unpaid_comes_back():
    money = Returned(1, "R", timezone.localdate())
    claiming.recover(claimed(), money, by=make.payer(), at=now())


def fuse_ends_above_the_line():
    row = fuse()
    fusing.ask_reopen(row, "已处置", by=make.leader(), at=now())
    fusing.reopen(row, by=make.leader(), at=now())


BEFORE_THE_DATABASE = {
    filer_reviews: "four_eyes",
    reviewer_approves: "four_eyes",
    approver_pays: "four_eyes",
    unpaid_comes_back: "not_paid",
    fuse_ends_above_the_line: "still_bad",
}


@pytest.mark.parametrize(
    ("act", "code"), BEFORE_THE_DATABASE.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_the_service_says_so_itself(act, code):
    """Before the database, which would refuse it too."""
    assert told(code, act).__cause__ is None
