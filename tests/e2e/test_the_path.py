"""The whole path, in a real browser with a real worker.

An editor writes an item and another official publishes it; the worker matches and tells; an enterprise reads
why it fits, supplies what is missing, sees the result change; the publisher withdraws, and it is told once.
"""

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from enterprises.models import Enterprise, FactValue
from enterprises.services import record_registry
from policies.models import ItemVersion
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.second_factor import current_totp_code
from portal.notifications.models import Message
from tests.accounts.factories import PASSWORD, PostingFactory, StaffFactory, UserFactory
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.entering import sign_in
from tests.e2e.photographs import photograph
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, give_value
from tests.policies.factories import DocumentFactory, economy

pytestmark = [pytest.mark.e2e, pytest.mark.processes, pytest.mark.slow]

WORKER_MS = 60_000
WAN = 1_000_000

EXPECTED = ("status of 422", "htmx:sendAbort", "htmx:afterRequest")
"""What a console may hold: a wrong answer is told with 422, a newer one to try aborts the one on its way."""

TITLE = "工业企业技术改造奖励"
CONDITIONS = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"], "clause": "第二条"},
        {"fact": "industry", "op": "within", "value": ["C"], "clause": "第二条"},
        {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"},
        {
            "any": [
                {"fact": "employees", "period": "Y-1", "op": ">=", "value": "300", "unit": "人"},
                {"fact": "equipment_invest", "op": ">=", "value": "500", "unit": "万元"},
            ]
        },
    ]
}
AMOUNT = {
    "cap": {"value": "60", "unit": "万元"},
    "of": {
        "sum": [
            {
                "name": "基础奖励",
                "first": [
                    {
                        "when": {"fact": "employees", "period": "Y-1", "op": ">=", "value": "300"},
                        "then": {"fixed": "20", "unit": "万元"},
                    },
                    {"else": {"fixed": "10", "unit": "万元"}},
                ],
            },
            {"name": "设备补助", "rate": "5%", "of": {"fact": "equipment_invest"}},
        ]
    },
}


def examples(begins: dt.date) -> list[dict[str, Any]]:
    """One case of each verdict, as of the day on which the rule begins."""
    year = str(begins.year - 1)
    factory = {"region": "500231", "industry": "36", "main_revenue": {year: "2000 万元"}}
    return [
        {
            "name": "300 人，设备投入 240 万元",
            "facts": factory | {"employees": {year: "300"}},
            "claims": {"equipment_invest": "240 万元"},
            "verdict": "eligible",
            "amount": ["32 万元", "32 万元"],
        },
        {"name": "人数未知", "facts": factory, "verdict": "needs_info", "amount": ["10 万元", "60 万元"]},
        {
            "name": "收入差一点",
            "facts": factory | {"main_revenue": {year: "1999.99 万元"}},
            "verdict": "ineligible",
        },
    ]


@dataclass(frozen=True)
class People:
    """Who walks the path; everybody signs in with `PASSWORD`."""

    editor: User
    publisher: User
    manager: User
    stranger: User
    firm: Enterprise
    other_firm: Enterprise


@pytest.fixture
def people(transactional_db: None) -> People:
    """Two officials; a factory of unknown headcount among others; a shop, which no factory's policy fits."""
    editor, publisher = StaffFactory(name="刘思宇"), StaffFactory(name="赵国强")
    for user, role in ((editor, Role.EDITOR), (publisher, Role.PUBLISHER)):
        PostingFactory(user=user, department=economy(), role=role)
    firm = EnterpriseFactory(name="渝东轮毂制造有限公司")
    shop = EnterpriseFactory(name="明月百货有限公司", industry="52")
    factories = [firm, *EnterpriseFactory.create_batch(20)]
    today = timezone.localdate()
    record_registry([*factories, shop], as_of=today - dt.timedelta(days=60))
    for one in [*factories, shop]:
        figures = {"period": today.year - 1, "as_of": today - dt.timedelta(days=30)}
        give_value(one, "main_revenue", scaled=2_860 * WAN, **figures)
    manager, stranger = UserFactory(name="陈明远"), UserFactory(name="王强")
    MembershipFactory(user=manager, enterprise=firm)
    MembershipFactory(user=stranger, enterprise=shop)
    return People(editor, publisher, manager, stranger, firm, shop)


@pytest.fixture
def console_may_say() -> tuple[str, ...]:
    return EXPECTED


def test_from_the_editors_desk_to_the_enterprise_and_back(
    people: People, open_page: Callable[[], Page], celery_worker_process: Any
) -> None:
    document = DocumentFactory(title="垫江县促进工业高质量发展若干措施")
    desk = official_signs_in(open_page(), people.editor, "editor")
    write_item(desk, document.title)
    is_told_what_is_not_ready(desk)
    submit(desk)

    hall = official_signs_in(open_page(), people.publisher, "publisher")
    publish(hall)
    watch_push(hall, "publication", told=21)

    firm = open_page()
    opens_the_message(firm, people)
    reads_why(firm)
    supplies_what_is_missing(firm, people)
    tries_the_claim(firm)

    shop = open_page()
    member_signs_in(shop, people.stranger)
    shop.goto(f"/e/{people.other_firm.pk}/messages/")
    expect(shop.get_by_text("这里没有消息")).to_be_visible()

    withdraw(hall)
    watch_push(hall, "withdrawal", told=21)
    is_told_of_the_withdrawal(firm, people)


def shoot(page: Page, name: str, *, phone: bool = False) -> None:
    """Photograph the page as it stands at the desk and, if wanted, on a phone."""
    for size in (DESK, PHONE) if phone else (DESK,):
        page.set_viewport_size(size)
        photograph(page, f"path/{name}")
    page.set_viewport_size(DESK)


def official_signs_in(page: Page, user: User, name: str) -> Page:
    """By password and the authenticator's code, at the admin's own door."""
    page.goto("/admin/")
    page.get_by_label("用户名、手机号或邮箱").fill(user.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    shoot(page, f"01-{name}-password")
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    code = page.get_by_label("动态码")
    expect(code).to_be_visible()
    assert page.request.get("/admin/", max_redirects=0).status == 302  # the password alone opens nothing
    code.fill(current_totp_code(user))
    shoot(page, f"01-{name}-code")
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    shoot(page, f"02-{name}-desk")
    return page


def write_item(page: Page, document: str) -> None:
    """A new item with conditions, amount and source, through the admin's form."""
    page.get_by_role("link", name="编写新事项").click()
    today = timezone.localdate()
    fields = {
        "code": "GY-JG-01",
        "title": TITLE,
        "summary": "支持县内工业企业实施技术改造。",
        "gain": "基础奖励 10 万元，规模大的 20 万元；设备投入按 5% 补助，合计最高 60 万元。",
        "region": "500231",
        "topics": "技术改造",
        "targets": "工业企业",
        "valid_from": (today - dt.timedelta(days=30)).isoformat(),
        "window_to": (today + dt.timedelta(days=40)).isoformat(),
        "conditions": json.dumps(CONDITIONS, ensure_ascii=False, indent=2),
        "amount": json.dumps(AMOUNT, ensure_ascii=False, indent=2),
        "steps": '["在线填报", "经信委现场核查", "公示后拨付"]',
    }
    for name, text in fields.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=department]").select_option(label=str(economy()))
    for name, value in {"benefit": "money", "mode": "apply", "level": "county"}.items():
        page.locator(f"[name={name}]").select_option(value)
    page.locator("#sources-group .select2-selection:visible").first.click()
    page.locator(".select2-dropdown .select2-search__field").fill(document[:6])
    page.locator(".select2-results__option", has_text=document).click()
    page.locator("[name=sources-0-clause]").fill("第二条、第五条")
    shoot(page, "03-editor-form")
    page.locator("[name=_continue]").click()
    expect(page.get_by_text("垫江县").first).to_be_visible()
    shoot(page, "04-editor-draft")


def is_told_what_is_not_ready(page: Page) -> None:
    """Without an example of each verdict nobody can submit; the page says so and leads back."""
    page.get_by_role("link", name="提交发布").click()
    expect(page.get_by_text("还没有“符合、待补充、不符合”的样例")).to_be_visible()
    expect(page.get_by_role("button", name="提交发布")).to_be_disabled()
    shoot(page, "05-editor-not-ready")
    page.get_by_role("link", name="回去修改").click()
    begins = dt.date.fromisoformat(page.locator("[name=valid_from]").input_value().replace("/", "-"))
    page.locator("[name=examples]").fill(json.dumps(examples(begins), ensure_ascii=False, indent=2))
    page.locator("[name=_continue]").click()
    expect(page.get_by_text("成功修改了")).to_be_visible()


def submit(page: Page) -> None:
    page.get_by_role("link", name="提交发布").click()
    shoot(page, "05-editor-submit")
    page.get_by_role("button", name="提交发布").click()
    expect(page.get_by_text("已提交，请由另一位同事发布。")).to_be_visible()
    shoot(page, "06-editor-submitted")


def publish(page: Page) -> None:
    """The second official finds it in the list, reads the checklist, publishes."""
    page.goto("/admin/policies/itemversion/")
    shoot(page, "07-publisher-list")
    page.get_by_role("link", name=TITLE).click()
    shoot(page, "08-publisher-reads")
    page.get_by_role("link", name="发布", exact=True).click()
    expect(page.get_by_text("条件和标准：类型、单位、引用都能解析")).to_be_visible()
    shoot(page, "09-publisher-checklist")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page).to_have_url(re.compile(r"/push/\d+/progress/$"))
    shoot(page, "10-publisher-push")


def watch_push(page: Page, name: str, *, told: int) -> None:
    """The page renews itself until the worker is done."""
    expect(page.locator("#state")).to_have_text("已完成", timeout=WORKER_MS)
    expect(page.locator("#told")).to_have_text(str(told))
    shoot(page, f"11-push-{name}")


def member_signs_in(page: Page, user: User) -> None:
    sign_in(page, user)
    expect(page.get_by_role("link", name=re.compile("条未读"))).to_be_visible()


def opens_the_message(page: Page, people: People) -> None:
    member_signs_in(page, people.manager)
    expect(page).to_have_url(re.compile(rf"/e/{people.firm.pk}/$"))
    shoot(page, "12-firm-home", phone=True)
    page.get_by_role("link", name="消息，1 条未读").click()
    expect(page.get_by_text(f"“{TITLE}”对您开放")).to_be_visible()
    shoot(page, "13-firm-messages", phone=True)
    page.get_by_role("button", name=re.compile(TITLE)).click()
    expect(page.get_by_role("heading", name=re.compile(TITLE))).to_be_visible()
    expect(page.get_by_role("link", name="消息，0 条未读")).to_be_visible()


def reads_why(page: Page) -> None:
    """Leaf by leaf, what is missing, how much."""
    expect(page.locator(".leaf.y")).to_have_count(3)
    expect(page.locator(".leaf.q")).to_have_count(2)
    expect(page.locator(".leaf.y").first).to_contain_text("在垫江县登记注册")
    expect(page.locator(".leaf.y").last).to_contain_text("2,860 万元 · 县税务局")
    expect(page.locator(".leaf.q").first).to_contain_text("暂无数据")
    expect(page.locator(".strip")).to_contain_text("10–60 万元")
    shoot(page, "14-firm-item", phone=True)


def supplies_what_is_missing(page: Page, people: People) -> None:
    """A wrong answer is explained and kept; a right one changes verdict and amount on the spot."""
    asked = page.get_by_label(re.compile("从业人数"))
    button = page.get_by_role("button", name="填报并看结果")
    asked.fill("三百")
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()
    shoot(page, "15-firm-refused", phone=True)
    assert not FactValue.objects.filter(enterprise=people.firm, fact__key="employees").exists()
    asked.fill("３１８")
    button.click()
    expect(page.get_by_role("heading", name=re.compile(f"{TITLE}.*符合"))).to_be_visible()
    expect(page.locator(".strip")).to_contain_text("20–60 万元")
    shoot(page, "16-firm-supplied", phone=True)


def tries_the_claim(page: Page) -> None:
    page.get_by_label("设备（含软件）投资额").fill("240")
    page.get_by_role("button", name="算一算").click()
    expect(page.locator(".strip")).to_contain_text("32 万元")
    shoot(page, "17-firm-tried", phone=True)


def withdraw(page: Page) -> None:
    version = ItemVersion.objects.get()
    page.goto(f"/admin/policies/itemversion/{version.pk}/change/")
    shoot(page, "18-publisher-published")
    page.get_by_role("link", name="撤回").click()
    page.get_by_label("原因").fill("金额标准有误，修订后重新发布。")
    shoot(page, "19-publisher-withdraws")
    page.get_by_role("button", name="撤回").click()


def is_told_of_the_withdrawal(page: Page, people: People) -> None:
    """Once, with the reason; the item's page says so as well."""
    unread = page.get_by_role("link", name="消息，1 条未读")
    deadline = time.monotonic() + WORKER_MS / 1000
    while page.reload() and not unread.is_visible() and time.monotonic() < deadline:
        page.wait_for_timeout(200)  # the outbox is delivered by the worker, after the push
    expect(unread).to_be_visible()
    page.goto(f"/e/{people.firm.pk}/messages/")
    told = page.get_by_text(f"“{TITLE}”已撤回")
    expect(told).to_have_count(1)
    shoot(page, "20-firm-told", phone=True)
    told.click()
    expect(page.get_by_text("这项政策已撤回。")).to_be_visible()
    shoot(page, "21-firm-withdrawn", phone=True)
    assert Message.objects.filter(mailbox=people.firm.mailbox).count() == 2
    assert not Message.objects.filter(mailbox=people.other_firm.mailbox).exists()
