"""The payment desk: who sees what, figures, queries however many payments."""

import pytest
from django.urls import reverse

from policies.money import results
from portal.accounts.roles import Role
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import WAN, official
from tests.money.pages import at

pytestmark = pytest.mark.django_db


PAGES = (
    "",
    "_accounts",
    "_payments",
    "_files",
    "_budget",
    "_freezes",
    "_reconciliation",
    "_books",
    "_corrections",
    "_speed",
)


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_empty_and_full_for_those_who_pay_and_for_nobody_else(desk, visit, page):
    address = at(desk, f"desk_money{page}")
    visit(desk.preparer, address)
    desk.settled(desk.award(), desk.award())
    desk.released(desk.award())
    desk.draft(desk.award())
    leader = official(Role.LEADER)
    for user in (desk.preparer, desk.confirmer, desk.releaser, leader):
        visit(user, address)
    visit(official(Role.HANDLER), address, 404)
    from portal.accounts.models import Department

    visit(official(Role.PAYMENT_PREPARER, Department.objects.get(code="tax")), address, 404)


def test_home_tells_each_what_waits_for_them(desk, visit):
    desk.award()
    prepared = desk.prepared()
    confirmed = desk.confirmed()
    home = at(desk)
    assert "的拨付批次" in visit(desk.preparer, home)
    said = visit(desk.confirmer, home)
    assert f"确认批次“{prepared.title}”" in said
    assert prepared.number in said
    said = visit(desk.releaser, home)
    assert f"下达批次“{confirmed.title}”" in said
    assert "下达批次" not in visit(desk.confirmer, home)


def test_payments_are_found_and_the_silent_come_first(desk, visit):
    silent = desk.released(desk.award(enterprise=EnterpriseFactory(name="沉默的企业")))
    payment = silent.payments.get()
    desk.tick(days=20)
    results.overdue(desk.at)
    desk.settled(desk.award(enterprise=EnterpriseFactory(name="收到的企业")))
    address = at(desk, "desk_money_payments")
    page = visit(desk.preparer, address)
    assert "沉默的企业" in page
    assert "收到的企业" not in page
    assert "结果未知" in page
    assert "下达已" in page
    for words in ("收到的",):
        assert "收到的企业" in visit(desk.preparer, f"{address}?q={words}")
    assert "沉默的企业" in visit(desk.preparer, f"{address}?q={payment.pk}")
    assert "沉默的企业" in visit(desk.preparer, f"{address}?q={silent.number.lower()}")
    assert "没有找到" in visit(desk.preparer, f"{address}?q=没有这家")
    assert "没有回单" in visit(desk.preparer, at(desk, "desk_money_payment", payment.pk))
    assert "与国库核实没有回单的拨付" in visit(desk.preparer, at(desk))


def test_pages_cost_the_same_however_many_payments(desk, client, django_assert_max_num_queries):
    for _number in range(6):
        desk.draft(desk.award())
    batch = desk.prepared(*(desk.award() for _number in range(8)))
    client.force_login(desk.confirmer)
    for address, most in (
        (at(desk), 34),
        (at(desk, "desk_money_batch", batch.number), 30),
        (at(desk, "desk_money_payments") + "?state=prepared", 18),
        (at(desk, "desk_money_accounts") + "?tab=matched", 18),
    ):
        with django_assert_max_num_queries(most):
            client.get(address)


def test_figures_of_the_budget_and_of_time(desk, visit):
    desk.settled(desk.award(100 * WAN))
    desk.released(desk.award(50 * WAN))
    desk.prepared(desk.award(20 * WAN))
    desk.award(30 * WAN)
    page = visit(desk.preparer, at(desk, "desk_money_budget") + "?year=2026")
    for words in ("1,000,000 元", "500,000 元", "8,500,000 元", "300,000 元"):
        assert words in page
    page = visit(official(Role.SUPERVISOR), at(desk, "desk_money_speed") + "?by=department")
    assert "等得最久" in page
    assert "3 笔" in page


def test_nothing_of_another_department_is_reached(desk, visit):
    from portal.accounts.models import Department

    batch = desk.released()
    tax = Department.objects.get(code="tax")
    stranger = official(Role.PAYMENT_PREPARER, tax)
    for name, args in (
        ("desk_money_batch", [batch.number]),
        ("desk_money_payment", [batch.payments.get().pk]),
        ("desk_money_file_out", [batch.instruction.pk]),
        ("desk_money_content", ["out", batch.instruction.pk]),
    ):
        visit(stranger, reverse(name, args=[tax.pk, *args]), 404)
