"""Two connections, one right behind the other: the second waits, and then sees what the first did."""

from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from finance.api.booking import book_rows
from finance.lending import consenting, correcting, deciding, filing, sweeping
from finance.lending.lists.taking import book, take_in
from finance.models import LoanPlan, LoanState, Repayment
from finance.models.loan_clock import CONSENT_ENDED
from finance.products import publishing
from portal.kernel.brought import Booked
from portal.kernel.errors import DomainError, ImportRefused
from tests.enterprises.factories import actor_of
from tests.finance import factories as products
from tests.finance.lending import factories as make
from tests.finance.lending.breaching import reversal
from tests.finance.lending.test_lists import BACK, workbook
from tests.races import behind

pytestmark = pytest.mark.django_db(transaction=True)
S, WAN = LoanState, make.WAN


def now():
    return timezone.now()


def code_of(error):
    assert isinstance(error, DomainError), error
    return error.code


def refused_by(error):
    assert isinstance(error, IntegrityError), error
    return error.__cause__.diag.constraint_name


def again(row):
    return type(row).objects.get(pk=row.pk)


def test_of_two_first_loans_the_second_is_none():
    actor = actor_of()
    loans = [make.put(S.SIGNED, make.filed(actor)) for _number in range(2)]
    one, other = (partial(make.draw, loan, make.officer(loan.bank), WAN) for loan in loans)
    assert behind(one, other) is None
    assert [again(loan).mark for loan in loans] == ["first", "again"]


def test_what_was_paid_back_meanwhile_is_over():
    loan = make.put(S.DRAWN)
    by = make.officer(loan.bank)
    rest, more = (
        partial(make.repay, loan, by, 50 * WAN),
        partial(make.repay, again(loan), by, WAN, serial="H"),
    )
    assert code_of(behind(rest, more)) == "not_now"


def test_rows_of_a_system_find_what_was_paid_back_meanwhile():
    loan = make.put(S.DRAWN)
    by, today = make.officer(loan.bank), timezone.localdate()
    row = {
        "bank_number": loan.bank_number,
        "serial": "H",
        "on": today,
        "principal_fen": WAN,
        "interest_fen": 0,
    }
    rest = partial(make.repay, loan, by, 50 * WAN)
    rows = partial(book_rows, Repayment, [row], by=by, at=now())
    assert code_of(behind(rest, rows)) == "not_now"


def test_a_product_that_is_withdrawn_is_not_applied_for():
    version = products.published(make.bank())
    withdraw = partial(publishing.withdraw, version, by=products.publisher(), reason="停办")
    actor, at = actor_of(), now()
    file = partial(filing.file_loan, actor, make.asked(at, version), at=at)
    assert code_of(behind(withdraw, file)) == "product_gone"


def test_a_sweep_passes_over_what_somebody_is_at(caplog):
    loan = make.filed()
    later = loan.clocks.latest("due_at").due_at
    accept = partial(deciding.accept, loan, by=make.officer(loan.bank), at=now())
    assert behind(accept, partial(sweeping.sweep, later)) == 0
    assert caplog.records == []


def test_a_plan_is_of_what_went_out_meanwhile():
    loan = make.put(S.SIGNED)
    by = make.officer(loan.bank)
    make.draw(loan, by, WAN)
    plan = {"number": 9, "method": "lump", "rate": 4, "principal_fen": WAN, "at": now()}
    more = partial(make.draw, again(loan), by, WAN)
    assert (
        refused_by(behind(more, partial(LoanPlan.objects.create, loan=loan, **plan)))
        == "finance_loanplan_drawn"
    )


def test_nothing_is_reversed_of_what_is_paid_back_meanwhile():
    loan = make.put(S.REPAYING)
    row = loan.repayments.get()
    rest = partial(make.repay, loan, make.officer(loan.bank), 40 * WAN)
    assert refused_by(behind(rest, partial(reversal, row))) == "finance_loanreversal_now"


def test_whose_first_loan_was_none_has_another_first_one():
    actor = actor_of()
    first, second = (make.put(S.SIGNED, make.filed(actor)) for _number in range(2))
    by = make.officer(first.bank)
    make.draw(first, by, WAN)
    draw = partial(make.draw, second, make.officer(second.bank), WAN)
    undo = partial(correcting.reverse, first.drawdowns.get(), "登错", by=by, at=now())
    behind(draw, undo)
    assert again(second).mark == "first"


def test_a_list_is_booked_once():
    loan = make.put(S.SIGNED)
    by = make.officer(loan.bank)
    file = take_in(
        workbook((loan.bank_number, "F", timezone.localdate(), 10_000)), "drawdowns", by=by, at=now()
    )
    one, other = (partial(book, again(file), by=by, at=now()) for _time in range(2))
    assert behind(one, other) == Booked(0, 1)


def test_a_list_that_waited_is_judged_again():
    loan = make.put(S.SIGNED)
    by = make.officer(loan.bank)
    file = take_in(
        workbook((loan.bank_number, "F", timezone.localdate(), 10_000)), "drawdowns", by=by, at=now()
    )
    error = behind(partial(make.draw, loan, by, 50 * WAN), partial(book, file, by=by, at=now()))
    assert type(error) is ImportRefused, error


def test_a_look_for_consents_that_ended_passes_over_what_is_withdrawn(caplog):
    actor = actor_of()
    loan = make.filed(actor)
    withdraw = partial(filing.withdraw, actor, loan, "不要", at=now())
    assert behind(withdraw, partial(consenting.watch, loan.consent.until)) == 0
    assert not loan.events.filter(name__in=CONSENT_ENDED).exists()
    assert caplog.records == []


def test_a_list_of_what_came_back_waits_for_its_loans():
    loan = make.put(S.DRAWN)
    by = make.officer(loan.bank)
    rows = workbook((loan.bank_number, "H", timezone.localdate(), 10_000, 0), head=BACK)
    file = take_in(rows, "repayments", by=by, at=now())
    error = behind(partial(make.repay, loan, by, 50 * WAN), partial(book, file, by=by, at=now()))
    assert type(error) is ImportRefused, error
