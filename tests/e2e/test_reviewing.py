"""The review desk in a real Chromium: clean at both widths and themes; the way of an application by hand."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Page, expect

from policies.applying import files, sending
from policies.models import Application
from policies.reviewing import opinions
from portal.accounts.models import Department, User
from portal.accounts.second_factor import enable_totp
from tests.applying import factories as make
from tests.applying.desks import PLAIN, plain
from tests.applying.factories import now
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.policies.factories import economy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


def official(user: User) -> User:
    """With a second factor, as the desk wants it."""
    enable_totp(user)
    return user


def photo() -> SimpleUploadedFile:
    """A picture that a browser shows."""
    file = io.BytesIO()
    Image.new("RGB", (320, 200), (180, 200, 190)).save(file, "PNG")
    return SimpleUploadedFile("现场.png", file.getvalue(), "image/png")


def change(page: Page, user: User) -> None:
    """Somebody else sits down."""
    page.context.clear_cookies()
    sign_in(page, user)


@WIDE
def test_every_page_of_the_review_desk_is_clean(page: Page, look_twice: Look) -> None:
    reviewer, leader = official(make.reviewer()), official(make.leader())
    version = make.version()
    make.approved()
    make.sent(version)
    held = make.filled(version)
    files.attach(held, "设备发票", photo(), by=None)
    sending.send(held, make.actor_for(held), at=now())
    noticed, notice = make.noticed()
    notice.objections.create(name="李四", phone="13900000000", text="设备是旧的")
    joint = make.reviewing()
    tax = Department.objects.get(code="tax")
    opinions.consult(joint, {tax: "核发票真伪"}, by=joint.reviewer, at=now())
    alike = plain(make.version(**PLAIN), reviewer)
    at = f"/desk/{economy().pk}/applications"
    sign_in(page, reviewer)
    for name, address in {
        "review-queue": f"{at}/?basket=new",
        "review-picking": f"{at}/?basket=reviewing",
        "review-empty": f"{at}/?basket=overdue",
        "review-page": f"{at}/{held.number}/",
        "review-joint": f"{at}/{joint.number}/",
        "review-propose": f"{at}/{alike.number}/",
        "review-narrowed": f"{at}/?basket=new&filter=1",
        "review-bulk": f"{at}/bulk/?pick={alike.pk}&pick={held.pk}",
        "review-bulk-none": f"{at}/bulk/?pick={held.pk}",
        "review-figures": f"{at}/figures/",
    }.items():
        look_twice(name, address)
        expect(page.locator("h1")).not_to_contain_text("500")
    change(page, leader)
    look_twice("review-noticed", f"{at}/{noticed.number}/")
    change(page, official(make.reviewer(tax)))
    look_twice("review-asked", f"/desk/{tax.pk}/applications/{joint.number}/")


@WIDE
def test_returned_with_a_list_heard_by_two_departments_and_put_on_the_notice(page: Page) -> None:
    reviewer, leader = official(make.reviewer()), official(make.leader())
    application = make.sent()
    at = f"/desk/{economy().pk}/applications"
    sign_in(page, reviewer)
    page.goto(f"{at}/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(application.enterprise.name)
    page.click("#step-return > summary")
    page.select_option("#return-point0-of", label="设备发票")
    page.fill("#return-point0-what", "补盖章的发票")
    page.fill("#return-point0-why", "原件没有章")
    page.click("#step-return form button.main")
    expect(page.locator(".notes")).to_contain_text("已退回企业补正")

    files.attach(application, "设备发票", make.pdf(more=b"x"), by=None)
    application.refresh_from_db()
    sending.send(application, make.actor_for(application), at=now())
    theirs = {code: make.reviewer(Department.objects.get(code=code)) for code in ("tax", "finance")}
    page.goto(f"{at}/{application.number}/")
    page.click("#step-accept button")
    expect(page.locator(".notes")).to_contain_text("已受理")
    page.click("#step-consult > summary")
    for place, (code, question) in enumerate((("tax", "核发票真伪"), ("finance", "核重复享受"))):
        department = Department.objects.get(code=code)
        page.select_option(f"#consult-ask{place}-department", value=str(department.pk))
        page.fill(f"#consult-ask{place}-question", question)
    page.click("#step-consult form button.main")
    expect(page.locator(".notes")).to_contain_text("已提请联审")

    reviewers = page.context.cookies()
    for code in ("tax", "finance"):
        department = Department.objects.get(code=code)
        change(page, official(theirs[code]))
        page.goto(f"/desk/{department.pk}/applications/?basket=asked")
        page.click("[data-row]")
        page.check("#step-opinion input[value=agree]")
        page.click("#step-opinion form button.main")
        expect(page.locator(".notes")).to_contain_text("已出具意见")

    page.context.clear_cookies()
    page.context.add_cookies(reviewers)  # a code of the second factor serves once
    page.goto(f"{at}/{application.number}/")
    page.check("#step-propose input[value=approve]")
    expect(page.locator("#propose-amount")).to_have_value("200,000")
    page.click("#step-propose form button.main")
    expect(page.locator(".notes")).to_contain_text("已拟定")
    expect(page.locator("#step-notice")).to_have_count(0)

    change(page, leader)
    page.goto(f"{at}/{application.number}/")
    page.click("#step-notice button")
    expect(page.locator(".notes")).to_contain_text("已公示")
    assert Application.objects.get(pk=application.pk).state == "noticed"
