"""The supervisor in a real Chromium: a bar opens its list, from there the dossier; pages are clean."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from appeals import handling, surveying
from appeals.enums import Outcome, Satisfaction
from appeals.models import AppealEvent, WorkOrder
from portal.accounts.models import User
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import (
    OfficerFactory,
    answered,
    dispatched,
    file,
    lead,
    official,
)
from tests.appeals.factories import (
    handling as handled,
)
from tests.appeals.test_sharing import TEXTS
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


@dataclass(frozen=True)
class County:
    """Who supervises it, from where."""

    supervisor: User
    centre: Any
    lights: Any
    twice: WorkOrder


@pytest.fixture
def county(transactional_db: None) -> County:
    centre = DepartmentFactory(short_name="企业服务中心")
    lights = DepartmentFactory(short_name="县经信委")
    power = DepartmentFactory(short_name="县供电公司")
    OfficerFactory(department=lights, name="李局长", rank=Rank.HEAD)
    for title in ("用电增容排队太久", "上规后升规奖励什么时候发", "厂区门口货车限行，送货绕 11 公里"):
        dispatched(lights, title=title, text=title)
    handled(power, title="变压器噪声大", text="变压器夜里噪声大")
    for _number in range(2):
        surveying.survey(answered(power), Satisfaction.SATISFIED, True, "", by=None)
    file(title="想评三级安全标准化，请协会辅导", text="标准化怎么评")
    twice = answered(lights, title="执法人员要求重复提交材料", text="同样的台账报了三次")
    surveying.survey(twice, Satisfaction.DISSATISFIED, False, "没解决", by=None)
    second = lead(twice.appeal)
    handling.accept(second, by=None)
    handling.answer(second, Outcome.EXPLAINED, "还在协调", by=None)
    surveying.survey(second, Satisfaction.DISSATISFIED, False, "推诿", by=None)
    surveying.survey(
        answered(power, title="电费单看不懂", text="电费单上的力调电费是什么"),
        Satisfaction.DISSATISFIED,
        False,
        "",
        by=None,
    )
    return County(official(Role.SUPERVISOR, centre), centre, lights, second)


@WIDE
def test_every_page_of_supervision_is_clean(page: Page, look_twice: Look, county: County) -> None:
    sign_in(page, county.supervisor)
    at = f"/desk/{county.centre.pk}/supervision/"
    look_twice("supervision", at)
    look_twice("supervision-list", f"{at}open/?place={county.lights.pk}")
    look_twice("supervision-twice", f"{at}twice/")
    look_twice("supervision-empty", f"{at}?until=2001-01-01")


@WIDE
def test_a_bar_opens_the_list_it_counts_and_the_list_the_dossier(page: Page, county: County) -> None:
    sign_in(page, county.supervisor)
    page.goto(f"/desk/{county.centre.pk}/")
    page.click(".nav >> text=督办")
    cell = page.locator("tr", has_text="县经信委").locator(".bar-link").first
    number = cell.locator("b").inner_text()
    cell.click()
    expect(page.locator("[data-count]")).to_have_text(number)
    expect(page.locator(".lines > li")).to_have_count(int(number))
    page.go_back()
    page.locator("tr", has_text="县经信委").get_by_role("link", name="二次不满意").click()
    expect(page.locator(".lines > li")).to_have_count(1)
    expect(page.locator(".lines")).to_contain_text("督办单")
    link = page.locator(".lines >> text=卷宗").get_attribute("href")
    answer = page.request.get(str(link))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    assert AppealEvent.objects.get(name="dossier").subject == county.twice.appeal


def test_statistics_are_clean_and_can_be_saved(page: Page, look: Look, county: County) -> None:
    sign_in(page, county.supervisor)
    at = f"/desk/{county.centre.pk}/statistics/"
    look("statistics", at)
    look("statistics-empty", f"{at}?until=2001-01-01")
    page.goto(f"{at}?by=category")
    with page.expect_download() as saved:
        page.get_by_role("link", name="导出 Excel").click()
    assert saved.value.suggested_filename.startswith("appeals-category-")


def test_the_dispatcher_makes_one_problem_of_three(page: Page, look: Look, county: County) -> None:
    for title, text in TEXTS:
        file(title=title, text=text, place="工业园区三号路")
    sign_in(page, official(Role.DISPATCHER, county.centre))
    at = f"/desk/{county.centre.pk}/shared/"
    look("shared", at)
    group = page.locator("section", has_text="共同的词").first
    group.locator("input[name=appeals]").nth(2).uncheck()
    group.locator("input[name=title]").fill("三号路路灯不亮")
    group.get_by_role("button", name="列为共性问题").click()
    expect(page.locator("h1")).to_have_text("三号路路灯不亮")
    expect(page.locator(".page-head")).to_contain_text("2 家企业 2 件")
    look("shared-problem", page.url)
    page.locator("input[name=appeals]").first.check()
    page.get_by_role("button", name="加入").click()
    expect(page.locator(".page-head")).to_contain_text("3 家企业 3 件")
    look("shared-list", f"{at}?tab=shared")
    page.click(".lines b a")
    page.get_by_role("link", name="牵头工单").click()
    expect(page.locator("main")).to_contain_text("3 家企业反映同样的问题")
    look("shared-order", page.url)
