"""Drafts that no form takes up any more: listed with their words, never put over what was sent."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from appeals.models import Visit
from appeals.visits.planning import call_off
from appeals.visits.recording import dispute, record_visit
from tests.e2e.visits.form import PROBLEM, SUMMARY, address, nothing_is_kept, opened, send, write
from tests.field.factories import paired, record
from tests.rows import change

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_what_was_typed_for_a_visit_that_is_gone_is_listed_to_be_copied(
    phone: BrowserContext, visit: Visit, picture: Path
) -> None:
    phone.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(phone, visit)
    phone.set_offline(True)
    write(page, picture)
    send(page)
    expect(page.locator("[data-draft-answer]")).to_be_in_viewport()
    expect(page.locator("[data-draft-answer]")).to_contain_text("没有网络")
    page.close()
    call_off(visit, "企业停产", by=None)
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(f"/desk/{visit.pairing.officer.department_id}/visits/")
    left = page.locator("[data-drafts-list] > li")
    expect(left).to_have_count(1)
    expect(left).to_contain_text("当前状态为“已取消”")
    for words in (visit.pairing.enterprise.name, SUMMARY, PROBLEM, "厂门口路灯坏了 企业怎么说：还没有修"):
        expect(left).to_contain_text(words)
    expect(left.locator("img")).to_have_count(1)
    left.get_by_role("button", name="复制").click()
    expect(left.locator("[data-left-copied]")).to_be_visible()
    assert SUMMARY in page.evaluate("navigator.clipboard.readText()")
    page.once("dialog", lambda dialog: dialog.dismiss())
    left.get_by_role("button", name="删除").click()
    expect(left).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept())
    left.get_by_role("button", name="删除").click()
    expect(left).to_have_count(0)
    nothing_is_kept(page)


def test_a_visit_that_is_somebody_elses_now(phone: BrowserContext, visit: Visit) -> None:
    page, place = opened(phone, visit), visit.pairing.officer.department_id
    write(page)
    change(visit, pairing_id=paired(visit.pairing.officer.department).pk)
    send(page)
    expect(page.locator("[data-draft-answer]")).to_contain_text("没有送出")
    page.goto(f"/desk/{place}/visits/")
    left = page.locator("[data-drafts-list] > li")
    expect(left).to_contain_text(SUMMARY)
    expect(left).to_contain_text("取消或改派")


def test_a_draft_does_not_come_back_over_what_the_browser_sent_itself(
    phone: BrowserContext, visit: Visit
) -> None:
    phone.add_init_script("indexedDB.open = () => { throw new Error('private'); };")
    page = opened(phone, visit)
    write(page)
    assert page.evaluate("window.localStorage.length") == 1
    send(page)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    nothing_is_kept(page)


def test_a_draft_of_before_is_set_beside_what_was_sent_since(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    write(page)
    page.close()
    by = visit.pairing.officer.user
    written = record_visit(visit, record(summary="在单位电脑上写的。"), by=by)
    dispute(written, "没有来过车间", by=by)
    page = phone.new_page()
    page.goto(address(visit))
    expect(page.locator("[name=summary]")).to_have_value("在单位电脑上写的。")
    expect(page.locator("[data-drafts-list] > li")).to_contain_text(SUMMARY)
    page.fill("[name=summary]", "核实后更正。")
    page.click("[data-draft-send]")
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    assert Visit.objects.get(pk=visit.pk).summary == "核实后更正。"
    expect(page.locator("[data-drafts-list] > li")).to_contain_text(SUMMARY)
