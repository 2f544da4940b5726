"""Loans in a real Chromium: the plan on both sides, a row set right, a form that lost its product."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from finance.lending import booking
from finance.lending.booking import Drawing, Paying
from finance.lending.plans import lines_of
from finance.models import LoanApplication
from finance.products import publishing, writing
from portal.accounts.second_factor import enable_totp
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.e2e.photographs import photograph
from tests.enterprises.factories import actor_of, give_value
from tests.finance.factories import content, editor, published, publisher
from tests.finance.lending import factories as make

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


@pytest.fixture
def loan(transactional_db: None) -> LoanApplication:
    """Drawn seventy days ago and paid back twice, the second time less than was due."""
    then = timezone.now() - dt.timedelta(days=70)
    made = make.filed(at=then)
    by = make.officer(made.bank, "manager", name="客户经理")
    enable_totp(by.user)
    for step in ("accept", "investigate", "approve", "sign"):
        make.STEPS[step](made, by, then)
    booking.draw(made, Drawing("F1", 50 * make.WAN, timezone.localdate(then)), by=by, at=then)
    for serial, part in (("H1", 1), ("H2", 2)):
        due = lines_of(made, timezone.localdate())[0].instalment
        paying = Paying(serial, due.principal_fen // part, due.interest_fen, timezone.localdate())
        booking.repay(made, paying, by=by, at=timezone.now())
    made.officer = by.user
    return made


@WIDE
def test_the_plan_is_read_on_both_sides_and_a_row_set_right(
    page: Page, look_twice: Look, loan: LoanApplication
) -> None:
    assert loan.officer is not None
    sign_in(page, loan.officer)
    ours = f"/bank/{loan.bank_id}/loans/{loan.number}/"
    look_twice("loan/plan-bank", f"{ours}plan/")
    look_twice("loan/money-bank", ours)
    row = page.locator(".lines li", has_text="H2")
    row.get_by_text("冲正", exact=True).click()
    row.get_by_label("原因（企业会看到）").fill("金额登错，应为本期全额")
    photograph(page, "loan/reversing")
    row.get_by_role("button", name="确认冲正").click()
    expect(page.get_by_text("已冲正，企业已收到通知")).to_be_visible()
    expect(row).to_contain_text("已冲正")
    look_twice("loan/reversed-bank", ours)
    page.context.clear_cookies()
    sign_in(page, loan.filed_by)
    mine = loan.get_absolute_url()
    look_twice("loan/reversed-own", mine)
    look_twice("loan/plan-own", f"{mine}plan/")
    page.get_by_role("link", name=loan.number).click()
    expect(page.get_by_text("银行更正：金额登错")).to_be_visible()


@WIDE
def test_a_form_whose_product_changes_and_goes(page: Page, look_twice: Look, transactional_db: None) -> None:
    actor = actor_of()
    give_value(actor.enterprise, "region", text="500231101")
    version = published(make.bank(), name="老产品", amount_max_fen=300 * make.WAN)
    other = published(make.bank(), name="稳企贷")
    sign_in(page, actor.user)
    page.goto(f"/e/{actor.enterprise.pk}/finance/apply/?product={version.product.code}")
    page.get_by_label("想贷多少").fill("60")
    page.get_by_label("用途说明").fill("进原料")
    page.get_by_label("联系电话").fill("13800000000")
    page.get_by_label("我同意").check()
    newer = writing.start_version(
        version.product, content(name="老产品", amount_max_fen=90 * make.WAN), by=(author := editor())
    )
    publishing.submit(newer, by=author)
    publishing.publish(newer, by=publisher())
    page.get_by_role("button", name="同意授权并提交申请").click()
    expect(page.get_by_role("alert").first).to_contain_text("→")
    expect(page.get_by_label("用途说明")).to_have_value("进原料")
    seen(page, "loan/apply-newer")
    publishing.withdraw(newer, by=publisher(), reason="不再办理")
    page.get_by_role("button", name="我已看过变化").click()
    expect(page.get_by_role("alert").first).to_contain_text("已经下架")
    seen(page, "loan/apply-gone")
    page.locator("li", has_text="稳企贷").get_by_role("button").click()
    expect(page.get_by_role("heading", name="稳企贷")).to_be_visible()
    expect(page.get_by_label("用途说明")).to_have_value("进原料")
    seen(page, "loan/apply-instead")
    page.get_by_label("我同意").check()
    page.get_by_role("button", name="同意授权并提交申请").click()
    expect(page.get_by_text("申请已提交")).to_be_visible()
    assert LoanApplication.objects.get().product_version == other


def seen(page: Page, name: str) -> None:
    """As it stands, which no address shows."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        photograph(page, name)
