"""Sending the visit form from a phone whose connection comes and goes: it arrives, and once."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Route, expect

from appeals.models import Visit
from tests.e2e.entering import identify
from tests.e2e.visits.form import SUMMARY, address, arrived, nothing_is_kept, opened, send, state, write

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


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
    nothing_is_kept(page)


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
    identify(page, visit.pairing.officer.user)  # leads back to the form, which sends what was kept
    expect(page.locator(".notes")).to_contain_text("走访已送出")
    arrived(visit, photos=1)
