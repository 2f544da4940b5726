"""What each step of a loan refuses, and to whom, at the smallest place where it does."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import MemberRole
from finance.api.booking import book_rows
from finance.lending import booking, correcting, deciding, filing, grabbing
from finance.lending.booking import Drawing, Entry, Paying
from finance.lending.deciding import Approval
from finance.lending.holding import hold
from finance.lending.lists import cells, taking, workbook
from finance.models import Drawdown, LoanApplication, LoanList, LoanState
from tests.enterprises.factories import actor_of
from tests.finance.factories import published
from tests.finance.lending import factories as make
from tests.finance.lending.breaching import a_file
from tests.finance.lending.test_lists import workbook as written
from tests.money.refusing import told
from tests.papers import pdf_of

pytestmark = pytest.mark.django_db
S, WAN = LoanState, make.WAN


def now() -> dt.datetime:
    return timezone.now()


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days)


def paper() -> ContentFile:
    return ContentFile(pdf_of("尽调"), name="尽调.pdf")


DEEDS = {
    "draw": lambda loan, by: booking.draw(loan, Drawing("F", 1, today()), by=by, at=now()),
    "repay": lambda loan, by: booking.repay(loan, Paying("H", 1, 0, today()), by=by, at=now()),
    "settle": lambda loan, by: booking.settle(loan, by=by, at=now()),
    "miss": lambda loan, by: booking.miss(loan, "未还", by=by, at=now()),
    "recover": lambda loan, by: booking.recover(loan, "已还", by=by, at=now()),
    "write_off": lambda loan, by: booking.write_off(loan, "法院终结执行", by=by, at=now()),
    "accept": lambda loan, by: deciding.accept(loan, by=by, at=now()),
    "note": lambda loan, by: deciding.note(loan, "实地看过", by=by, at=now()),
    "attach": lambda loan, by: deciding.attach(loan, paper(), by=by, at=now()),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_bank_works_on_its_own_loans_only(deed):
    loan, other = make.filed(), make.officer(make.bank(), "manager")
    told("not_yours", lambda: DEEDS[deed](loan, other))


OWN = {
    "open_up": lambda actor, loan: filing.open_up(actor, loan, at=now()),
    "consent_anew": lambda actor, loan: filing.consent_anew(actor, loan, make.sharing(now()), at=now()),
    "withdraw": lambda actor, loan: filing.withdraw(actor, loan, "不需要了", at=now()),
}


@pytest.mark.parametrize("deed", OWN)
def test_an_enterprise_decides_of_its_own_only(deed):
    loan, other = make.filed(), actor_of()
    told("gone", lambda: OWN[deed](other, loan))


def test_an_agent_does_not_withdraw():
    loan = make.filed()
    agent = Actor(loan.filed_by, loan.enterprise, MemberRole.AGENT)
    told("not_manager", lambda: OWN["withdraw"](agent, loan))


class TestBooking:
    def book(self, amount=1, on=None, state=S.SIGNED):
        drawing = Drawing("F", amount, on or today())
        booking.book_drawing(LoanApplication(state=state), drawing, Entry(None, now()))

    def pay(self, on=None, state=S.DRAWN):
        booking.book_paying(
            LoanApplication(state=state), Paying("H", 1, 0, on or today()), Entry(None, now())
        )

    def test_nothing_of_tomorrow(self):
        told("future", lambda: self.book(on=today(1)))
        told("future", lambda: self.pay(on=today(1)))

    def test_no_drawing_of_nothing(self):
        told("amount", lambda: self.book(0))

    def test_nothing_back_of_what_never_went_out(self):
        told("not_now", lambda: self.pay(state=S.SIGNED))

    def test_never_more_back_than_is_owed(self):
        held = LoanApplication(state=S.DRAWN, drawn_fen=5, repaid_fen=1)
        paying = Paying("H", 5, 0, today())
        told("above_drawn", lambda: booking.book_paying(held, paying, Entry(None, now())))

    def test_a_booking_of_what_is_over_is_not_reversed(self):
        loan = make.put(S.REPAYING)
        row, by = loan.repayments.get(), make.officer(loan.bank, "manager")
        for step in ("miss", "write_off"):
            make.STEPS[step](loan, by, now())
        refusal = told("not_now", lambda: correcting.reverse(row, "登错", by=by, at=now()))
        assert refusal.__cause__ is None  # before the database says so

    def test_what_matured_recovers_with_its_last_fen_only(self):
        loan = make.put(S.OVERDUE)
        later = now() + dt.timedelta(400)
        told("matured", lambda: booking.recover(loan, "已还", by=make.officer(loan.bank), at=later))

    def test_who_only_looks_books_no_rows(self):
        told("viewer", lambda: book_rows(Drawdown, [], by=make.officer(make.bank(), "viewer"), at=now()))


class TestDeciding:
    @pytest.fixture
    def grabbed(self):
        loan = make.opened()
        by = make.officer(make.bank())
        grabbing.take(loan, by=by, at=now())
        return loan, by

    def test_what_was_grabbed_is_not_declined(self, grabbed):
        loan, by = grabbed
        told("grabbed", lambda: deciding.decline(loan, "不在服务范围", by=by, at=now()))

    def test_what_was_grabbed_is_approved_under_a_product_of_the_bank(self, grabbed):
        loan, by = grabbed
        deciding.investigate(loan, by=by, at=now())
        given = Approval(WAN, 4, 12, version=published(make.bank()), sure=True)
        told("product", lambda: deciding.approve(loan, given, by=by, at=now()))

    def test_nothing_is_approved_without_a_consent(self):
        """The service says so before the database, which would refuse it too."""
        loan = make.put(S.DUE_DILIGENCE)
        by, later = make.officer(loan.bank), loan.consent.until
        given = Approval(WAN, 4, 12, sure=True)
        assert told("consent_ended", lambda: deciding.approve(loan, given, by=by, at=later)).__cause__ is None

    def test_words_and_numbers_are_wanted(self):
        told("no_number", lambda: deciding.sign(LoanApplication(), " ", today(), by=None, at=now()))
        told("says_nothing", lambda: deciding.note(LoanApplication(), " ", by=None, at=now()))

    def test_an_approval_is_taken_back_by_a_manager_with_a_reason(self):
        loan = make.put(S.APPROVED)
        told(
            "no_reason",
            lambda: deciding.take_back(loan, " ", by=make.officer(loan.bank, "manager"), at=now()),
        )
        told("not_manager", lambda: deciding.take_back(loan, "停产", by=make.officer(loan.bank), at=now()))

    def test_no_contract_is_older_than_its_approval(self):
        loan = make.put(S.APPROVED)
        by = make.officer(loan.bank)
        told("too_early", lambda: deciding.sign(loan, "HT", today(-1), by=by, at=now()))

    def test_files_come_while_it_is_under_way(self):
        loan = make.filed()
        filing.withdraw(Actor(loan.filed_by, loan.enterprise, MemberRole.MANAGER), loan, "不要", at=now())
        told("not_now", lambda: deciding.attach(loan, paper(), by=make.officer(loan.bank), at=now()))

    def test_files_are_not_many(self, monkeypatch):
        monkeypatch.setattr(deciding, "MOST_FILES", 1)
        loan = a_file().loan
        told("too_many_files", lambda: deciding.attach(loan, paper(), by=make.officer(loan.bank), at=now()))


class TestFiling:
    @pytest.mark.parametrize(
        ("changes", "code"), [({"amount_fen": 0}, "amount"), ({"term_months": 0}, "term")]
    )
    def test_what_no_bank_could_lend(self, changes, code):
        told(code, lambda: filing.file_loan(actor_of(), make.asked(now(), **changes), at=now()))

    def test_who_may_not_sign_is_told_so_first(self):
        agent = Actor(None, None, MemberRole.AGENT)
        told("not_manager", lambda: filing.file_loan(agent, make.asked(now(), amount_fen=0), at=now()))

    def test_a_product_or_all_banks(self):
        asked = make.asked(now(), mode="choose")
        told("no_product", lambda: filing.file_loan(actor_of(), asked, at=now()))

    def test_what_is_over_is_shared_with_nobody_anew(self):
        actor = actor_of()
        loan = make.filed(actor)
        filing.withdraw(actor, loan, "不要", at=now())
        told("not_now", lambda: OWN["consent_anew"](actor, loan))

    def test_what_was_never_shared_is_not_shared_on(self):
        told("no_consent", lambda: filing.shared_still(LoanApplication(), now()))

    def test_what_is_gone_is_told_of(self):
        told("gone", lambda: hold(LoanApplication(pk=0)))


class TestGrabbing:
    def test_not_by_who_only_looks(self):
        told(
            "viewer",
            lambda: grabbing.take(LoanApplication(), by=make.officer(make.bank(), "viewer"), at=now()),
        )

    def test_not_what_was_withdrawn(self):
        actor = actor_of()
        loan = make.opened(actor)
        filing.withdraw(actor, loan, "不要", at=now())
        told("closed", lambda: grabbing.take(loan, by=make.officer(make.bank()), at=now()))

    def test_not_by_a_bank_that_has_one_of_the_firm_under_way(self):
        actor, of = actor_of(), make.bank()
        make.filed(actor, published(of))
        loan = make.opened(actor)
        assert told("closed", lambda: grabbing.take(loan, by=make.officer(of), at=now())).__cause__ is None

    def test_not_by_a_bank_that_is_not_live(self):
        loan, by = make.opened(), make.officer(make.bank(live=False))
        told("not_live", lambda: grabbing.take(loan, by=by, at=now()))


class TestLists:
    def test_not_booked_by_who_only_looks(self):
        viewer = make.officer(make.bank(), "viewer")
        told("viewer", lambda: taking.book(LoanList(), by=viewer, at=now()))

    def test_empty_rows_count_too(self, monkeypatch):
        monkeypatch.setattr(workbook, "LAST_ROW", 1)
        rows = written(("HT-1", "F", today(), 1)).read()
        told("too_long", lambda: list(workbook.rows_of(rows, (), (), 9)))

    def test_cells_that_say_too_much_or_nothing(self):
        assert cells.label("9" * cells.MOST_SIGNS) == "9" * cells.MOST_SIGNS
        told("too_long", lambda: cells.label("9" * (cells.MOST_SIGNS + 1)))
        told("missing", lambda: cells.day(" "))
        told("money_invalid", lambda: cells.money(True))
