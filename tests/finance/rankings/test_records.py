"""What the records say of three banks, reckoned by hand, and at whose borders it begins and ends."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.consents import granting
from finance.lending import booking, correcting, deciding, filing, grabbing
from finance.lending.sweeping import sweep
from finance.measures import Span, first_of_month, lendings, measured, midnight
from finance.models import CreditProduct, LoanClock
from finance.pools.admitting import admit
from finance.rankings.indicators import NOTHING, VALUES, next_month, recorded
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up
from finance.whitelists.pushing import Report
from portal.accounts.roles import Role
from tests.enterprises.factories import EnterpriseFactory, actor_of, give_value
from tests.finance import factories as products
from tests.finance.factories import BankFactory, office, published
from tests.finance.lending.factories import WAN, bank, filed, officer
from tests.finance.pools.factories import official, pool
from tests.finance.rankings.factories import THIS, approved, lent, on, paid_back, paid_out, said

pytestmark = pytest.mark.django_db

YEAR_BEFORE = first_of_month(THIS, 12)
"""The last month that is not among the twelve."""


def plain(of):
    """A credit product that is secured by nothing else."""
    return published(of)


def secured(of):
    """A product of large sums that is a credit only in part."""
    return published(of, securities=["credit", "mortgage"], amount_max_fen=1_000 * WAN)


def big(version, owner, at):
    return filed(owner, version, amount_fen=600 * WAN, at=at)


def listed(bank):
    """Two firms on a list that was pushed to the bank, one answered twice over by being granted credit."""
    for firm in EnterpriseFactory.create_batch(2):
        give_value(firm, "region", text="500231101")
    rule = products.published().rule_version
    plan = Plan(title="名单", department=office(), rule_version=rule, as_of=timezone.localdate())
    held, boss = draw_up(plan, by=official(Role.EDITOR)), official(Role.LEADER)
    pushing.confirm(held, by=boss, at=on(2))
    pushing.push(held, [bank], by=boss, at=on(2))
    report = Report("granted", 80 * WAN)
    pushing.report(held.entries.first(), report, by=officer(bank), at=on(3))
    return held


class TestThreeBanks:
    """The first lends much, the second grabs and is paid back, the third turns away and lost money."""

    @pytest.fixture
    def first(self):
        of = bank()
        version, large = plain(of), secured(of)
        firm, group = actor_of(), actor_of()
        loan = filed(firm, version, at=on(1))
        by = approved(loan, 50 * WAN, "4.0000", on(1, 10))
        admit(pool(of), loan, by=by, at=on(1, 11))
        deciding.sign(loan, f"HT-{loan.pk}", timezone.localdate(on(1)), by=by, at=on(1, 12))
        paid_out(loan, 50 * WAN, by, on(3))
        lent(filed(firm, version, at=on(4)), 50 * WAN, "4.0000", at=on(4, 10), renews=loan)
        for day in (5, 6):
            lent(big(large, group, on(day)), 600 * WAN, "5.0000", at=on(day, 10))
        listed(of)
        CreditProduct.objects.filter(pk=large.product_id).update(first_here=True)
        return of

    @pytest.fixture
    def third(self):
        of = bank()
        old = filed(version=published(of), at=on(3, month=YEAR_BEFORE))
        by = lent(old, 50 * WAN, "4.3500", at=on(3, 12, month=YEAR_BEFORE))
        booking.miss(old, "未按期付息", by=by, at=on(1))
        late = filed(version=plain(of), at=on(1, month=first_of_month(THIS, 3)))
        deciding.accept(late, by=by, at=on(1, month=first_of_month(THIS, 2)))
        deciding.refuse(late, "现金流不足", by=by, at=on(2))
        return of

    @pytest.fixture
    def second(self, third):
        of, firm = bank(), actor_of()
        loan = filed(firm, plain(third), at=on(1))
        deciding.decline(loan, "不在服务范围", by=officer(third), at=on(2))
        filing.open_up(firm, loan, at=on(8))
        grabbing.take(loan, by=officer(of), at=on(9))
        loan.refresh_from_db()
        by = lent(loan, 50 * WAN, "4.3500", at=on(10))
        paid_back(loan, 50 * WAN, by, on(12))
        again = filed(firm, plain(of), at=on(13))
        lent(again, 30 * WAN, "4.3500", at=on(13, 12), renews=loan)
        paid_back(again, 30 * WAN, by, on(14))
        shy = filed(version=plain(of), at=on(15))
        approved(shy, 50 * WAN, "4.3500", on(15, 10))
        admit(pool(of), shy, by=by, at=on(15, 11))
        gone = actor_of()
        filing.withdraw(gone, filed(gone, plain(of), at=on(16)), "不需要了", at=on(16, 10))
        return of

    def test_every_indicator(self, first, second, third, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            recorded(THIS)
        assert said(first) == {
            "lent_fen": 1300,
            "lent": 4,
            "firms": 2,
            "first": 2,
            "first_rate": 50,
            "small_fen": 100,
            "small": 2,
            "credit": 2,
            "no_principal": 1,
            "approval_rate": 100,
            "answered": 100,
            "days": 0.5,
            "rate": 4.92,
            "products": 2,
            "first_here": 1,
            "pool_fen": 50,
            "pool_loans": 1,
            "listed_answered": 50,
            "listed_granted": 1,
        }
        assert said(second) == {
            "lent_fen": 80,
            "lent": 2,
            "firms": 1,
            "first": 1,
            "first_rate": 50,
            "small_fen": 80,
            "small": 2,
            "credit": 1,
            "renewals": 1,
            "grabs": 1,
            "approval_rate": 100,
            "answered": 100,
            "days": 0.5,
            "rate": 4.35,
            "products": 3,
        }
        assert said(third) == {"answered": 50, "declined_rate": 50, "bad": 1, "bad_rate": 100, "products": 3}
        assert {*said(first), *said(second), *said(third)} == set(VALUES)

    def test_all_paid_back_is_not_bad_and_nothing_lent_is_no_share(self, second):
        idle = BankFactory()
        of_second, of_idle = recorded(THIS)[second.pk], recorded(THIS)[idle.pk]
        assert (VALUES["bad_rate"](of_second), VALUES["bad"](of_second)) == (0, 0)
        assert (VALUES["bad_rate"](of_idle), VALUES["bad"](of_idle)) == (None, None)
        assert of_idle == NOTHING

    def test_a_table_taken_late_says_what_one_taken_in_time_says(self, first, second, third):
        before = recorded(THIS)
        late = next_month(THIS)
        by = officer(first, "manager")
        loan = first.loans.order_by("pk").first()
        paid_back(loan, 20 * WAN, by, on(2, month=late))
        booking.miss(loan, "未按期付息", by=by, at=on(3, month=late))
        correcting.reverse(first.loans.first().drawdowns.get(), "登记错误", by=by, at=on(4, month=late))
        shy = second.loans.get(state="approved")
        lent(filed(version=shy.product_version, at=on(5, month=late)), WAN, "4.0000", at=on(6, month=late))
        day = timezone.localdate(on(7, month=late))
        deciding.sign(shy, "HT-S", day, by=officer(second), at=on(7, month=late))
        paid_out(shy, 50 * WAN, officer(second), on(7, month=late))
        entry = first.whitelists.get().entries.last()
        pushing.report(entry, Report("contacted"), by=by, at=on(8, month=late))
        assert recorded(THIS) == before
        assert recorded(late)[first.pk]["bad"] == 1
        assert recorded(late)[first.pk]["answered"] == 2
        assert recorded(late)[second.pk]["pool_loans"] == 1


@pytest.fixture
def loan():
    """One that may be drawn upon by parts: 80 万元 of which 10 went out in the middle of the month."""
    made = filed(version=plain(bank()), at=on(1))
    by = approved(made, 80 * WAN, "4.0000", on(1, 10))
    deciding.sign(made, "HT-1", timezone.localdate(on(1)), by=by, at=on(1, 11))
    paid_out(made, 10 * WAN, by, on(10))
    return made


def test_a_month_begins_and_ends_at_midnight_here(loan):
    by, month = officer(loan.bank), next_month(THIS)
    paid_out(loan, 20 * WAN, by, midnight(month) - dt.timedelta(minutes=1))
    assert said(loan.bank)["lent_fen"] == 30
    paid_out(loan, 30 * WAN, by, midnight(month))
    assert said(loan.bank)["lent_fen"] == 30
    assert said(loan.bank, month)["lent_fen"] == 60
    assert said(loan.bank, first_of_month(THIS, -11))["lent_fen"] == 60
    last = said(loan.bank, first_of_month(THIS, -12))
    assert (last["lent_fen"], last.get("lent")) == (30, None)


def test_what_is_submitted_at_midnight_is_of_the_new_month():
    of = bank()
    for at in (midnight(THIS) - dt.timedelta(minutes=1), midnight(THIS)):
        deciding.accept(filed(version=plain(of), at=at), by=officer(of), at=at + dt.timedelta(seconds=30))
    assert recorded(first_of_month(THIS, 1))[of.pk]["to_answer"] == 1
    assert recorded(THIS)[of.pk]["to_answer"] == 2
    assert recorded(first_of_month(THIS, -11))[of.pk]["to_answer"] == 1


def test_money_that_was_lent_before_the_twelve_months_may_be_bad_in_them(loan):
    booking.miss(loan, "未按期付息", by=officer(loan.bank), at=on(20))
    found = said(loan.bank, first_of_month(THIS, -12))
    assert (found["bad_rate"], found["bad"], found.get("lent")) == (100, 1, None)


def test_what_is_reversed_counts_until_the_month_in_which_it_is(loan):
    row = loan.drawdowns.get()
    correcting.reverse(row, "登记错误", by=officer(loan.bank), at=on(3, month=next_month(THIS)))
    assert said(loan.bank)["lent_fen"] == 10
    assert "lent_fen" not in said(loan.bank, next_month(THIS))


class TestTheBanksAnswer:
    """It stays on the record of the bank that was asked, wherever the application goes."""

    @pytest.fixture
    def firm(self):
        return actor_of()

    @pytest.fixture
    def asked(self, firm):
        return filed(firm, plain(bank()), at=on(1))

    def answers(self, of, month=THIS):
        found = recorded(month)[of.pk]
        return found["to_answer"], found["in_time"], found["turned_away"]

    def test_declined_and_opened_up_it_stays(self, firm, asked):
        of = asked.bank
        deciding.decline(asked, "不在服务范围", by=officer(of), at=on(1, 10))
        filing.open_up(firm, asked, at=on(2))
        assert self.answers(of) == (1, 1, 1)
        other = bank()
        grabbing.take(asked, by=officer(other), at=on(3))
        assert (self.answers(of), self.answers(other)) == ((1, 1, 1), (0, 0, 0))
        assert list(LoanClock.objects.filter(loan=asked).order_by("pk").values_list("target", "bank")) == [
            ("answer", of.pk),
            ("wait", of.pk),
            ("open", None),
            ("begin", other.pk),
        ]

    def test_withdrawn_in_time_it_asks_for_no_answer(self, firm, asked):
        filing.withdraw(firm, asked, "不需要了", at=on(1, 10))
        assert self.answers(asked.bank) == (0, 0, 0)

    def test_withdrawn_after_the_time_it_was_not_answered(self, firm, asked):
        filing.withdraw(firm, asked, "等不及了", at=on(25))
        assert self.answers(asked.bank) == (1, 0, 0)

    def test_what_lapsed_was_not_answered_in_time(self, asked):
        sweep(on(25))
        assert self.answers(asked.bank) == (1, 0, 0)

    def test_what_waits_for_a_consent_asks_for_no_answer_nor_when_it_lapses_over_that(self, firm, asked):
        granting.revoke(firm, asked.consent, at=on(1, 10))
        assert self.answers(asked.bank) == (0, 0, 0)
        sweep(on(25))
        assert asked.clocks.get(target="answer").met_at == on(25)
        assert self.answers(asked.bank) == (0, 0, 0)

    def test_a_consent_revoked_after_the_time_excuses_nobody(self, firm, asked):
        granting.revoke(firm, asked.consent, at=on(20))
        assert self.answers(asked.bank) == (1, 0, 0)

    def test_an_answer_after_the_month_is_not_yet_known_in_it(self, asked):
        before = filed(
            actor_of(), asked.product_version, at=midnight(next_month(THIS)) - dt.timedelta(minutes=1)
        )
        deciding.decline(before, "不在服务范围", by=officer(asked.bank), at=on(1, month=next_month(THIS)))
        assert self.answers(asked.bank) == (1, 0, 0)
        assert self.answers(asked.bank, next_month(THIS)) == (2, 1, 1)


def test_a_county_that_lent_nothing_has_its_figures_all_the_same():
    assert measured(lendings(Span(None, THIS))) == measured([])
