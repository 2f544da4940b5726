"""Before the money is out: a contract is called off, an approval taken back."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.lending import deciding
from finance.lending.story import story_of
from finance.lending.sweeping import sweep
from finance.measures import Span, lendings, measured
from finance.models import LoanState
from finance.pools import admitting
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.enterprises.factories import actor_of
from tests.finance.lending import factories as make
from tests.finance.lending.refused import refused
from tests.finance.pools import factories as pools

pytestmark = pytest.mark.django_db
S = LoanState
WAN = make.WAN


class TestCallingOff:
    """A contract under which no money goes out."""

    def test_the_manager_ends_it_and_the_pool_lets_go(self):
        loan = make.put(S.APPROVED)
        by = make.officer(loan.bank, "manager")
        pool = pools.pool(loan.bank)
        admission = admitting.admit(pool, loan, by=by, at=timezone.now())
        make.STEPS["sign"](loan, by, timezone.now())
        deciding.call_off(loan, " 企业不再需要 ", by=by, at=timezone.now())
        loan.refresh_from_db()
        admission.refresh_from_db()
        pool.refresh_from_db()
        assert (loan.state, loan.bank_number) == (S.EXPIRED, f"HT-{loan.pk}")
        assert (admission.release_reason, pool.used_fen) == ("expired", 0)
        assert not loan.clocks.filter(met_at=None).exists()
        assert not loan.consent.is_live(timezone.now())
        deliver()
        told = Message.objects.get(mailbox=loan.enterprise.mailbox_id, title__contains="不再放款")
        assert "企业不再需要" in told.body

    def test_it_is_told_apart_from_an_approval_that_nobody_used(self):
        loan = make.put(S.SIGNED)
        deciding.call_off(loan, "不需要", by=make.officer(loan.bank, "manager"), at=timezone.now())
        assert (loan.state, loan.state_words) == (S.EXPIRED, "合同已终止")
        left = make.put(S.APPROVED)
        assert sweep(left.clocks.get(target="sign").due_at) == 1
        left.refresh_from_db()
        assert (left.state, left.state_words) == (S.EXPIRED, "批准已过期")

    def test_not_without_a_reason_nor_by_others(self):
        loan = make.put(S.SIGNED)
        with refused("no_reason"):
            deciding.call_off(loan, " ", by=make.officer(loan.bank, "manager"), at=timezone.now())
        with refused("not_manager"):
            deciding.call_off(loan, "不需要", by=make.officer(loan.bank), at=timezone.now())

    def test_not_once_money_is_out(self):
        loan = make.put(S.DRAWN)
        with refused("transition_refused"):
            deciding.call_off(loan, "不需要", by=make.officer(loan.bank, "manager"), at=timezone.now())


class TestTakingBack:
    """An approval that does not hold after all."""

    def test_the_manager_takes_it_back_and_the_pool_lets_go(self):
        loan = make.put(S.APPROVED)
        by = make.officer(loan.bank, "manager")
        pool = pools.pool(loan.bank)
        admission = admitting.admit(pool, loan, by=by, at=timezone.now())
        deciding.take_back(loan, " 企业涉诉 ", by=by, at=timezone.now())
        loan.refresh_from_db()
        admission.refresh_from_db()
        pool.refresh_from_db()
        assert (loan.state, loan.state_words, loan.approved_fen) == (S.REFUSED, "批准已撤回", 50 * WAN)
        assert make.put(S.REFUSED).state_words == "未批准"
        assert (admission.release_reason, pool.used_fen) == ("refused", 0)
        assert not loan.clocks.filter(met_at=None).exists()
        assert not loan.consent.is_live(timezone.now())
        assert [(told.label, told.comment) for told in story_of(loan, internal=False)][0] == (
            "撤回批准",
            "企业涉诉",
        )
        deliver()
        told = Message.objects.get(mailbox=loan.enterprise.mailbox_id, title__contains="撤回了对您贷款的批准")
        assert "企业涉诉" in told.body

    def test_not_without_a_reason_nor_by_others(self):
        loan = make.put(S.APPROVED)
        with refused("no_reason"):
            deciding.take_back(loan, " ", by=make.officer(loan.bank, "manager"), at=timezone.now())
        with refused("not_manager"):
            deciding.take_back(loan, "涉诉", by=make.officer(loan.bank), at=timezone.now())
        with refused("not_yours"):
            deciding.take_back(loan, "涉诉", by=make.officer(make.bank(), "manager"), at=timezone.now())

    @pytest.mark.parametrize("state", [S.DUE_DILIGENCE, S.REFUSED, S.SIGNED, S.DRAWN])
    def test_only_what_is_approved_and_not_signed(self, state):
        loan = make.put(state)
        with refused("transition_refused"):
            deciding.take_back(loan, "涉诉", by=make.officer(loan.bank, "manager"), at=timezone.now())

    def test_it_counts_as_refused(self):
        loan = make.put(S.APPROVED)
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        before = measured(lendings(Span(None, tomorrow)))
        deciding.take_back(loan, "涉诉", by=make.officer(loan.bank, "manager"), at=timezone.now())
        after = measured(lendings(Span(None, tomorrow)))
        assert [(one["approved"], one["decided"]) for one in (before, after)] == [(1, 1), (0, 1)]

    def test_another_application_may_follow(self):
        actor = actor_of()
        loan = make.put(S.APPROVED, make.filed(actor))
        deciding.take_back(loan, "金额登错", by=make.officer(loan.bank, "manager"), at=timezone.now())
        assert make.filed(actor, loan.product_version).state == S.SUBMITTED
