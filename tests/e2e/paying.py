"""What people click so that a sum goes from owed to released; each begins on any page of the person's own."""

from playwright.sync_api import Page, expect

from policies.models import PaymentBatch
from portal.accounts.models import User
from portal.accounts.second_factor import current_totp_code


def check_the_account(page: Page, desk: str) -> None:
    """The one account that waits carries the enterprise's own name; `desk` is the address of the desk."""
    page.goto(f"{desk}/accounts/")
    page.click("form button.main >> text=相符")
    expect(page.locator(".notes")).to_contain_text("户名相符")


def make_a_batch(page: Page, desk: str, words: str) -> PaymentBatch:
    """Of the first award that waits, handed on to be confirmed; `words` are its count and sum."""
    page.goto(f"{desk}/")
    page.click("[data-row] >> nth=0")
    page.click("[data-picking] [name=pick]")
    expect(page.locator("[data-sum]")).to_have_text(words)
    page.click("[data-picking] button.main")
    expect(page.locator(".notes")).to_contain_text("已加入 1 笔")
    page.click("#step-prepare button.main")
    expect(page.locator(".notes")).to_contain_text("已提交")
    return PaymentBatch.objects.latest("pk")


def sign(page: Page, step: str, user: User, *, code: str = "") -> None:
    """Take a step of the batch whose page is open, with what the user's authenticator shows, or `code`."""
    page.fill(f"#step-{step} [name=code]", code or current_totp_code(user))
    page.click(f"#step-{step} button.main")
