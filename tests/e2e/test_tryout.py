"""The questions of a claim, answered on a phone on a slow line: place, focus and digits are kept."""

import datetime as dt
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from enterprises.services import record_registry
from tests.accounts.factories import UserFactory
from tests.e2e.entering import sign_in
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.policies.factories import published

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("screen", [360], indirect=True),
]
SLOW = 0.8
"""Seconds that an answer takes: long enough to go on typing."""


CONDITIONS = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {"fact": "employees", "period": "Y-1", "op": ">=", "value": "300"},
        {"fact": "equipment_invest", "op": ">=", "value": "2", "unit": "万元"},
        {"fact": "hire_count", "op": ">=", "value": "1"},
    ]
}
AMOUNT = {"rate": "5%", "of": {"fact": "equipment_invest"}}


@pytest.fixture
def boxes(transactional_db: None, page: Page) -> Locator:
    """The two questions on the page of an item that lacks a fact as well."""
    year = str((timezone.localdate() - dt.timedelta(days=30)).year - 1)
    known = {"region": "500231", "employees": {year: "300"}}
    claims = {"equipment_invest": "2 万元", "hire_count": "1"}
    version = published(
        title="技术改造奖励",
        rule_conditions=CONDITIONS,
        rule_amount=AMOUNT,
        rule_examples=[
            {"name": "齐", "facts": known, "claims": claims, "verdict": "eligible"},
            {"name": "缺", "facts": {}, "verdict": "needs_info"},
            {"name": "外县", "facts": known | {"region": "500230"}, "verdict": "ineligible"},
        ],
    )
    firm, member = EnterpriseFactory(name="渝东轮毂制造有限公司"), UserFactory(name="李明")
    record_registry([firm], as_of=timezone.localdate() - dt.timedelta(days=60))
    MembershipFactory(user=member, enterprise=firm)
    sign_in(page, member)
    page.goto(f"/e/{firm.pk}/policies/{version.item.code}/")
    asked = page.locator("form.tryout input[inputmode=decimal]")
    expect(asked).to_have_count(2)
    return asked


def answer_slowly(page: Page) -> list[str]:
    """From now on, answers to tried figures take `SLOW`; the list fills with their addresses."""
    asked: list[str] = []

    def late(route: Route) -> None:
        asked.append(route.request.url)
        time.sleep(SLOW)
        route.continue_()

    page.route("**/*answer-*", late)
    return asked


def top_of(box: Locator) -> float:
    return float(box.evaluate("field => field.getBoundingClientRect().top"))


def test_the_place_and_the_focus_are_kept(page: Page, boxes: Locator) -> None:
    second = boxes.nth(1)
    boxes.first.fill("3")
    boxes.first.press("Tab")
    second.focus()
    before = top_of(second)
    expect(page.locator("#tried [role=status]")).to_contain_text("按试填的内容")
    expect(second).to_be_focused()
    assert abs(top_of(second) - before) <= 2
    assert "answer-" in page.url


def test_digits_typed_while_an_answer_is_on_its_way_stay(page: Page, boxes: Locator) -> None:
    answer_slowly(page)
    second = boxes.nth(1)
    boxes.first.fill("3")
    boxes.first.press("Tab")
    second.focus()
    second.press_sequentially("12", delay=50)
    expect(page.locator("#tried [role=status]")).to_contain_text("按试填的内容")
    second.press_sequentially("34", delay=50)
    expect(second).to_have_value("1234")
    expect(second).to_be_focused()
    expect(boxes.first).to_have_value("3")


def test_a_fact_being_typed_among_the_conditions_stays_too(page: Page, boxes: Locator) -> None:
    """The part that holds it waits until the field is left, and what was typed is carried over."""
    asked = answer_slowly(page)
    lacking = page.locator("#judged form.inline input[inputmode=decimal]").first
    boxes.first.fill("3")
    boxes.first.press("Tab")
    lacking.focus()
    lacking.press_sequentially("56", delay=50)
    expect(page.locator("#tried [role=status]")).to_contain_text("按试填的内容")
    expect(lacking).to_be_focused()
    lacking.press_sequentially("78", delay=50)
    once = len(asked)
    page.locator("h1").first.evaluate("() => document.activeElement.blur()")
    expect(page.locator("[data-waits]")).to_have_count(0)
    page.wait_for_timeout(1000 * SLOW + 500)
    assert len(asked) == once + 1
    expect(lacking).to_have_value("5678")


def test_an_error_comes_and_goes_beside_its_field(page: Page, boxes: Locator) -> None:
    boxes.first.fill("三千")
    boxes.first.press("Tab")
    said = page.locator(f"[id='{boxes.first.get_attribute('id')}-error']")
    expect(said).not_to_be_empty()
    expect(boxes.first).to_have_attribute("aria-invalid", "true")
    expect(boxes.first).to_have_value("三千")
    boxes.first.fill("3000")
    boxes.first.press("Tab")
    expect(said).to_be_empty()
    expect(boxes.first).not_to_have_attribute("aria-invalid", "true")


def test_the_bar_at_the_bottom_covers_no_focused_control(page: Page, boxes: Locator) -> None:
    hidden = []
    page.keyboard.press("Tab")
    for _step in range(60):
        covered = page.evaluate(
            """() => {
                const field = document.activeElement, bar = document.querySelector(".tabbar");
                if (field === document.body || bar.contains(field)) return "";
                const box = field.getBoundingClientRect();
                return box.bottom > bar.getBoundingClientRect().top + 1 ? field.outerHTML.slice(0, 80) : "";
            }"""
        )
        hidden += [covered] if covered else []
        page.keyboard.press("Tab")
    assert hidden == []
