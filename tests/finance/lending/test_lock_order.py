"""Whoever books money has the firm's turn before the loan's row, as who sets a booking right has."""

from functools import partial

import pytest
from django.utils import timezone

from finance.api.booking import book_rows
from finance.lending import booking
from finance.lending.booking import Drawing
from finance.lending.holding import take_turns
from finance.lending.lists.taking import book, take_in
from finance.models import Drawdown, LoanApplication, LoanState
from tests.finance.lending import factories as make
from tests.finance.lending.test_lists import workbook
from tests.races import behind

pytestmark = pytest.mark.django_db(transaction=True)
WAN = make.WAN


def by_hand(loan, by):
    drawing = Drawing("F-1", WAN, timezone.localdate())
    booking.draw(loan, drawing, by=by, at=timezone.now())


def by_list(loan, by):
    file = workbook((loan.bank_number, "F-1", timezone.localdate(), 10_000))
    book(take_in(file, "drawdowns", by=by, at=timezone.now()), by=by, at=timezone.now())


def by_system(loan, by):
    row = {"bank_number": loan.bank_number, "serial": "F-1", "on": timezone.localdate(), "amount_fen": WAN}
    book_rows(Drawdown, [row], by=by, at=timezone.now())


@pytest.mark.parametrize("way", [by_hand, by_list, by_system])
def test_who_waits_for_the_firms_turn_holds_none_of_its_loans(way):
    loan = make.put(LoanState.SIGNED)
    by = make.officer(loan.bank)
    held = LoanApplication.objects.select_for_update(nowait=True)
    turn = partial(take_turns, [loan.enterprise_id])
    assert not isinstance(behind(turn, partial(way, loan, by), then=lambda: held.get(pk=loan.pk)), Exception)
    assert Drawdown.objects.get().amount_fen == WAN
