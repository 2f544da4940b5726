"""A consent that ends before the contract: nothing is decided by it, and the bank is not late meanwhile."""

import datetime as dt
from unittest import mock

import pytest
from django.utils import timezone

from enterprises.consents import granting, hooks
from finance.lending import booking, deciding, filing, grabbing
from finance.lending.booking import Drawing
from finance.lending.consenting import following, watch
from finance.lending.correcting import reverse
from finance.lending.sweeping import sweep
from finance.models import LoanApplication, LoanState
from finance.tasks import sweep_loans
from portal.kernel.clocks import Light
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.enterprises.factories import actor_of
from tests.finance.lending import factories as make
from tests.finance.lending.pages import at_desk, of_bank, of_firm
from tests.finance.lending.refused import refused
from tests.finance.lending.test_sweeping import office, titles

pytestmark = pytest.mark.django_db
S = LoanState
DAY = dt.timedelta(days=1)


def revoked(state, **filing_changes):
    """An application in a state whose enterprise has revoked its consent since; with the enterprise."""
    actor = actor_of()
    loan = make.put(state, make.filed(actor, **filing_changes))
    granting.revoke(actor, loan.consent, "要核实用途", at=timezone.now())
    loan.refresh_from_db()
    return loan, actor


def again(actor, loan, at=None):
    at = at or timezone.now()
    filing.consent_anew(actor, loan, make.sharing(at), at=at)


class TestDeciding:
    @pytest.mark.parametrize(("state", "step"), [(S.DUE_DILIGENCE, "approve"), (S.APPROVED, "sign")])
    def test_nothing_is_decided_until_the_enterprise_consents_anew(self, state, step):
        loan, actor = revoked(state)
        by = make.officer(loan.bank)
        with refused("consent_ended"):
            make.STEPS[step](loan, by, timezone.now())
        assert LoanApplication.objects.get(pk=loan.pk).state == state
        again(actor, loan)
        make.STEPS[step](loan, by, timezone.now())
        assert loan.state != state

    @pytest.mark.parametrize(("state", "step"), [(S.DUE_DILIGENCE, "approve"), (S.APPROVED, "sign")])
    def test_nor_once_it_is_over(self, state, step):
        loan = make.put(state)
        by, until = make.officer(loan.bank), loan.consent.until
        with refused("consent_ended"):
            make.STEPS[step](loan, by, until)
        make.STEPS[step](loan, by, until - dt.timedelta(microseconds=1))

    @pytest.mark.parametrize(
        ("state", "step"),
        [
            (S.SUBMITTED, "accept"),
            (S.SUBMITTED, "decline"),
            (S.ACCEPTED, "investigate"),
            (S.ACCEPTED, "refuse"),
        ],
    )
    def test_all_else_goes_on(self, state, step):
        loan, _actor = revoked(state)
        make.STEPS[step](loan, make.officer(loan.bank), timezone.now())
        assert loan.state != state

    def test_an_approval_is_taken_back_all_the_same(self):
        loan, _actor = revoked(S.APPROVED)
        deciding.take_back(loan, "无法核实", by=make.officer(loan.bank, "manager"), at=timezone.now())
        assert loan.state == S.REFUSED

    def test_after_the_contract_everything_goes_on(self):
        loan, _actor = revoked(S.SIGNED)
        by = make.officer(loan.bank, "manager")
        for step in ("draw", "part", "miss", "write_off"):
            make.STEPS[step](loan, by, timezone.now())
        assert loan.state == S.WRITTEN_OFF

    def test_what_is_booked_wrong_goes_back_to_the_contract_without_it(self):
        loan, _actor = revoked(S.DRAWN)
        by = make.officer(loan.bank)
        reverse(loan.drawdowns.get(), "登错", by=by, at=timezone.now())
        loan.refresh_from_db()
        assert loan.state == S.SIGNED
        booking.draw(loan, Drawing("F9", make.WAN, timezone.localdate()), by=by, at=timezone.now())

    def test_what_has_ended_says_that_and_not_something_of_a_consent(self):
        loan = make.put(S.REFUSED)
        with refused("transition_refused"):
            make.STEPS["approve"](loan, make.officer(loan.bank), timezone.now())


class TestHall:
    def test_nobody_takes_or_sees_what_waits_for_a_consent(self):
        actor = actor_of()
        loan, by = make.opened(actor), make.officer(make.bank())
        granting.revoke(actor, loan.consent, at=timezone.now())
        assert not LoanApplication.objects.open_for(by.bank, timezone.now()).exists()
        with refused("closed"):
            grabbing.take(loan, by=by, at=timezone.now())
        again(actor, loan)
        assert LoanApplication.objects.open_for(by.bank, timezone.now()).get() == loan
        assert grabbing.take(loan, by=by, at=timezone.now()).won

    def test_nor_once_it_is_over(self):
        loan, by = make.opened(), make.officer(make.bank())
        assert not LoanApplication.objects.open_for(by.bank, loan.consent.until).exists()
        with refused("closed"):
            grabbing.take(loan, by=by, at=loan.consent.until)


class TestClocks:
    @pytest.mark.parametrize(
        ("state", "target"),
        [(S.SUBMITTED, "answer"), (S.ACCEPTED, "begin"), (S.DUE_DILIGENCE, "decide")],
    )
    def test_the_banks_deadline_stands_still_and_goes_on_with_what_was_left(self, state, target):
        loan, actor = revoked(state)
        clock = loan.clocks.get(target=target)
        before = clock.due_at
        assert clock.light(before + DAY) == Light.PAUSED
        sweep_later = before + DAY
        loan.clocks.model.objects.mark(sweep_later)
        assert loan.clocks.get(pk=clock.pk).breached_at is None
        again(actor, loan, sweep_later)
        clock.refresh_from_db()
        assert clock.paused_at is None
        assert clock.due_at > sweep_later
        assert clock.span == loan.clocks.get(pk=clock.pk).span

    def test_they_go_on_though_whoever_consents_began_before_the_revocation(self):
        loan, actor = revoked(S.ACCEPTED)
        again(actor, loan, loan.consent.revoked_at - dt.timedelta(milliseconds=5))
        assert loan.clocks.get(target="begin").paused_at is None

    def test_what_is_only_waited_for_runs_on(self):
        running = {}
        for state, target in ((S.SUBMITTED, "wait"), (S.APPROVED, "sign"), (S.SIGNED, "draw")):
            loan, _actor = revoked(state)
            running[target] = loan.clocks.get(target=target).paused_at
        assert running == {"wait": None, "sign": None, "draw": None}

    def test_a_step_that_begins_meanwhile_waits_too(self):
        loan, actor = revoked(S.SUBMITTED)
        deciding.accept(loan, by=make.officer(loan.bank), at=timezone.now())
        assert loan.clocks.get(target="begin").paused_at is not None
        assert loan.clocks.get(target="answer").met_at is not None
        assert LoanApplication.objects.get(pk=loan.pk).due_at is None
        again(actor, loan)
        assert loan.clocks.get(target="begin").paused_at is None

    def test_a_consent_that_ends_by_itself_is_found_by_the_sweep_once(self):
        at = timezone.now()
        loan = make.put(S.DUE_DILIGENCE, make.filed(sharing=make.sharing(at, days=1)))
        until = loan.consent.until
        assert watch(until - dt.timedelta(microseconds=1)) == 0
        assert [watch(until), watch(until)] == [1, 0]
        assert loan.clocks.get(target="decide").paused_at == until
        (event,) = loan.events.filter(name="consent_over")
        assert (event.actor, event.source, event.target) == (None, S.DUE_DILIGENCE, S.DUE_DILIGENCE)

    def test_what_was_revoked_is_written_once_and_again_after_another_consent(self):
        loan, actor = revoked(S.ACCEPTED)
        assert watch(timezone.now()) == 0
        again(actor, loan)
        loan.refresh_from_db()
        granting.revoke(actor, loan.consent, at=timezone.now())
        assert loan.events.filter(name="revoke").count() == 2
        assert loan.clocks.get(target="begin").paused_at is not None
        assert watch(timezone.now()) == 0

    def test_a_loan_that_ended_waits_for_nothing(self):
        loan = make.put(S.REFUSED)
        assert not loan.events.filter(name__in=("revoke", "consent_over")).exists()
        assert watch(loan.consent.until + DAY) == 0

    def test_an_application_that_waits_too_long_lapses_and_no_bank_is_blamed(self):
        loan, _actor = revoked(S.SUBMITTED)
        by = make.officer(loan.bank)
        due = loan.clocks.get(target="wait").due_at
        assert sweep(due) == 1
        deliver()
        told = Message.objects.get(mailbox=loan.enterprise.mailbox_id, kind="loan")
        assert "没有重新授权" in told.title
        assert Message.objects.get(mailbox__user=by.user, kind="bank_loan").title == (
            "企业没有重新授权，申请已失效，不用再办"
        )
        assert loan.clocks.get(target="answer").breached_at is None

    def test_nor_is_a_bank_that_had_no_time_left_to_answer(self):
        boss, (loan, actor) = office(), revoked(S.SUBMITTED)
        due = loan.clocks.get(target="wait").due_at
        again(actor, loan, due - dt.timedelta(hours=1))
        assert sweep(due) == 1
        assert titles(boss) == []
        assert (
            "没有在时限内受理" in Message.objects.get(mailbox=loan.enterprise.mailbox_id, kind="loan").title
        )


class TestPages:
    @pytest.mark.parametrize("state", [S.DUE_DILIGENCE, S.APPROVED])
    def test_the_desk_says_why_and_offers_no_decision(self, client, state):
        loan, _actor = revoked(state)
        at_desk(client, loan.bank, "manager")
        page = client.get(of_bank("bank_loan", loan))
        names = {offer.name for offer in (*page.context["leads"], *page.context["others"])}
        assert names == ({"refuse", "note"} if state == S.DUE_DILIGENCE else {"take_back", "note"})
        assert "重新授权之前不能批准或签约" in page.text
        assert page.context["paused"] is (state == S.DUE_DILIGENCE)
        given = {"amount": "50", "rate": "4.35", "months": "12", "method": "lump"}
        step = "approve" if state == S.DUE_DILIGENCE else "sign"
        answer = client.post(of_bank("bank_step", loan, step), given | {"number": "X", "on": "2026-01-01"})
        assert answer.status_code == 422
        assert answer.text.count("重新授权之前不能批准或签约") == 2

    @pytest.mark.parametrize("short", [True, False])
    def test_the_enterprise_is_warned_and_may_take_the_application_back_too(self, client, firm, short):
        loan = make.put(S.DUE_DILIGENCE, make.filed(firm))
        said = following(loan)
        assert str(loan.bank) in said[0]
        text = client.get(loan.get_absolute_url()).text
        consents = client.get(f"/e/{firm.enterprise.pk}/consents/{loan.consent.number}/").text
        for sentence in said:
            assert sentence in text
            assert sentence in consents
        assert loan.get_absolute_url() + "#back" in consents
        said = "不需要了" if short else "长" * 201  # left out then
        client.post(of_firm("enterprise_loan_revoke", loan), {"reason": said, "withdraw": "on"})
        loan.refresh_from_db()
        assert loan.state == S.WITHDRAWN
        assert not loan.consent.is_live(timezone.now())

    def test_revoked_alone_it_waits_and_the_page_says_what_to_do(self, client, firm):
        loan = make.put(S.APPROVED, make.filed(firm))
        client.post(of_firm("enterprise_loan_revoke", loan), {"reason": ""})
        loan.refresh_from_db()
        assert loan.state == S.APPROVED
        listed = client.get(f"/e/{firm.enterprise.pk}/finance/loans/").text
        assert listed.count("待重新授权") == 1
        text = client.get(loan.get_absolute_url()).text
        assert "申请停下来等您重新授权" in text
        assert "撤回授权" in text

    @pytest.mark.parametrize("state", [S.SUBMITTED, S.ACCEPTED, S.APPROVED, S.SIGNED, S.OVERDUE])
    def test_what_follows_is_said_of_every_state(self, state):
        loan = make.put(state)
        sentences = following(loan)
        assert len(sentences) == {S.SUBMITTED: 3, S.ACCEPTED: 2, S.APPROVED: 3}.get(state, 2)
        assert all(sentence.endswith("。") for sentence in sentences)

    def test_of_what_is_open_to_all_it_says_that_it_leaves_the_hall(self):
        assert "抢单大厅撤下" in following(make.opened())[0]

    def test_nothing_follows_where_nothing_waits(self):
        loan = make.put(S.REFUSED)
        assert hooks.aftermath_of(loan.consent) is None


def test_the_sweeper_watches_consents():
    loan = make.put(S.ACCEPTED, make.filed(sharing=make.sharing(timezone.now(), days=1)))
    with mock.patch("finance.tasks.timezone.now", return_value=loan.consent.until):
        sweep_loans()
    assert loan.clocks.get(paused_at__isnull=False).target == "begin"
