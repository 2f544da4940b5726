"""An application from the form to the last payment, and everything that is refused on the way."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from enterprises.consents import granting
from enterprises.consents.reading import Reader, read
from finance.lending import deciding, filing
from finance.lending.deciding import Approval
from finance.models import LoanApplication, LoanState
from finance.products import publishing, writing
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.enterprises.factories import actor_of
from tests.finance.factories import BankFactory, content, editor, published, publisher
from tests.finance.lending import factories as make
from tests.finance.lending.refused import refused

pytestmark = pytest.mark.django_db
S = LoanState
WAN = make.WAN


def make_people():
    return editor(), publisher()


@pytest.mark.parametrize("state", make.WAYS)
def test_every_state_is_reached_by_the_services_and_runs_its_clocks(state):
    loan = make.put(state)
    assert loan.state == state
    running = set(loan.clocks.filter(met_at=None).values_list("target", flat=True))
    wanted = {
        S.SUBMITTED: {"answer", "wait"},
        S.ACCEPTED: {"begin"},
        S.DUE_DILIGENCE: {"decide"},
        S.APPROVED: {"sign"},
        S.SIGNED: {"draw"},
        S.DRAWN: {"mature", "instalment"},
        S.REPAYING: {"mature", "instalment"},
        S.OVERDUE: {"recover"},
    }.get(state, set())
    assert running == wanted
    assert (loan.due_at is None) == (not wanted)


@pytest.mark.parametrize("state", make.WAYS)
def test_the_bank_reads_while_its_application_lives_and_not_after(state):
    loan = make.put(state)
    alive = state not in (S.DECLINED, S.REFUSED, S.REPAID, S.WRITTEN_OFF)
    assert loan.consent.is_live(timezone.now()) == alive


class TestFiling:
    def test_the_consent_is_the_applications_and_the_bank_may_read_at_once(self):
        loan = make.filed()
        assert (loan.consent.reference, loan.consent.grantee) == (loan.number, loan.bank.grantee)
        by = make.officer(loan.bank)
        found = read(loan.consent.pk, Reader(loan.bank.grantee, by.user), at=timezone.now())
        assert set(found.values) <= set(make.FACTS)

    def test_sent_twice_it_is_one(self):
        actor, version = actor_of(), published(make.bank())
        first = make.filed(actor, version, key="k1")
        assert make.filed(actor, version, key="k1").pk == first.pk

    def test_a_second_one_at_the_same_bank_is_told(self):
        actor, version = actor_of(), published(make.bank())
        make.filed(actor, version)
        with refused("duplicate"):
            make.filed(actor, version)
        assert LoanApplication.objects.count() == 1

    def test_a_second_open_one_is_told(self):
        actor = actor_of()
        make.opened(actor)
        with refused("duplicate"):
            make.opened(actor)

    def test_a_product_that_changed_while_the_form_was_open_is_told(self):
        version = published(make.bank())
        author, boss = make_people()
        newer = writing.start_version(version.product, content(amount_max_fen=100 * WAN), by=author)
        publishing.submit(newer, by=author)
        publishing.publish(newer, by=boss)
        with refused("product_changed"):
            make.filed(version=version)

    def test_a_product_that_was_withdrawn_is_told(self):
        version = published(make.bank())
        publishing.withdraw(version, by=make_people()[1], reason="不再办理")
        with refused("product_gone"):
            make.filed(version=version)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"amount_fen": 0}, "amount"),
            ({"amount_fen": 301 * WAN}, "amount"),
            ({"amount_fen": 4 * WAN}, "amount"),
            ({"term_months": 13}, "term"),
            ({"term_months": 2}, "term"),
            ({"term_months": 0}, "term"),
            ({"purpose": "gambling"}, "purpose"),
            ({"contact_phone": " "}, "contact"),
        ],
    )
    def test_what_does_not_fit_is_told(self, changes, code):
        with refused(code):
            make.filed(**changes)
        assert not LoanApplication.objects.exists()

    def test_a_bookkeeper_does_not_sign_for_the_enterprise(self):
        with refused("not_manager"):
            make.filed(actor_of(role="agent"))

    def test_a_bank_without_a_credit_code_cannot_be_let_know(self):
        with refused("no_grantee"):
            make.filed(version=published(BankFactory()))
        assert not LoanApplication.objects.exists()


class TestAnswer:
    def test_declined_it_is_opened_to_all_with_one_step_and_another_consent(self):
        actor = actor_of()
        loan = make.put(S.DECLINED, make.filed(actor))
        before = loan.consent
        filing.open_up(actor, loan, at=timezone.now())
        loan.refresh_from_db()
        before.refresh_from_db()
        assert (loan.state, loan.bank, loan.mode) == (S.SUBMITTED, None, "open")
        assert before.revoked_at is not None
        assert loan.consent.grantee is None
        assert {row.fact.key for row in loan.consent.fact_rows.all()} == set(make.FACTS)

    def test_opened_to_all_it_is_shared_no_longer_than_agreed(self):
        actor, at = actor_of(), timezone.now()
        least = filing.LEAST_LEFT
        loan = make.put(S.DECLINED, make.filed(actor, sharing=make.sharing(at, days=30)))
        before = loan.consent
        with refused("too_little"):
            filing.open_up(actor, loan, at=before.until - least + dt.timedelta(microseconds=1))
        filing.open_up(actor, loan, at=before.until - least)
        loan.refresh_from_db()
        assert (loan.consent == before, loan.consent.until) == (False, before.until)

    def test_what_the_enterprise_took_back_is_not_shared_by_opening(self):
        actor = actor_of()
        loan = make.filed(actor)
        granting.revoke(actor, loan.consent, at=timezone.now())
        loan = make.put(S.DECLINED, loan)
        with refused("revoked"):
            filing.open_up(actor, loan, at=timezone.now())
        loan.refresh_from_db()
        assert (loan.state, loan.mode) == (S.DECLINED, "choose")

    def test_what_is_being_examined_is_not_opened(self):
        actor = actor_of()
        loan = make.put(S.ACCEPTED, make.filed(actor))
        with refused("not_now"):
            filing.open_up(actor, loan, at=timezone.now())

    @pytest.mark.parametrize("state", [S.SUBMITTED, S.ACCEPTED, S.DUE_DILIGENCE, S.APPROVED])
    def test_withdrawn_the_bank_sees_nothing_more(self, state):
        actor = actor_of()
        loan = make.put(state, make.filed(actor))
        filing.withdraw(actor, loan, "资金已解决", at=timezone.now())
        loan.refresh_from_db()
        assert loan.state == S.WITHDRAWN
        assert not loan.consent.is_live(timezone.now())

    def test_a_contract_is_not_withdrawn(self):
        actor = actor_of()
        loan = make.put(S.SIGNED, make.filed(actor))
        with refused("transition_refused"):
            filing.withdraw(actor, loan, "", at=timezone.now())

    def test_nobody_else_withdraws_it(self):
        with refused("gone"):
            filing.withdraw(actor_of(), make.filed(), "", at=timezone.now())

    def test_after_a_revocation_the_enterprise_may_consent_anew(self):
        actor = actor_of()
        loan = make.put(S.ACCEPTED, make.filed(actor))
        at = timezone.now()
        with refused("live"):
            filing.consent_anew(actor, loan, make.sharing(at), at=at)
        granting.revoke(actor, loan.consent, at=at)
        loan.refresh_from_db()
        filing.consent_anew(actor, loan, make.sharing(at), at=timezone.now())
        loan.refresh_from_db()
        assert loan.consent.is_live(timezone.now())

    def test_the_bank_is_told_once_of_an_application_and_of_each_later_consent(self):
        actor, bank = actor_of(), make.bank()
        by = make.officer(bank)
        mine = Message.objects.filter(mailbox__user=by.user)
        loan = make.filed(actor, published(bank))
        deliver()
        assert mine.count() == 1
        deciding.accept(loan, by=by, at=timezone.now())
        granting.revoke(actor, loan.consent, at=timezone.now())
        filing.consent_anew(actor, loan, make.sharing(timezone.now()), at=timezone.now())
        deliver()
        keys = [f"consent:{loan.consent_id - 1}:revoked", f"consent:{loan.consent_id}:given"]
        assert list(mine.filter(kind="consent").order_by("pk").values_list("key", flat=True)) == keys


class TestBank:
    @pytest.mark.parametrize("step", ["accept", "decline", "investigate", "approve", "refuse", "sign"])
    def test_another_bank_does_nothing(self, step):
        loan = make.filed()
        with refused("not_yours"):
            make.STEPS[step](loan, make.officer(make.bank(), "manager"), timezone.now())

    def test_who_only_looks_does_nothing(self):
        loan = make.filed()
        with refused("viewer"):
            deciding.accept(loan, by=make.officer(loan.bank, "viewer"), at=timezone.now())

    @pytest.mark.parametrize("step", [deciding.decline, deciding.refuse])
    def test_a_no_wants_words(self, step):
        loan = make.put(S.ACCEPTED)
        with refused("no_reason"):
            step(loan, "  ", by=make.officer(loan.bank), at=timezone.now())

    @pytest.mark.parametrize(
        ("approval", "code"),
        [
            (Approval(80 * WAN + 1, Decimal("4.35"), 12), "amount"),
            (Approval(0, Decimal("4.35"), 12), "amount"),
            (Approval(WAN, Decimal(0), 12), "rate"),
            (Approval(WAN, Decimal(435), 12), "rate"),
            (Approval(WAN, Decimal("4.35"), 0), "term"),
            (Approval(WAN, Decimal("4.35"), 481), "term"),
            (Approval(WAN, Decimal("0.0435"), 12), "unusual"),
            (Approval(WAN, Decimal("3.4499"), 12), "unusual"),
            (Approval(WAN, Decimal("4.3501"), 12), "unusual"),
            (Approval(WAN, Decimal("4.35"), 13), "unusual"),
        ],
    )
    def test_what_cannot_be_approved_is_told(self, approval, code):
        loan = make.put(S.DUE_DILIGENCE)
        with refused(code):
            deciding.approve(loan, approval, by=make.officer(loan.bank), at=timezone.now())

    @pytest.mark.parametrize(
        "approval",
        [
            Approval(WAN, Decimal("3.45"), 12),
            Approval(WAN, Decimal("4.35"), 11),
            Approval(WAN, Decimal("0.0435"), 240, sure=True),
        ],
    )
    def test_what_was_said_before_or_is_meant_is_approved(self, approval):
        loan = make.put(S.DUE_DILIGENCE, make.filed(version=published(make.bank())))
        deciding.approve(loan, approval, by=make.officer(loan.bank), at=timezone.now())
        assert (loan.state, loan.approved_rate) == (S.APPROVED, approval.rate)

    def test_where_nothing_is_published_a_rate_is_usual_between_one_and_fifteen(self):
        version = published(make.bank(), rate_low=None, rate_high=None, rate_note="由银行核定")
        loan = make.put(S.DUE_DILIGENCE, make.filed(version=version))
        by = make.officer(loan.bank)
        for rate in ("0.9999", "15.0001"):
            with refused("unusual"):
                deciding.approve(loan, Approval(WAN, Decimal(rate), 12), by=by, at=timezone.now())
        deciding.approve(loan, Approval(WAN, Decimal(15), 12), by=by, at=timezone.now())

    def test_the_banks_number_is_used_once(self):
        first = make.put(S.SIGNED)
        actor = actor_of()
        other = make.put(S.APPROVED, make.filed(actor, first.product_version), make.officer(first.bank))
        with refused("number_used"):
            deciding.sign(
                other,
                first.bank_number,
                timezone.localdate(),
                by=make.officer(first.bank),
                at=timezone.now(),
            )

    def test_a_contract_is_not_of_tomorrow(self):
        loan = make.put(S.APPROVED)
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        with refused("future"):
            deciding.sign(loan, "HT-1", tomorrow, by=make.officer(loan.bank), at=timezone.now())


def test_the_other_side_is_told():
    loan = make.filed()
    by = make.officer(loan.bank)
    deciding.accept(loan, by=by, at=timezone.now())
    deliver()
    told = Message.objects.filter(mailbox=loan.enterprise.mailbox, kind="loan")
    assert "已受理" in told.get().title
