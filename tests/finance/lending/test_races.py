"""Rivals with connections of their own: one takes, one books, nobody lends more than was approved."""

from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from enterprises.consents import granting
from enterprises.models import Consent
from finance.lending import booking, correcting, deciding
from finance.lending.booking import Drawing
from finance.lending.filing import consent_anew, file_loan
from finance.lending.grabbing import take
from finance.lending.lists.taking import book, take_in
from finance.models import Drawdown, LoanApplication, LoanGrab, LoanList, LoanState, Repayment
from portal.kernel.errors import DomainError
from tests.enterprises.factories import actor_of
from tests.finance.factories import published
from tests.finance.lending import factories as make
from tests.finance.lending.test_lists import BACK, workbook
from tests.races import at_once, behind

pytestmark = pytest.mark.django_db(transaction=True)
WAN = make.WAN


def test_of_fifty_banks_that_grab_one_gets_it():
    loan = make.opened()
    rivals = [make.officer(make.bank()) for _number in range(50)]
    grabs = [
        partial(take, LoanApplication.objects.get(pk=loan.pk), by=by, at=timezone.now()) for by in rivals
    ]
    found = at_once(*grabs)
    assert [one.won for one in found].count(True) == 1
    winner = rivals[[one.won for one in found].index(True)]
    loan.refresh_from_db()
    assert (loan.bank, loan.state) == (winner.bank, LoanState.ACCEPTED)
    assert {one.holder for one in found} == {winner.bank.name}
    assert LoanGrab.objects.count() == 1
    assert loan.consent.grantee == loan.bank.grantee


@pytest.mark.parametrize("rush", [at_once, behind])
@pytest.mark.parametrize("open_to_all", [True, False])
def test_the_same_form_twice_at_once_is_one_application(rush, open_to_all):
    actor, version = actor_of(), None if open_to_all else published(make.bank())
    asked = make.asked(timezone.now(), version, key="k1")
    found = rush(*[partial(file_loan, actor, asked, at=timezone.now())] * 2)
    loan = LoanApplication.objects.get()
    assert found == ([loan, loan] if rush is at_once else loan)


def test_drawdowns_together_never_exceed_the_approval():
    loan = make.put(LoanState.SIGNED)
    by = make.officer(loan.bank)
    drawings = [Drawing(f"F{number}", 10 * WAN, timezone.localdate()) for number in range(12)]
    draws = [
        partial(booking.draw, LoanApplication.objects.get(pk=loan.pk), drawing, by=by, at=timezone.now())
        for drawing in drawings
    ]
    found = at_once(*draws)
    refused = [one for one in found if isinstance(one, DomainError)]
    assert len(found) - len(refused) == 5
    loan.refresh_from_db()
    assert loan.drawn_fen == 50 * WAN
    assert Drawdown.objects.count() == 5
    assert loan.events.filter(name="draw").count() == 1


def test_the_same_file_twice_at_once_is_booked_once():
    loan = make.put(LoanState.DRAWN)
    by = make.officer(loan.bank)
    rows = [(loan.bank_number, f"H{number}", timezone.localdate(), 1000, 5) for number in range(20)]
    content = workbook(*rows, head=BACK).read()

    def bring():
        file = SimpleUploadedFile("还款.xlsx", content)
        return book(take_in(file, "repayments", by=by, at=timezone.now()), by=by, at=timezone.now())

    found = at_once(*[bring] * 4)
    assert sorted(one.new for one in found) == [0, 0, 0, 20]
    assert (LoanList.objects.count(), Repayment.objects.count()) == (1, 20)
    loan.refresh_from_db()
    assert loan.repaid_fen == 20 * 100_000


def test_two_files_that_tell_of_the_same_book_it_once():
    loan = make.put(LoanState.DRAWN)
    by = make.officer(loan.bank)
    row = (loan.bank_number, "H1", timezone.localdate(), 1000, 5)
    files = [
        take_in(
            workbook(row, (loan.bank_number, f"H{n}", timezone.localdate(), 1, 0), head=BACK),
            "repayments",
            by=by,
            at=timezone.now(),
        )
        for n in (2, 3)
    ]
    found = at_once(*[partial(book, file, by=by, at=timezone.now()) for file in files])
    assert sorted((one.new, one.known) for one in found) == [(1, 1), (2, 0)]


def test_of_two_first_loans_at_once_one_is_the_first():
    actor = actor_of()
    loans = [make.put(LoanState.SIGNED, make.filed(actor)) for _number in range(2)]
    draws = [
        partial(
            booking.draw,
            loan,
            Drawing("F1", WAN, timezone.localdate()),
            by=make.officer(loan.bank),
            at=timezone.now(),
        )
        for loan in loans
    ]
    at_once(*draws)
    assert sorted(LoanApplication.objects.values_list("mark", flat=True)) == ["again", "first"]


def test_of_two_who_set_the_same_row_right_one_does():
    loan = make.put(LoanState.REPAYING)
    by = make.officer(loan.bank)
    row = loan.repayments.get()
    undo = partial(correcting.reverse, row, "登错", by=by, at=timezone.now())
    found = at_once(*[undo] * 4)
    assert sorted(one.code for one in found if isinstance(one, DomainError)) == ["reversed"] * 3
    loan.refresh_from_db()
    assert (loan.repaid_fen, loan.state) == (0, LoanState.DRAWN)


def test_a_renewal_that_is_signed_while_what_it_renews_is_undone_is_refused():
    actor = actor_of()
    earlier = make.put(LoanState.DRAWN, make.filed(actor))
    by = make.officer(earlier.bank, "manager")
    loan = make.put(LoanState.APPROVED, make.filed(actor, earlier.product_version), by)
    undo = partial(correcting.reverse, earlier.drawdowns.get(), "登错", by=by, at=timezone.now())
    signed = {"by": by, "at": timezone.now(), "renews": earlier}
    found = behind(undo, partial(deciding.sign, loan, "HT-续", timezone.localdate(), **signed))
    assert (type(found), getattr(found, "code", "")) == (DomainError, "not_renewed")
    loan.refresh_from_db()
    assert (loan.state, loan.renews) == (LoanState.APPROVED, None)


@pytest.fixture(params=[(LoanState.DUE_DILIGENCE, "approve"), (LoanState.APPROVED, "sign")])
def deciding_one(request):
    """An application that is about to be decided: its enterprise, itself, the decision."""
    state, step = request.param
    actor = actor_of()
    loan = make.put(state, make.filed(actor))
    by = make.officer(loan.bank)
    return actor, loan, lambda: make.STEPS[step](LoanApplication.objects.get(pk=loan.pk), by, timezone.now())


def test_nothing_is_decided_after_a_revocation(deciding_one):
    actor, loan, decide = deciding_one
    found = behind(partial(granting.revoke, actor, loan.consent, at=timezone.now()), decide)
    assert getattr(found, "code", found) == "consent_ended"
    assert LoanApplication.objects.get(pk=loan.pk).state == loan.state


def test_nor_after_one_that_holds_no_loan(deciding_one):
    actor, loan, decide = deciding_one
    ended = {"revoked_at": timezone.now(), "revoked_by": actor.user}
    found = behind(lambda: Consent.objects.filter(pk=loan.consent_id).update(**ended), decide)
    assert getattr(found, "code", found) == "consent_ended"
    assert LoanApplication.objects.get(pk=loan.pk).state == loan.state


def test_a_revocation_waits_for_a_decision_that_is_on_its_way(deciding_one):
    actor, loan, decide = deciding_one
    assert behind(decide, lambda: granting.revoke(actor, loan.consent, at=timezone.now())) is None
    names = list(loan.events.order_by("-pk").values_list("name", flat=True)[:2])
    assert names == ["revoke", "approve" if loan.state == LoanState.DUE_DILIGENCE else "sign"]


def test_of_a_grab_and_a_revocation_at_once_nobody_reads_past_it():
    actor = actor_of()
    loan, by = make.opened(actor), make.officer(make.bank())
    revoke = partial(granting.revoke, actor, loan.consent, at=timezone.now())
    found = behind(revoke, partial(take, LoanApplication.objects.get(pk=loan.pk), by=by, at=timezone.now()))
    assert getattr(found, "code", found) == "closed"
    assert not LoanGrab.objects.exists()


@pytest.mark.parametrize(
    ("state", "step"), [(LoanState.SUBMITTED, "decline"), (LoanState.DUE_DILIGENCE, "refuse")]
)
def test_what_is_consented_to_while_the_bank_says_no_ends_with_that(state, step):
    actor = actor_of()
    loan = make.put(state, make.filed(actor))
    by, at = make.officer(loan.bank), timezone.now()
    granting.revoke(actor, loan.consent, at=at)
    loan = LoanApplication.objects.get(pk=loan.pk)
    again = partial(consent_anew, actor, loan, make.sharing(at), at=at)
    behind(again, lambda: make.STEPS[step](LoanApplication.objects.get(pk=loan.pk), by, timezone.now()))
    assert not Consent.objects.live(timezone.now()).exists()
