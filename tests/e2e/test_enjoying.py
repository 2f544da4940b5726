"""Lists in a real Chromium: clean at both widths and themes; from a list to a click, by hand."""

import pytest
from playwright.sync_api import Page, expect

from policies.enjoying import accepting, noticing, offering
from policies.models import Award
from policies.notices.objecting import Words
from portal.accounts.models import User
from portal.accounts.second_factor import enable_totp
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.enjoying import factories as make
from tests.policies.factories import economy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


def official(user: User) -> User:
    """With a second factor, as the desk wants it."""
    enable_totp(user)
    return user


def change(page: Page, user: User) -> None:
    """Somebody else sits down."""
    page.context.clear_cookies()
    sign_in(page, user)


@WIDE
def test_every_page_of_lists_is_clean(page: Page, look_twice: Look) -> None:
    reviewer = official(make.reviewer())
    firms = [make.firm(), make.firm(100), make.firm()]
    almost, near, _bad = make.firm(None), make.firm(8), make.firm(abnormal_list=True)
    waiting, noticed = make.listed(make.version()), make.noticed(make.version())
    noticing.object_to(
        noticed.notice,
        make.candidate(noticed, firms[0]),
        Words("李四", "13900000000", "去年停产了"),
        at=make.now(),
    )
    selecting, offered = make.begun(make.version()), make.offered(make.version())
    taken = make.candidate(offered, firms[2])
    accepting.accept(taken, make.actor_for(firms[2]), account=make.account_of(firms[2]).pk, at=make.now())
    at = f"/desk/{economy().pk}/enjoy"
    sign_in(page, reviewer)
    for name, address in {
        "enjoy-desk": f"{at}/",
        "enjoy-desk-past": f"{at}/?tab=past",
        "enjoy-run-selecting": f"{at}/{selecting.pk}/",
        "enjoy-run": f"{at}/{waiting.pk}/",
        "enjoy-run-almost": f"{at}/{waiting.pk}/?tab=almost",
        "enjoy-run-out": f"{at}/{waiting.pk}/?tab=out",
        "enjoy-run-noticed": f"{at}/{noticed.pk}/",
        "enjoy-run-offered": f"{at}/{offered.pk}/",
        "enjoy-firm": f"{at}/{waiting.pk}/firms/{make.candidate(waiting, firms[0]).pk}/",
    }.items():
        look_twice(name, address)
        expect(page.locator("h1")).not_to_contain_text("500")
    page.context.clear_cookies()
    look_twice("enjoy-notices", "/notices/")
    look_twice("enjoy-notice", noticed.notice.get_absolute_url())
    for name, firm in (("offer", firms[0]), ("taken", firms[2]), ("form", almost), ("near", near)):
        change(page, make.actor_for(firm).user)
        look_twice(f"enjoy-{name}", make.candidate(offered, firm).get_absolute_url())
    change(page, make.actor_for(firms[0]).user)
    look_twice("enjoy-offers", f"/e/{firms[0].pk}/enjoy/")
    look_twice("enjoy-home", f"/e/{firms[0].pk}/")


@WIDE
def test_from_a_list_to_a_click(page: Page) -> None:
    reviewer, leader = official(make.reviewer()), official(make.leader())
    enterprise, stopped = make.firm(), make.firm(30)
    run = make.listed()
    sign_in(page, reviewer)
    page.goto(run.get_absolute_url())
    page.get_by_role("link", name=stopped.name).click()
    page.click("#step-exclude > summary")
    page.fill("#step-exclude textarea", "现场已停产")
    page.click("#step-exclude form button.main")
    expect(page.locator(".notes")).to_contain_text("已排除")
    page.click("#step-propose > summary")
    page.click("#step-propose form button.main")
    expect(page.locator(".notes")).to_contain_text("已送审定")
    change(page, leader)
    page.goto(run.get_absolute_url())
    page.click("#step-confirm > summary")
    page.click("#step-confirm form button.main")
    expect(page.locator(".notes")).to_contain_text("名单已审定")
    page.click("#step-notice button")
    expect(page.locator(".notes")).to_contain_text("已公示")
    run.refresh_from_db()
    offering.offer_ready(run.notice.closes_at)
    change(page, make.actor_for(enterprise).user)
    page.goto(f"/e/{enterprise.pk}/")
    page.get_by_role("link", name="确认收款账户").click()
    page.get_by_label("开户行").fill("中国工商银行垫江支行")
    for label in ("账号", "再输一遍账号"):
        page.get_by_label(label, exact=True).fill("6222 0202 0011 2233 445")
    page.get_by_role("button", name="领取").click()
    expect(page.locator(".notes")).to_contain_text("已确认领取")
    assert Award.objects.get().enterprise == enterprise
