"""The desk in a real Chromium: clean at both widths and themes; worked by keyboard alone."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from appeals.models import Category, WorkOrder
from portal.accounts.models import Section, User
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import OfficerFactory, away, dispatched, file, handling, lead, official
from tests.appeals.suggested import suggest
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.enterprises.factories import EnterpriseFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)
TEXT = "我们是做汽车轮毂配件的，去年十一月纳入规上工业库。听说有一次性的升规奖励，但到现在没接到通知。"


@dataclass(frozen=True)
class Desk:
    """A county's desk with three new appeals, a department with two orders, and who works there."""

    dispatcher: User
    handler: User
    centre: Any
    lights: Any
    new: list[WorkOrder]
    offered: WorkOrder
    worked: WorkOrder


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    centre = DepartmentFactory(short_name="企业服务中心")
    lights = DepartmentFactory(short_name="县经信委")
    Section.objects.create(department=lights, name="企业科")
    leader, other = (OfficerFactory(department=lights, name=name) for name in ("李副主任", "王主任"))
    away(leader, other)
    firm = EnterpriseFactory(name="渝东轮毂制造有限公司")
    market = Category.objects.filter(market=True).first()
    appeals = [
        file(firm, title="上规后升规奖励什么时候发", text=TEXT, place="澄溪镇", urgent=True),
        file(title="厂区门口货车限行，送货绕 11 公里", place="桂溪街道", category=market),
        file(
            title="执法人员要求重复提交材料",
            about=DepartmentFactory(),
            anonymous=True,
            secrecy="confidential",
        ),
    ]
    for appeal in appeals:
        suggest(appeal, lights, DepartmentFactory(short_name="县供电局"), DepartmentFactory(), leader=leader)
    offered = dispatched(lights, title="用电增容排队太久")
    worked = handling(lights, title="路灯坏了三天")
    return Desk(
        official(Role.DISPATCHER, centre),
        official(Role.HANDLER, lights),
        centre,
        lights,
        [lead(appeal) for appeal in appeals],
        offered,
        worked,
    )


@WIDE
def test_every_page_of_the_desk_is_clean(page: Page, look_twice: Look, desk: Desk) -> None:
    sign_in(page, desk.dispatcher)
    at = f"/desk/{desk.centre.pk}"
    first = desk.new[0].pk
    for name, address in {
        "desk-inbox": f"{at}/inbox/",
        "desk-chosen": f"{at}/inbox/?basket=new&order={first}",
        "desk-empty": f"{at}/inbox/?basket=returned",
        "desk-order": f"{at}/orders/{first}/",
        "desk-slip": f"{at}/orders/{first}/slip/",
        "desk-phone": f"{at}/phone/",
        "desk-roster": f"{at}/roster/",
    }.items():
        look_twice(name, address)
    page.context.clear_cookies()
    sign_in(page, desk.handler)
    at = f"/desk/{desk.lights.pk}"
    for name, address in {
        "desk-handler": f"{at}/orders/?tab=new",
        "desk-offered": f"{at}/orders/{desk.offered.pk}/",
        "desk-worked": f"{at}/orders/{desk.worked.pk}/",
    }.items():
        look_twice(name, address)


@WIDE
def test_the_dispatcher_assigns_by_keyboard_alone(page: Page, desk: Desk) -> None:
    sign_in(page, desk.dispatcher)
    page.goto(f"/desk/{desk.centre.pk}/inbox/")
    expect(page.locator("#detail h2")).to_have_text("上规后升规奖励什么时候发")
    page.keyboard.press("j")
    expect(page.locator("#detail h2")).to_contain_text("货车限行")
    page.keyboard.press("k")
    expect(page.locator("#detail h2")).to_contain_text("升规奖励")
    page.keyboard.press("2")
    page.keyboard.press("1")
    page.keyboard.press("a")
    expect(page.locator("[data-undo]")).to_contain_text("已派出")
    assert WorkOrder.objects.get(pk=desk.new[0].pk).department == desk.lights
    expect(page.locator("#detail h2")).to_contain_text("货车限行")
    page.keyboard.press("u")
    expect(page.locator(".notes")).to_contain_text("已撤销")
    assert WorkOrder.objects.get(pk=desk.new[0].pk).state == "waiting"
    page.keyboard.press("/")
    page.keyboard.type("货车")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)


@pytest.mark.parametrize("screen", [360], indirect=True)
def test_on_a_phone_the_list_comes_first_then_the_order(page: Page, desk: Desk) -> None:
    sign_in(page, desk.dispatcher)
    page.goto(f"/desk/{desk.centre.pk}/inbox/")
    expect(page.locator("#detail")).to_be_hidden()
    page.click("[data-row] >> nth=0")
    expect(page.locator("#detail h2")).to_contain_text("升规奖励")
    expect(page.locator(".orders")).to_be_hidden()
    page.click(".back a")
    expect(page.locator("[data-row]").first).to_be_visible()


@WIDE
def test_a_handler_returns_one_order_and_answers_another(page: Page, desk: Desk) -> None:
    sign_in(page, desk.handler)
    page.goto(f"/desk/{desk.lights.pk}/orders/{desk.offered.pk}/")
    page.click(".big-two summary")
    page.select_option("#return-rightful", label="县供电局")
    page.fill("#return-text", "增容归电力部门。")
    page.click("#step-return form button")
    expect(page.locator("[data-undo]")).to_contain_text("已退单")
    page.goto(f"/desk/{desk.lights.pk}/orders/{desk.worked.pk}/")
    page.click("#step-answer summary")
    page.check("#step-answer input[value=solved]")
    page.fill("#answer-text", "已换灯。")
    page.click("#step-answer form button")
    expect(page.locator(".notes")).to_contain_text("已答复")


def test_without_script_a_dispatcher_still_dispatches(browser: Any, live_server: Any, desk: Desk) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, desk.dispatcher)
    page.goto(f"/desk/{desk.centre.pk}/inbox/")
    page.click("[data-row] >> nth=0")
    page.click(".dispatch > button.main")
    expect(page.locator("[data-undo]")).to_contain_text("已派出")
    page.click("[data-undo] button")
    expect(page.locator(".notes")).to_contain_text("已撤销")
    context.close()
