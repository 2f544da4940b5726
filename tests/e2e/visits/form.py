"""The visit form as an official fills it in, and what must have arrived."""

from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from appeals.models import Appeal, Visit
from tests.e2e.entering import sign_in

SUMMARY = "看了两个车间，订单排到明年三月，缺熟练焊工。"
PROBLEM = "缺焊工 20 人"
PHOTOS = "[data-draft-photos] img"


def address(visit: Visit) -> str:
    return f"/desk/{visit.pairing.officer.department_id}/visits/{visit.pk}/"


def opened(phone: BrowserContext, visit: Visit) -> Page:
    page = phone.new_page()
    sign_in(page, visit.pairing.officer.user)
    page.goto(address(visit))
    return page


def write(page: Page, picture: Path | None = None) -> None:
    page.fill("[name=met]", "陈明远，总经理")
    page.fill("[name=phone]", "13800000000")
    page.fill("[name=summary]", SUMMARY)
    page.check("[name=told]")
    page.fill("[name=problem-0-title]", PROBLEM)
    page.fill("[name=problem-0-text]", "节后返岗不足。")
    page.fill(".agenda textarea", "还没有修")
    if picture is not None:
        page.set_input_files("[name=album]", picture)
        expect(page.locator(PHOTOS)).to_have_count(1)


def state(page: Page) -> Any:
    return page.locator("[data-draft-state]")


def holds_what_was_written(page: Page) -> None:
    expect(page.locator("[name=summary]")).to_have_value(SUMMARY)
    expect(page.locator("[name=problem-0-title]")).to_have_value(PROBLEM)
    expect(page.locator(".agenda textarea")).to_have_value("还没有修")
    expect(page.locator("[name=told]")).to_be_checked()


def nothing_is_kept(page: Page) -> None:
    """No draft is left on the device. Scripts may forget it a moment after the page shows: asked for 5 s."""
    for _ in range(50):
        if page.evaluate("window.localStorage.length") == 0:
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate("JSON.stringify(window.localStorage)"))


def send(page: Page) -> None:
    page.click("[data-draft-send]")


def arrived(visit: Visit, photos: int) -> None:
    """One visit, one appeal, and the photographs made smaller."""
    now = Visit.objects.get(pk=visit.pk)
    assert (now.state, now.summary) == ("done", SUMMARY)
    assert [appeal.title for appeal in now.appeals.all()] == [PROBLEM]
    assert Appeal.objects.filter(source="visit").count() == 1
    assert now.events.filter(name="record").count() == 1
    assert now.photos.count() == photos
    for photo in now.photos.all():
        with Image.open(photo.file.path) as image:
            assert image.size == (1600, 800)
