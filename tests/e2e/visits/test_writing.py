"""While the visit form is written: what was typed is kept on the phone, for its user; faults are said."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from appeals.models import Visit
from portal.accounts.roles import Role
from tests.appeals.factories import official
from tests.e2e.entering import sign_in
from tests.e2e.visits.form import PHOTOS, address, arrived, holds_what_was_written, opened, send, state, write

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_draft_that_was_not_sent_comes_back_with_its_photographs(
    phone: BrowserContext, visit: Visit, picture: Path
) -> None:
    page = opened(phone, visit)
    write(page, picture)
    page.close()
    page = phone.new_page()
    page.goto(address(visit))
    holds_what_was_written(page)
    expect(page.locator(PHOTOS)).to_have_count(1)
    expect(state(page)).to_contain_text("已保存在这部手机上，尚未送出")
    page.goto(f"/desk/{visit.pairing.officer.department_id}/visits/")
    expect(page.locator(f"[data-draft-mark=visit-{visit.pk}]").first).to_contain_text("尚未送出")
    page.goto(address(visit))
    expect(page.locator(PHOTOS)).to_have_count(1)
    send(page)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=1)


def test_another_user_of_the_phone_is_not_shown_the_draft(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    write(page)
    leader = official(Role.LEADER, visit.pairing.officer.department)
    phone.clear_cookies()
    sign_in(page, leader)
    page.goto(address(visit))
    expect(page.locator("[name=summary]")).to_have_value("")
    expect(state(page)).to_be_hidden()


def test_what_is_wrong_is_said_and_nothing_is_lost(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    write(page)
    page.fill("[name=phone]", "")
    send(page)
    expect(state(page)).to_contain_text("请填写企业联系电话")
    holds_what_was_written(page)
    page.fill("[name=phone]", "13800000000")
    send(page)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=0)


def test_offline_the_phone_number_is_asked_for_on_the_device(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    phone.set_offline(True)
    write(page)
    for number, words in (("", "请填写企业联系电话"), ("王总", "企业联系电话")):
        page.fill("[name=phone]", number)
        send(page)
        expect(page.locator("[data-draft-answer]")).to_contain_text(words)
        expect(page.locator("[name=phone]")).to_be_focused()
        assert page.evaluate("Object.values(localStorage).map((each) => JSON.parse(each).queued)") == [False]
    page.fill("[name=phone]", "13800000000")
    send(page)
    expect(page.locator("[data-draft-answer]")).to_contain_text("没有网络")
