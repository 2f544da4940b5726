"""The finance office's figures: what counts, what does not, and who sees them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.measures import Span, bad_rate, first_of_month, lendings, measured, monthly, percent
from portal.accounts.models import Department
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.clients import cheap, signed_in
from tests.finance.factories import office
from tests.finance.lending.factories import WAN, filed, opened, put

pytestmark = pytest.mark.django_db


def at_desk(role, department=None):
    place = department or office()
    return signed_in(PostingFactory(department=place, role=role, user__second_factor=True).user)


def figures():
    return measured(lendings(Span(None, timezone.localdate() + dt.timedelta(days=1))))


def test_nothing_is_no_share_and_no_mean():
    none = figures()
    assert (none["lent"], none["lent_fen"], none["days"], none["rate"], bad_rate(none)) == (
        0,
        0,
        None,
        None,
        None,
    )
    assert percent(0, 0) is None
    assert "—" in cheap(at_desk(Role.LEADER), f"/desk/{office().pk}/finance/").content.decode()


def test_each_application_counts_for_what_became_of_it():
    for state in ("submitted", "declined", "refused", "approved", "drawn", "repaying", "overdue"):
        put(state)
    found = figures()
    assert (found["asked"], found["declined"]) == (7, 1)
    assert (found["approved"], found["decided"]) == (4, 5)
    assert (found["lent"], found["firms"], found["first"]) == (3, 3, 3)
    assert found["lent_fen"] == 150 * WAN
    assert (found["bad"], found["bad_fen"], found["owed_fen"]) == (1, 50 * WAN, 140 * WAN)
    assert found["rate"] == Decimal("4.35")
    assert found["days"] == 0


def test_what_goes_out_later_does_not_count_yet():
    put("drawn")
    today = timezone.localdate()
    assert measured(lendings(Span(None, today)))["lent"] == 0
    assert figures()["lent"] == 1


def test_the_trend_has_a_place_for_every_month():
    put("drawn")
    today = timezone.localdate()
    months = monthly(today)
    assert len(months) == 12
    assert months[-1] == (today.replace(day=1), 50 * WAN, 1)
    assert not any(fen for _month, fen, _count in months[:-1])
    assert first_of_month(dt.date(2026, 1, 31), 1) == dt.date(2025, 12, 1)


def test_the_banks_add_up_to_the_whole():
    """One that left the platform is named still, and so is what no bank has taken yet."""
    put("drawn")
    gone = put("overdue").bank
    assert gone is not None
    gone.live = False
    gone.save()
    opened()
    answer = cheap(at_desk(Role.LEADER), f"/desk/{office().pk}/finance/")
    lines, whole = answer.context["banks"], figures()
    assert [line["bank"] for line in lines][-1] is None
    assert [sum(line[key] for line in lines) for key in ("asked", "lent", "fen")] == [3, 2, whole["lent_fen"]]
    assert all(words in answer.content.decode() for words in ("已下线", "尚无银行接单", "每月放款金额和次数"))


def test_the_page_is_the_finance_offices():
    put("drawn")
    filed()
    page = f"/desk/{office().pk}/finance/"
    assert "每月放款" in cheap(at_desk(Role.EDITOR), page).content.decode()
    assert at_desk(Role.HANDLER).get(page).status_code == 404
    tax = Department.objects.get(code="tax")
    assert at_desk(Role.LEADER, tax).get(f"/desk/{tax.pk}/finance/").status_code == 404
    assert at_desk(Role.LEADER, tax).get(page).status_code == 404


def test_who_works_for_finance_alone_comes_to_it_by_the_door_of_the_desks():
    browser = at_desk(Role.EDITOR)
    assert browser.get("/desk/", follow=True).redirect_chain[-1][0] == f"/desk/{office().pk}/finance/"
    assert "普惠金融" in browser.get(f"/desk/{office().pk}/finance/").content.decode()
    assert at_desk(Role.EDITOR, Department.objects.get(code="tax")).get("/desk/").status_code == 200
