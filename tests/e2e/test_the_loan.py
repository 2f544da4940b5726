"""Loans from three products side by side to a consent taken back, each person in a browser of their own.

An owner compares on the phone, consents and applies; the bank reads and the owner sees who did; revoking
takes the sight away at once. What the owner then asks of all banks, another bank grabs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from enterprises.models import ConsentReading, Enterprise
from finance.acting import BankActor
from finance.models import LoanApplication
from portal.accounts.models import User
from portal.accounts.second_factor import enable_totp
from tests.accounts.factories import UserFactory
from tests.e2e.conftest import PHONE
from tests.e2e.entering import sign_in
from tests.e2e.photographs import photograph
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, give_value
from tests.finance.factories import published
from tests.finance.lending.factories import bank, officer

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FIRM = "渝东轮毂制造有限公司"


@dataclass(frozen=True)
class Market:
    """An owner with a firm, and three banks with a product and somebody at the desk each."""

    owner: User
    firm: Enterprise
    banks: tuple[BankActor, ...]


@pytest.fixture
def market(transactional_db: None) -> Market:
    owner, firm = UserFactory(name="陈明远", mobile="13900000001"), EnterpriseFactory(name=FIRM)
    MembershipFactory(user=owner, enterprise=firm)
    give_value(firm, "region", text="500231101")
    give_value(firm, "revenue", period=2025, scaled=32_000_000 * 100)
    people = []
    for place, low in enumerate(("3.4500", "3.8500", "4.2000"), 1):
        lender = bank(name=f"垫江第{place}农商行", short=f"{place}农商")
        published(lender, code=f"LOAN-{place}", name=f"轮毂贷{place}号", rate_low=low, rate_high="4.9000")
        actor = officer(lender, name=f"客户经理{place}")
        enable_totp(actor.user)
        people.append(actor)
    return Market(owner, firm, tuple(people))


@pytest.fixture
def console_may_say() -> tuple[str, ...]:
    """The refusals that are asked for: facts without a consent, an application of another bank."""
    return ("403", "404")


def test_three_products_a_consent_and_its_end(market: Market, open_page: Callable[..., Page]) -> None:
    phone, desk, rival = open_page(PHONE), open_page(), open_page()
    first, second, _third = market.banks
    sign_in(phone, market.owner)
    compares(phone, market.firm)
    applies(phone)
    loan = LoanApplication.objects.get()
    sign_in(desk, first.user)
    reads(desk, first, loan)
    sees_who_read_and_revokes(phone, loan, "客户经理1")
    is_blind(desk, first, loan)
    asks_all_banks(phone, market.firm)
    sign_in(rival, second.user)
    grabs(rival, second, LoanApplication.objects.latest("pk"))
    comes_too_late(desk, first, LoanApplication.objects.latest("pk"))


def compares(phone: Page, firm: Enterprise) -> None:
    phone.goto(f"/e/{firm.pk}/finance/")
    photograph(phone, "loan/mine")
    for place in (1, 2, 3):
        phone.check(f"#compare-LOAN-{place}")
    phone.get_by_role("button", name="并排对比").click()
    for place in (1, 2, 3):
        expect(phone.get_by_role("columnheader", name=f"轮毂贷{place}号")).to_be_visible()
    cheapest = phone.get_by_role("columnheader", name="利息最少")
    expect(cheapest).to_have_count(1)
    expect(cheapest).to_contain_text("轮毂贷1号")
    photograph(phone, "loan/compared")


def applies(phone: Page) -> None:
    phone.get_by_role("columnheader", name="轮毂贷1号").get_by_role("link").click()
    phone.get_by_role("link", name="申请这款").click()
    fill_in(phone)
    photograph(phone, "loan/apply")
    phone.get_by_role("button", name="同意授权并提交申请").click()
    expect(phone.locator(".notes")).to_contain_text("申请已提交")
    photograph(phone, "loan/filed")


def fill_in(phone: Page) -> None:
    phone.fill("[name=amount]", "80")
    phone.fill("[name=contact_phone]", "13900000001")
    phone.check("[name=consent-agreed]")


def reads(desk: Page, actor: BankActor, loan: LoanApplication) -> None:
    desk.goto(f"/bank/{actor.bank.pk}/")
    photograph(desk, "loan/inbox")
    desk.get_by_role("link", name=loan.number).or_(desk.get_by_role("link", name=FIRM)).first.click()
    photograph(desk, "loan/case")
    desk.get_by_role("link", name="查看企业信息").click()
    expect(desk.locator("main")).to_contain_text("企业授权的信息")
    expect(desk.locator("main")).to_contain_text("营业收入")
    expect(desk.locator("[aria-labelledby=score]")).to_contain_text("信用评分")
    desk.click("[aria-labelledby=score] summary")
    photograph(desk, "loan/facts")
    assert ConsentReading.objects.filter(user=actor.user).count() == 1


def sees_who_read_and_revokes(phone: Page, loan: LoanApplication, who: str) -> None:
    phone.goto(loan.get_absolute_url())
    readers = phone.locator("[aria-labelledby=consent]")
    expect(readers).to_contain_text(who)
    readers.locator("summary", has_text="撤回授权").click()
    photograph(phone, "loan/revoking")
    readers.get_by_role("button", name="撤回授权").click()
    expect(phone.locator("main")).to_contain_text("银行看不到您的信息")


def is_blind(desk: Page, actor: BankActor, loan: LoanApplication) -> None:
    desk.reload()  # of the page of facts that stood open
    expect(desk.locator("main")).to_contain_text("不能查看")
    expect(desk.locator("main")).not_to_contain_text("营业收入")
    photograph(desk, "loan/blind")
    desk.goto(f"/bank/{actor.bank.pk}/loans/{loan.number}/")
    expect(desk.locator("main")).to_contain_text("撤回，不能再查看企业信息")
    assert desk.get_by_role("link", name="查看企业信息").count() == 0
    assert "13900000001" not in desk.content()
    assert ConsentReading.objects.count() == 1


def asks_all_banks(phone: Page, firm: Enterprise) -> None:
    phone.goto(f"/e/{firm.pk}/finance/apply/")
    fill_in(phone)
    photograph(phone, "loan/apply-to-all")
    phone.get_by_role("button", name="同意授权并提交申请").click()
    expect(phone.locator(".notes")).to_contain_text("申请已提交")


def grabs(rival: Page, actor: BankActor, loan: LoanApplication) -> None:
    rival.goto(f"/bank/{actor.bank.pk}/hall/")
    expect(rival.locator(f"#loan-{loan.number}")).to_contain_text("80 万元")
    assert FIRM not in rival.content()
    photograph(rival, "loan/hall")
    rival.click(f"#grab-{loan.number}")
    expect(rival.locator("h1")).to_contain_text(FIRM)
    loan.refresh_from_db()
    assert loan.bank == actor.bank
    photograph(rival, "loan/grabbed")


def comes_too_late(desk: Page, actor: BankActor, loan: LoanApplication) -> None:
    desk.goto(f"/bank/{actor.bank.pk}/hall/")
    assert desk.locator(f"#grab-{loan.number}").count() == 0
    expect(desk.locator("main")).to_contain_text(loan.number)  # among what was just taken, and by whom
    assert FIRM not in desk.content()
    answer = desk.goto(f"/bank/{actor.bank.pk}/loans/{loan.number}/")
    assert answer is not None
    assert answer.status == 404
