"""What those who decide a claim see of its loan: reckoned by hand here."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.models import LoanInstalment, LoanPlan
from finance.pools import claiming
from finance.pools.case import Case
from portal.accounts.roles import Role
from tests.clients import cheap
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN
from tests.finance.pools.test_pages import MOST_OF_A_CLAIM, at_desk, desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost():
    """A loan of a pool that is overdue."""
    return make.admitted(make.pool(make.bank(), fuse_rate=100), 100 * WAN, "overdue", "equal_principal")


def planned(loan, *dues):
    """A plan of the loan: days from today, principal and interest in 万元."""
    plan = LoanPlan.objects.create(
        loan=loan,
        number=1,
        method="equal_principal",
        rate="4.35",
        principal_fen=loan.drawn_fen,
        at=make.now(),
    )
    LoanInstalment.objects.bulk_create(
        LoanInstalment(
            plan=plan,
            number=number,
            due_on=timezone.localdate() + dt.timedelta(days=days),
            principal_fen=principal * WAN,
            interest_fen=interest * WAN,
        )
        for number, (days, principal, interest) in enumerate(dues, 1)
    )


def case_of(claim):
    return Case.of(claim, list(claim.events.all()))


def test_without_a_plan_it_is_overdue_since_the_bank_said_so(lost):
    case = case_of(make.claim(lost))
    assert (case.since, case.overdue_days, case.interest_fen) == (timezone.localdate() - make.LONG_AGO, 30, 0)
    assert [(one.out, one.principal_fen) for one in case.moves] == [(True, 100 * WAN)]


def test_who_decides_reads_that_by_the_plan_nothing_due_is_unpaid(lost):
    planned(lost.loan, (30, 100, 1))
    claim = make.claim(lost)
    case = case_of(claim)
    assert (case.lateness.due_on, case.overdue_days, case.lateness.against_plan) == (None, 30, True)
    shown = at_desk(Role.REVIEWER).get(desk(f"claims/{claim.pk}/")).content.decode()
    assert "按计划没有到期未还的款项。" in shown
    assert "起有到期未还的款项" not in shown


def test_without_a_plan_its_last_day_counts(lost):
    claim = make.claim(lost)
    claim.admission.loan.matures_on = timezone.localdate() - dt.timedelta(days=9)
    assert case_of(claim).overdue_days == 9


def test_by_the_plan_it_is_overdue_since_the_first_instalment_that_is_not_met(lost):
    planned(lost.loan, (-70, 50, 2), (-40, 25, 1), (30, 25, 1))
    claim = make.claim(lost)
    make.repay(lost.loan, 50 * WAN)
    case = case_of(claim)
    assert case.overdue_days == 70  # its interest never came
    assert case.interest_fen == 3 * WAN
    assert [one.late for one in case.moves] == [False, True]
    assert (case.since_then_fen, case.paid_back_fen) == (50 * WAN, 50 * WAN)


def test_what_was_refused_before_is_named(lost):
    first = make.claim(lost)
    claiming.refuse(first, "补充催收记录", by=make.leader(), at=make.now())
    second = make.claim(lost)
    assert case_of(second).earlier == [first]
    assert "补充催收记录" in at_desk(Role.REVIEWER).get(desk(f"claims/{second.pk}/")).content.decode()


def test_a_settled_claim_is_shown_as_of_its_day(lost):
    claim = make.claim(lost, state="paid")
    (*_rest, paid) = claim.events.all()
    assert case_of(claim).as_of == timezone.localdate(paid.at)
    assert (case_of(claim).net_guarantee_fen, case_of(claim).net_bank_fen) == (70 * WAN, 30 * WAN)


def test_what_came_back_after_it_was_paid_speaks_not_against_it(lost):
    claim = make.claim(lost, state="paid")
    make.repay(lost.loan, 40 * WAN)
    claim = type(claim).objects.get(pk=claim.pk)
    case = case_of(claim)
    assert (claim.admission.loan.owed_fen, case.owed_fen, case.paid_back_fen) == (60 * WAN, 100 * WAN, 0)
    assert [one.out for one in case.moves] == [True]
    page = at_desk(Role.REVIEWER).get(desk(f"claims/{claim.pk}/")).content.decode()
    assert "不能按原数补偿" not in page


def test_the_page_says_it_all_in_few_queries(lost):
    planned(lost.loan, (-70, 50, 2), (-40, 50, 1))
    claim = make.claim(lost)
    page = cheap(at_desk(Role.REVIEWER), desk(f"claims/{claim.pk}/"), MOST_OF_A_CLAIM).content.decode()
    for words in (
        "70 天",
        "30,000 元",
        "未还本金",
        "放款和还款",
        "待核对",
        "本金损失",
        lost.loan.bank_number,
    ):
        assert words in page, words
