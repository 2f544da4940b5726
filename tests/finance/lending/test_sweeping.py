"""What time alone does: a bank that never answers, an approval nobody signs, a loan nobody pays."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.keepers import OFFICE
from finance.lending.reminding import remind
from finance.lending.sweeping import sweep
from finance.models import LoanApplication, LoanClock, LoanEvent, LoanState
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import PostingFactory
from tests.finance.lending import factories as make

pytestmark = pytest.mark.django_db
S = LoanState
LATER = dt.timedelta(days=400)


def office():
    return PostingFactory(department=Department.objects.get(code=OFFICE), role=Role.LEADER).user


def titles(user):
    deliver()
    return list(Message.objects.filter(mailbox__user=user).values_list("title", flat=True))


def test_a_bank_that_never_answers():
    boss, loan = office(), make.filed()
    consent = loan.consent
    sweep(LoanClock.objects.get(loan=loan, target="wait").due_at)
    loan.refresh_from_db()
    consent.refresh_from_db()
    assert loan.state == S.LAPSED
    assert consent.revoked_at is not None
    assert any("没有在时限内答复" in title for title in titles(boss))
    told = Message.objects.filter(mailbox=loan.enterprise.mailbox, kind="loan")
    assert any("一键改为面向全部银行" in message.title for message in told)
    assert sweep(timezone.now() + LATER) == 0


def test_nothing_lapses_before_its_time():
    loan = make.filed()
    due = LoanClock.objects.get(loan=loan, target="wait").due_at
    assert sweep(due - dt.timedelta(seconds=1)) == 0
    assert sweep(due) == 1


def test_nobody_takes_it_from_the_hall():
    loan = make.opened()
    due = LoanClock.objects.get(loan=loan, target="open").due_at
    sweep(due)
    loan.refresh_from_db()
    assert loan.state == S.LAPSED
    assert not loan.consent.is_live(due)


@pytest.mark.parametrize(
    ("state", "then", "did"),
    [(S.APPROVED, S.EXPIRED, 1), (S.DRAWN, S.OVERDUE, 2), (S.REPAYING, S.OVERDUE, 2)],
)
def test_what_time_does_of_itself(state, then, did):
    """Of what is paid back by instalments it is asked about one first."""
    loan = make.put(state)
    assert sweep(timezone.now() + dt.timedelta(days=390)) == did
    assert LoanApplication.objects.get(pk=loan.pk).state == then


def test_what_owes_nothing_on_its_last_day_is_settled():
    """A part was drawn and all of that is back: the rest of the approval is let go."""
    loan = make.put(S.SIGNED)
    by = make.officer(loan.bank)
    make.draw(loan, by, 20 * make.WAN)
    make.repay(loan, by, 20 * make.WAN)
    loan.refresh_from_db()
    assert loan.state == S.REPAYING
    assert sweep(timezone.now() + dt.timedelta(days=390)) == 1
    loan.refresh_from_db()
    assert (loan.state, loan.due_at) == (S.REPAID, None)
    assert not LoanEvent.objects.filter(subject=loan, name="miss").exists()


@pytest.mark.parametrize("state", [S.ACCEPTED, S.DUE_DILIGENCE, S.SIGNED, S.OVERDUE, S.REPAID])
def test_what_a_bank_is_late_with_does_not_end_by_itself(state):
    loan = make.put(state)
    sweep(timezone.now() + LATER)
    assert LoanApplication.objects.get(pk=loan.pk).state == state


def test_reminders_climb_from_the_officer_to_the_office():
    boss, loan = office(), make.filed()
    by, manager = make.officer(loan.bank), make.officer(loan.bank, "manager")
    late = LoanClock.objects.get(loan=loan, target="answer").due_at + dt.timedelta(days=14)
    while not remind(late):
        late += dt.timedelta(hours=5)
    names = set(LoanEvent.objects.filter(subject=loan).values_list("name", flat=True))
    assert {"remind", "escalate"} <= names
    assert all(any("受理" in title for title in titles(user)) for user in (by.user, manager.user, boss))


def test_an_enterprise_is_reminded_to_sign_and_nobody_above_it():
    loan = make.put(S.APPROVED)
    clock = LoanClock.objects.get(loan=loan, target="sign")
    moment = clock.warn_at
    while not remind(moment):
        moment += dt.timedelta(hours=5)
    deliver()
    told = Message.objects.filter(mailbox=loan.enterprise.mailbox, title__contains="失效")
    assert told.exists()
    assert not LoanEvent.objects.filter(subject=loan, name="escalate").exists()
