"""Awards: whole fen, once an item and period, and what an approved application becomes."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from policies.models import Award
from policies.money.awards import waiting
from policies.reviewing import deciding
from portal.kernel.digests import digest_of
from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money
from tests.applying import factories as applying
from tests.enjoying.taken import grant
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import Desk, budget, new_award
from tests.money.refusing import told
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


def make(*wanted):
    return grant(*wanted, at=timezone.now())


@pytest.mark.parametrize(
    "typed", ["0.005", "NaN", "1e400", "１e４００", "-", "Infinity", "0x10", "1.0.0", "十万元"]
)
def test_what_people_write_and_is_no_money(typed):
    with pytest.raises(DomainError):
        parse_money(typed)


@pytest.mark.parametrize("amount", [0, -1, 10**17 + 1])
def test_out_of_range(amount):
    with pytest.raises(DomainError) as refusal:
        make(new_award(policies.published(), EnterpriseFactory(), amount_fen=amount))
    assert refusal.value.code == "money_out_of_range"
    assert not Award.objects.exists()


@pytest.mark.parametrize("amount", [0.5, float("nan"), True, "1", None])
def test_money_is_whole_fen(amount):
    with pytest.raises(TypeError):
        make(new_award(policies.published(), EnterpriseFactory(), amount_fen=amount))


def test_full_width_digits_are_read_and_made():
    fen = parse_money("１０．５万元")
    (made,) = make(new_award(policies.published(), EnterpriseFactory(), amount_fen=fen))
    assert made.amount_fen == 10_500_000


@given(st.text(max_size=12))
def test_nothing_that_is_typed_becomes_another_sum(text):
    try:
        fen = parse_money(text)
    except DomainError:
        return
    assert isinstance(fen, int)


def test_doubles_are_named_and_nothing_is_made():
    version, first, second = policies.published(), EnterpriseFactory(), EnterpriseFactory()
    make(new_award(version, first))
    refusal = told("awarded_twice", lambda: make(new_award(version, second), new_award(version, first)))
    assert first.name in str(refusal)
    assert second.name not in str(refusal)
    told("awarded_twice", lambda: make(new_award(version, second), new_award(version, second)))
    assert Award.objects.count() == 1
    make(new_award(version, first, period=2027))


def test_the_evidence_has_its_digest():
    (made,) = make(new_award(policies.published(), EnterpriseFactory()))
    assert made.digest == digest_of(made.evidence)


def test_an_approved_application_is_owed():
    application = applying.approved()
    made = Award.objects.get()
    assert (made.application, made.enterprise, made.amount_fen) == (
        application,
        application.enterprise,
        20_000_000,
    )
    assert made.evidence["digest"] == application.evidence.get().digest
    assert made.made_by == application.decided_by


def test_who_enjoyed_it_already_is_not_approved():
    application, notice = applying.noticed()
    make(new_award(application.version, application.enterprise, period=application.period))
    told("awarded_twice", lambda: deciding.approve(application, by=applying.leader(), at=notice.closes_at))
    application.refresh_from_db()
    assert application.state == "noticed"


def test_what_is_approved_without_money_is_not_owed():
    application = applying.proposed(amount_fen=None, of=applying.version(benefit="title", rule_amount=None))
    deciding.approve(application, by=applying.leader(), at=applying.now())
    assert application.state == "approved"
    assert not Award.objects.exists()


def test_a_refused_application_is_not_owed():
    applying.refused()
    assert not Award.objects.exists()


class TestWaiting:
    def test_until_a_payment_lives_and_again_once_it_came_back(self):
        desk = Desk()
        owed = desk.award()
        assert list(waiting(desk.line)) == [owed]
        batch = desk.released(owed)
        assert not waiting(desk.line).exists()
        desk.settle(batch, "returned")
        assert list(waiting(None)) == [owed]

    def test_of_the_items_of_the_line(self):
        desk = Desk()
        desk.award()
        assert not waiting(budget(policies.published())).exists()
