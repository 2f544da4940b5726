"""How people come into the browser tests: through the pages that everybody uses."""

from playwright.sync_api import Page, expect

from portal.accounts.models import User
from portal.accounts.second_factor import current_totp_code, has_second_factor
from tests.accounts.factories import PASSWORD


def sign_in(page: Page, user: User) -> None:
    """From anywhere."""
    page.goto("/accounts/login/")
    identify(page, user)


def identify(page: Page, user: User) -> None:
    """On the page that asks who it is; with the second factor, where the user has one."""
    page.fill("[name=login]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.main")
    if has_second_factor(user):
        page.fill("[name=code]", current_totp_code(user))
        page.click("main button.main")
    expect(page.locator(".who-name").first).to_be_visible()
