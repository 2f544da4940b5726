"""What people click so that a sum goes from owed to released; each begins on any page of the person's own."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import Page, expect

from policies.models import PaymentBatch
from portal.accounts.models import User
from portal.accounts.second_factor import TOTP_PERIOD, totp_code_at


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
    """Take a step of the batch whose page is open, with `code` or what the user's authenticator shows next.

    What it shows now has let them in a moment ago, and is used up.
    """
    next_code = totp_code_at(user, timezone.now() + dt.timedelta(seconds=TOTP_PERIOD))
    page.fill(f"#step-{step} [name=code]", code or next_code)
    page.click(f"#step-{step} button.main")
