"""One sum from a list to the enterprise's account, each person in a browser of their own.

An official begins a run, a real worker screens; two officials stand for the list, everybody may read it; the
enterprise takes what is theirs on a phone by one click. Three officials bring it to the treasury, a process
of its own that answers through folders, and the enterprise reads when the money came and by which file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from enterprises.models import Enterprise
from policies.enjoying import offering
from policies.models import Award, EnjoyRun, InstructionFile, PaymentBatch, PaymentEvent
from policies.money import invariants
from portal.accounts.models import User
from portal.accounts.second_factor import enable_totp
from tests.e2e.conftest import PHONE
from tests.e2e.entering import sign_in
from tests.e2e.paying import check_the_account, make_a_batch, sign
from tests.e2e.photographs import photograph
from tests.enjoying import factories as make
from tests.enterprises.factories import MembershipFactory
from tests.money.factories import Desk
from tests.policies.factories import economy
from tests.treasuries import TreasuryProcess, ring
from tests.workers import WorkerProcess, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.processes, pytest.mark.slow]
TITLE = "吸纳就业奖补"
OPEN_PAGE = Callable[..., Page]


@dataclass(frozen=True)
class County:
    """Who takes part. `desk` holds the budget line and the three who pay from it."""

    desk: Desk
    reviewer: User
    leader: User
    owner: User
    firm: Enterprise

    @property
    def money(self) -> str:
        """The address of the payment desk."""
        return f"/desk/{self.desk.line.department_id}/money"


@pytest.fixture
def county(transactional_db: None) -> County:
    firm = make.firm()
    owner = MembershipFactory(enterprise=firm).user
    reviewer, leader = make.reviewer(), make.leader()
    for official in (reviewer, leader):
        enable_totp(official)
    return County(Desk(version=make.version(title=TITLE)), reviewer, leader, owner, firm)


def test_three_officials_and_the_enterprise_from_run_to_paid(
    county: County, open_page: OPEN_PAGE, treasury: TreasuryProcess, treasury_worker: WorkerProcess
) -> None:
    treasury.start("honest")
    run = begins_a_run(open_page(), county)
    is_stood_for_by_two_and_shown(open_page, run, county)
    offering.offer_ready(run.notice.closes_at)  # the notice's days go by
    phone = open_page(PHONE)
    takes_it_by_one_click(phone, county)
    batch = is_brought_to_the_treasury(open_page, county)
    ring("deliver_instructions")
    wait_for(treasury.told, "the treasury's answer")
    ring("collect_returns")
    wait_for(lambda: PaymentEvent.objects.filter(name="pay").exists(), "the answer in the books")
    message(phone, county, "10 万元已到账")
    reads_that_it_came(phone, county, batch)
    assert not invariants.broken()
    assert [name for _id, name, _fen in treasury.entries()] == ["paid"]


def message(page: Page, county: County, title: str) -> None:
    """Wait for the worker to bring a message, and open it."""
    address = f"/e/{county.firm.pk}/messages/"

    def has_come() -> bool:
        page.goto(address)
        return page.get_by_text(title).count() > 0

    wait_for(has_come, f"a message: {title}")
    photograph(page, "money/messages")
    page.get_by_text(title).first.click()


def begins_a_run(page: Page, county: County) -> EnjoyRun:
    """By hand; the worker screens."""
    sign_in(page, county.reviewer)
    page.goto(f"/desk/{economy().pk}/enjoy/")
    page.select_option("[name=item]", label=TITLE)
    page.get_by_role("button", name="开始筛选").click()
    wait_for(lambda: EnjoyRun.objects.filter(state="listed").exists(), "the list")
    run = EnjoyRun.objects.get()
    page.goto(run.get_absolute_url())
    expect(page.get_by_role("link", name=county.firm.name)).to_be_visible()
    page.click("#step-propose > summary")
    page.click("#step-propose form button.main")
    expect(page.locator(".notes")).to_contain_text("已送审定")
    return run


def is_stood_for_by_two_and_shown(open_page: OPEN_PAGE, run: EnjoyRun, county: County) -> None:
    """A second official confirms and puts it on the public pages, where anybody reads it."""
    page = open_page()
    sign_in(page, county.leader)
    page.goto(run.get_absolute_url())
    page.click("#step-confirm > summary")
    page.click("#step-confirm form button.main")
    expect(page.locator(".notes")).to_contain_text("名单已审定")
    page.click("#step-notice button")
    expect(page.locator(".notes")).to_contain_text("已公示")
    anybody = open_page(PHONE)
    anybody.goto("/notices/")
    anybody.get_by_role("link", name=TITLE).first.click()
    expect(anybody.get_by_text(county.firm.name).first).to_be_visible()
    run.refresh_from_db()


def takes_it_by_one_click(phone: Page, county: County) -> None:
    """From the message to the offer; the account goes with the click."""
    sign_in(phone, county.owner)
    message(phone, county, "免申即享奖补待确认")
    phone.wait_for_url("**/enjoy/*/")
    phone.get_by_label("开户行").fill("中国工商银行垫江支行")
    for label in ("账号", "再输一遍账号"):
        phone.get_by_label(label, exact=True).fill("6222 0202 0011 2233 445")
    photograph(phone, "money/offer")
    phone.get_by_role("button", name="领取 10 万元").click()
    expect(phone.locator(".notes")).to_contain_text("已确认领取")
    assert Award.objects.get().enterprise == county.firm


def is_brought_to_the_treasury(open_page: OPEN_PAGE, county: County) -> PaymentBatch:
    """Prepared by one, confirmed by another, released by a third: each with a code of their own."""
    desk = county.desk
    preparing, confirming, releasing = open_page(), open_page(), open_page()
    sign_in(preparing, desk.preparer)
    check_the_account(preparing, county.money)
    batch = make_a_batch(preparing, county.money, "1 笔，100,000 元")
    sign_in(confirming, desk.confirmer)
    confirming.goto(f"{county.money}/")
    confirming.click("[data-row] >> nth=0")
    expect(confirming.locator("#step-confirm .digest")).to_contain_text(batch.digest[:8])
    sign(confirming, "confirm", desk.confirmer)
    expect(confirming.locator(".notes")).to_contain_text("已确认")
    sign_in(releasing, desk.releaser)
    releasing.goto(f"{county.money}/")
    releasing.click("[data-row] >> nth=0")
    sign(releasing, "release", desk.releaser)
    expect(releasing.locator(".notes")).to_contain_text("已下达")
    photograph(releasing, "money/released")
    return batch


def reads_that_it_came(phone: Page, county: County, batch: PaymentBatch) -> None:
    """The message leads to where the money is: all six steps with their days, the file, the bank's answer."""
    file = InstructionFile.objects.get(batch=batch)
    phone.wait_for_url("**/money/#award-*")
    expect(phone.locator(".steps .ok")).to_have_count(6)
    expect(phone.locator("article .tag.done")).to_contain_text("已到账")
    phone.get_by_text("明细和问谁").click()
    expect(phone.locator("article dl")).to_contain_text(file.number)
    expect(phone.locator("article dl")).to_contain_text("银行日期")
    photograph(phone, "money/paid")
