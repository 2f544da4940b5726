"""What lists say of money that came back, waits for an account, or is there: no page contradicts another."""

import pytest
from django.urls import reverse

from portal.kernel.money import format_money
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import WAN, Desk, account, answer, payment_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def visit(client, desk):
    def read(name="desk_money", *args, **given):
        client.force_login(desk.preparer)
        address = reverse(name, args=[desk.line.department_id, *args])
        return client.get(address, given)

    return read


def test_a_batch_of_which_something_came_back_is_not_done_with_until_it_is_made_anew(desk, visit):
    owed = desk.award()
    batch = desk.settled(owed)
    desk.settle(batch, "returned")
    batch.refresh_from_db()
    assert batch.state == "settled"
    page = visit("desk_money_batch", batch.number).content.decode()
    assert "退回 1 笔" in page
    assert "已办结" not in page
    assert "有退回" in page
    assert batch.number in visit().content.decode()
    assert batch.number not in visit(tab="settled").content.decode()
    account(owed.enterprise, at=desk.tick())
    again = desk.settled(owed)
    page = visit("desk_money_batch", batch.number).content.decode()
    assert "批次已办结" in page
    assert batch.number not in visit().content.decode()
    settled = visit(tab="settled").content.decode()
    assert batch.number in settled
    assert again.number in settled


def test_of_a_released_batch_both_are_said(desk, visit):
    batch = desk.released(desk.award(), desk.award())
    first = batch.payments.select_related("account").first()
    desk.take(batch, [answer(first, "returned")])
    page = visit("desk_money_batch", batch.number).content.decode()
    assert "退回 1 笔" in page
    assert "已下达" in page


def test_only_what_can_be_put_into_a_batch_is_counted_as_waiting_for_one(desk, visit):
    desk.award(7 * WAN)
    late = EnterpriseFactory()
    account(late, checked=False)
    desk.award(5 * WAN, enterprise=late)
    found = visit()
    (one,) = found.context["owed"]
    assert (one.count, one.fen, one.held) == (1, 7 * WAN, 1)
    assert "另有 1 笔等收款账户核对" in found.content.decode()
    assert any(todo.note == f"1 笔待拨付，合计 {format_money(7 * WAN)}" for todo in found.context["todos"])


def test_of_nothing_that_can_be_no_batch_is_asked_for(desk, visit):
    owed = desk.award()
    batch = desk.released(owed)
    desk.settle(batch, "returned")
    assert payment_of(batch).state == "returned"
    found = visit()
    (one,) = found.context["owed"]
    assert (one.count, one.fen, one.held, one.oldest) == (0, 0, 1, None)
    assert not [todo for todo in found.context["todos"] if "编制" in todo.title]
