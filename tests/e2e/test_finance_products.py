"""Products in a real Chromium: every page looked at by day and night; three compared, one opened."""

import pytest
from playwright.sync_api import Page, expect

from enterprises.models import Membership
from finance.seeding import seed_products
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.enterprises.factories import MembershipFactory, give_value
from tests.finance import factories as make

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


@pytest.fixture
def owner(transactional_db: None) -> Membership:
    seed_products(editor=make.editor(), publisher=make.publisher())
    membership = MembershipFactory()
    give_value(membership.enterprise, "tax_credit_grade", period=2025, text="B")
    return membership


@WIDE
def test_every_page_is_clean(page: Page, look_twice: Look, owner: Membership) -> None:
    """axe-core finds nothing, nothing sticks out sideways, and each is photographed into var/shots."""
    for name, address in {
        "products": "/finance/",
        "products-none": "/finance/?q=鎏金孔雀翎",
        "product": "/finance/products/L20/?amount=100&rate=4,35",
        "products-compared": "/finance/compare/?p=L20&p=L21&p=L01&amount=400",
        "products-compared-none": "/finance/compare/",
        "banks": "/finance/banks/",
    }.items():
        look_twice(name, address)
    sign_in(page, owner.user)
    own = f"/e/{owner.enterprise_id}/finance/"
    look_twice("my-products", own)
    look_twice("my-need", f"{own}need/?amount=80&months=12&purpose=turnover&order=rate")
    look_twice("my-product", f"{own}products/L20/")


@WIDE
def test_three_are_ticked_and_stand_side_by_side(page: Page, owner: Membership) -> None:
    sign_in(page, owner.user)
    page.goto("/finance/?q=nsed")
    expect(page.locator(".rows .row")).to_have_count(1)
    page.goto("/finance/?security=credit")
    for count, code in enumerate(("L20", "L21", "L22"), 1):
        page.locator(f"#browse-{code}").check()
        expect(page.locator("#tray")).to_contain_text(f"并排对比 {count} 款")
        expect(page.locator(f"#browse-{code}")).to_be_checked()
    page.get_by_role("link", name="并排对比 3 款").click()
    expect(page.locator("thead th[scope=col]")).to_have_count(3)
    page.get_by_label("借多少").fill("100")
    page.get_by_role("button", name="更新对比").click()
    expect(page.get_by_text("利息最少")).to_be_visible()
    page.get_by_role("link", name="纳税e贷", exact=True).click()
    page.get_by_label("年利率（%）").fill("435")
    page.get_by_role("button", name="算一算").click()
    expect(page.locator("#plan")).to_contain_text("请写上小数点：4.35")
