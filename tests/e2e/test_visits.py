"""The visit form on a phone whose connection comes and goes: nothing typed is lost, and it arrives once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from appeals.models import Appeal, Visit
from appeals.visits.planning import call_off
from appeals.visits.recording import dispute, record_visit
from portal.accounts.roles import Role
from tests.appeals.factories import file, official
from tests.appeals.standing import change
from tests.e2e.conftest import PHONE
from tests.e2e.entering import identify, sign_in
from tests.field.factories import VisitFactory, paired, record

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SUMMARY = "看了两个车间，订单排到明年三月，缺熟练焊工。"
PROBLEM = "缺焊工 20 人"
PHOTOS = "[data-draft-photos] img"


@pytest.fixture
def visit(transactional_db: None) -> Visit:
    made = VisitFactory(pairing=paired())
    file(made.pairing.enterprise, title="厂门口路灯坏了")
    return made


@pytest.fixture
def phone(browser: Browser, live_server: Any, settings: Any, tmp_path: Path) -> Any:
    """A phone with its own storage."""
    settings.MEDIA_ROOT = tmp_path / "media"
    context = browser.new_context(base_url=live_server.url, viewport=PHONE, locale="zh-CN", is_mobile=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "车间.png"
    Image.new("RGB", (2400, 1200), (30, 90, 120)).save(path)
    return path


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


def test_written_offline_closed_and_sent_when_the_network_is_back(
    phone: BrowserContext, visit: Visit, picture: Path
) -> None:
    page = opened(phone, visit)
    phone.set_offline(True)
    write(page, picture)
    expect(state(page)).to_contain_text("尚未送出")
    send(page)
    expect(state(page)).to_contain_text("没有网络，尚未送出")
    page.close()
    assert Visit.objects.get(pk=visit.pk).state == "planned"
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(address(visit))  # what waited is sent as soon as the page is there
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=1)
    page.goto(address(visit))
    assert page.evaluate("window.localStorage.length") == 0


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


def test_the_network_comes_back_while_the_page_is_open(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    phone.set_offline(True)
    write(page)
    send(page)
    expect(state(page)).to_contain_text("没有网络")
    phone.set_offline(False)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=0)


def test_it_is_sent_from_the_list_too(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    phone.set_offline(True)
    write(page)
    send(page)
    page.close()
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(f"/desk/{visit.pairing.officer.department_id}/visits/")
    expect(page.locator(f"[data-draft-mark=visit-{visit.pk}]").first).to_have_text("已送出")
    arrived(visit, photos=0)


def test_a_server_that_fails_once(phone: BrowserContext, visit: Visit, picture: Path) -> None:
    page = opened(phone, visit)
    write(page, picture)
    answers = [500]

    def stumble(route: Route) -> None:
        if route.request.method == "POST" and answers:
            route.fulfill(status=answers.pop(), body="broken")
        else:
            route.continue_()

    page.route(f"**{address(visit)}", stumble)
    send(page)
    expect(state(page)).to_contain_text("服务器暂时没有收下")
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=1)


def test_a_draft_that_is_refused_does_not_hold_up_another(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    phone.set_offline(True)
    write(page)
    send(page)
    expect(state(page)).to_contain_text("没有网络")
    page.evaluate(  # an older one, of a visit that is not there any more
        """() => {
          const name = Object.keys(localStorage).find((each) => each.startsWith("draft:"));
          const draft = JSON.parse(localStorage.getItem(name));
          const gone = draft.action.replace(/[0-9]+\\/$/, "999999/");
          const first = name.replace(/visit-.*$/, "visit-0");
          localStorage.setItem(first, JSON.stringify({...draft, action: gone}));
        }"""
    )
    phone.set_offline(False)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=0)
    left = page.evaluate("Object.values(localStorage).map((each) => JSON.parse(each).queued)")
    assert left == [False]


def test_what_is_typed_while_it_is_sent_stays(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    write(page)

    def type_on(route: Route) -> None:
        if route.request.method == "POST":
            page.evaluate(
                """() => {
                  const field = document.querySelector("[name=summary]");
                  field.value += "后来又写的。";
                  field.dispatchEvent(new Event("input", {bubbles: true}));
                }"""
            )
        route.continue_()

    page.route(f"**{address(visit)}", type_on)
    send(page)
    expect(state(page)).to_contain_text("没有一起送出")
    arrived(visit, photos=0)
    page.unroute(f"**{address(visit)}")
    send(page)
    expect(state(page)).to_contain_text("没有再收")
    expect(page.locator("[name=summary]")).to_have_value(SUMMARY + "后来又写的。")


def test_a_browser_that_keeps_nothing_sends_the_form_itself(
    phone: BrowserContext, visit: Visit, picture: Path
) -> None:
    phone.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    page = opened(phone, visit)
    write(page)
    page.set_input_files("[name=album]", picture)
    expect(state(page)).to_contain_text("不能保存草稿")
    send(page)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    assert Visit.objects.get(pk=visit.pk).photos.count() == 1


def test_an_answer_that_is_lost_on_its_way_makes_no_second_visit(phone: BrowserContext, visit: Visit) -> None:
    page = opened(phone, visit)
    write(page)
    lost = [True]

    def lose(route: Route) -> None:
        if route.request.method == "POST" and lost:
            lost.pop()
            route.fetch()  # the server has it
            route.abort()  # the phone does not know
        else:
            route.continue_()

    page.route(f"**{address(visit)}", lose)
    send(page)
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=0)


def test_a_session_that_ended_meanwhile(phone: BrowserContext, visit: Visit, picture: Path) -> None:
    page = opened(phone, visit)
    write(page, picture)
    Session.objects.all().delete()
    cache.clear()
    send(page)
    expect(state(page)).to_contain_text("登录已过期")
    page.click("[data-draft-signin] a")
    expect(page.locator("[name=login]")).to_be_visible()
    assert Visit.objects.get(pk=visit.pk).state == "planned"
    identify(page, visit.pairing.officer.user)
    page.goto(address(visit))
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
    assert page.evaluate("window.localStorage.length") == 0


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
    assert page.evaluate("window.localStorage.length") == 0


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


def test_pages_are_clean_and_photographed(page: Page, look: Callable[[str, str], None], visit: Visit) -> None:
    sign_in(page, visit.pairing.officer.user)
    look("visits-mine", f"/desk/{visit.pairing.officer.department_id}/visits/")
    look("visits-form", address(visit))
    page.context.clear_cookies()
    desk = official(Role.SUPERVISOR)
    sign_in(page, desk)
    at = f"/desk/{desk.postings.get().department_id}/visits"
    for name in ("all", "pairings", "coverage", "problems", str(visit.pk)):
        look(f"visits-{name if name.isalpha() else 'one'}", f"{at}/{name}/")
