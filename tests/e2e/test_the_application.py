"""One application from the message to the rating, each person in a browser of their own, with a real worker.

An owner is told of a policy, answers what nobody knows, attaches, sends; a reviewer returns it with a list;
the owner mends it; two departments are heard; a leader posts the notice and decides; the owner rates it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from enterprises.models import Enterprise
from policies.models import Application, PublicNotice
from portal.accounts.models import Department, User
from portal.accounts.second_factor import enable_totp
from tests.accounts.factories import UserFactory
from tests.applying import factories as make
from tests.e2e.conftest import PHONE
from tests.e2e.entering import sign_in
from tests.e2e.photographs import photograph
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, give_value
from tests.papers import pdf_of
from tests.policies.factories import economy

pytestmark = [pytest.mark.e2e, pytest.mark.processes, pytest.mark.slow]
WORKER_SECONDS = 60
TITLE = "技术改造设备投资奖励"
IN_COUNTY = make.CONDITIONS["all"][0]
CONDITIONS = {
    "all": [
        IN_COUNTY,
        make.CONDITIONS["all"][1],
        {"fact": "hire_count", "op": ">=", "value": "2", "unit": "人"},
        {"fact": "project_done", "op": "=", "value": True},
    ]
}
"""One place that is known, three questions that nobody but the applicant can answer."""
EXAMPLES = [
    {
        "name": "够格的",
        "facts": {"region": "500231"},
        "claims": {"equipment_invest": "200 万元", "hire_count": "3", "project_done": True},
        "verdict": "eligible",
    },
    *make.EXAMPLES[1:],
]


@dataclass(frozen=True)
class Owner:
    """Who applies, and for whom."""

    user: User
    firm: Enterprise


@pytest.fixture
def owner(transactional_db: None) -> Owner:
    user, firm = (
        UserFactory(name="陈明远", mobile="13900000001"),
        EnterpriseFactory(name="渝东轮毂制造有限公司"),
    )
    MembershipFactory(user=user, enterprise=firm)
    give_value(firm, "region", text="500231101")
    return Owner(user, firm)


def test_an_application_from_the_message_to_the_rating(
    owner: Owner, open_page: Callable[..., Page], celery_worker_process: Any
) -> None:
    make.version(title=TITLE, rule_conditions=CONDITIONS, rule_examples=EXAMPLES)
    phone, desk, boss = open_page(PHONE), open_page(), open_page()
    starts_from_the_message(phone, owner)
    fills_in_and_sends(phone)
    application = Application.objects.get()
    at = f"/desk/{economy().pk}/applications/{application.number}/"
    sign_in(desk, official(make.reviewer()))
    is_returned(desk, at)
    is_mended(phone, application)
    is_heard_by_two(desk, at, open_page)
    is_proposed(desk, at)
    sign_in(boss, official(make.leader()))
    is_noticed_and_approved(boss, at)
    is_rated(phone, application)


def starts_from_the_message(phone: Page, owner: Owner) -> None:
    sign_in(phone, owner.user)
    messages = f"/e/{owner.firm.pk}/messages/"
    until = time.monotonic() + WORKER_SECONDS
    while not phone.get_by_text(TITLE).count():
        assert time.monotonic() < until, "no message came"
        phone.goto(messages)
        phone.wait_for_timeout(500)
    phone.get_by_text(TITLE).first.click()
    phone.wait_for_url("**/policies/**")
    phone.get_by_role("button", name="申报", exact=True).click()


def fills_in_and_sends(phone: Page) -> None:
    phone.locator("#answer-equipment_invest").fill("200")
    phone.locator("#answer-hire_count").fill("3")
    phone.locator("#answer-project_done").select_option("是")
    expect(phone.locator("#apply-head")).to_contain_text("20 万元")
    bring(phone, "发票.pdf", pdf_of())
    photograph(phone, "application/form")
    send(phone)


def is_returned(desk: Page, at: str) -> None:
    desk.goto(at)
    photograph(desk, "application/review")
    desk.click("#step-return > summary")
    desk.select_option("#return-point0-of", label="设备发票")
    desk.fill("#return-point0-what", "补盖章的发票")
    desk.fill("#return-point0-why", "原件没有章")
    desk.click("#step-return form button.main")
    expect(desk.locator(".notes")).to_contain_text("已退回企业补正")


def is_mended(phone: Page, application: Application) -> None:
    phone.goto(application.get_absolute_url())
    expect(phone.get_by_text("补盖章的发票").first).to_be_visible()
    bring(phone, "盖章的发票.pdf", pdf_of("stamped"))
    photograph(phone, "application/amending")
    send(phone)


def is_heard_by_two(desk: Page, at: str, open_page: Callable[..., Page]) -> None:
    asked = [Department.objects.get(code=code) for code in ("tax", "finance")]
    theirs = {department: make.reviewer(department) for department in asked}
    desk.goto(at)
    desk.click("#step-accept button")
    expect(desk.locator(".notes")).to_contain_text("已受理")
    desk.click("#step-consult > summary")
    for place, department in enumerate(asked):
        desk.select_option(f"#consult-ask{place}-department", value=str(department.pk))
        desk.fill(f"#consult-ask{place}-question", "请核发票和重复享受")
    desk.click("#step-consult form button.main")
    expect(desk.locator(".notes")).to_contain_text("已提请联审")
    for department in asked:
        page = open_page()
        sign_in(page, official(theirs[department]))
        page.goto(f"/desk/{department.pk}/applications/?basket=asked")
        page.click("[data-row]")
        page.check("#step-opinion input[value=agree]")
        page.click("#step-opinion form button.main")
        expect(page.locator(".notes")).to_contain_text("已出具意见")


def is_proposed(desk: Page, at: str) -> None:
    desk.goto(at)
    desk.check("#step-propose input[value=approve]")
    expect(desk.locator("#propose-amount")).to_have_value("200,000")
    photograph(desk, "application/proposing")
    desk.click("#step-propose form button.main")
    expect(desk.locator(".notes")).to_contain_text("已拟定")


def is_noticed_and_approved(boss: Page, at: str) -> None:
    boss.goto(at)
    boss.click("#step-notice button")
    expect(boss.locator(".notes")).to_contain_text("已公示")
    notice = PublicNotice.objects.get()
    public = boss.context.browser.new_page(base_url=boss.url.split("/desk/")[0])  # type: ignore[union-attr]
    public.goto(f"/notices/{notice.pk}/")
    expect(public.get_by_text("渝东轮毂制造有限公司").first).to_be_visible()
    public.close()
    PublicNotice.objects.filter(pk=notice.pk).update(closes_at=timezone.now())  # five working days later
    boss.goto(at)
    boss.click("#step-approve button")
    expect(boss.locator(".notes")).to_contain_text("已审定")


def is_rated(phone: Page, application: Application) -> None:
    phone.goto(application.get_absolute_url())
    expect(phone.get_by_text("核定金额")).to_be_visible()
    phone.get_by_label("5 星").check()
    photograph(phone, "application/decided")
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("5 星")).to_be_visible()
    assert Application.objects.get().rating.stars == 5


def bring(phone: Page, name: str, content: bytes) -> None:
    chosen = phone.locator("#material-1 input[type=file]").first
    chosen.set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    expect(phone.locator("#files-1").get_by_role("link", name=name)).to_be_visible()


def send(phone: Page) -> None:
    phone.get_by_role("button", name="检查并提交").click()
    phone.get_by_role("button", name="确认提交").click()
    expect(phone.get_by_text("正在等主管部门受理")).to_be_visible()


def official(user: User) -> User:
    """With a second factor, as the desk wants it."""
    enable_totp(user)
    return user
