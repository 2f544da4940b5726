"""One appeal from its filing to its dossier, each person in a browser of their own, with a real worker.

An owner files on a phone with a photograph; the worker suggests, the dispatcher sends it off by one key;
the handler answers with a promise; the owner is dissatisfied, twice; the supervisor opens the dossier.
"""

import datetime as dt
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from appeals.enums import OrderKind
from appeals.models import Appeal, OrderClock, WorkOrder
from enterprises.models import Enterprise
from portal.accounts.models import User
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals.factories import OfficerFactory, official
from tests.e2e.conftest import PHONE
from tests.e2e.entering import sign_in
from tests.e2e.photographs import photograph
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory

pytestmark = [pytest.mark.e2e, pytest.mark.processes, pytest.mark.slow]

WORKER_SECONDS = 60
TITLE = "车间要加两台压铸机，用电容量不够"
TEXT = "厂区变压器 630 千伏安已经满载，申请增容排了两个月没有人来看现场，新设备到了也通不了电。"


@dataclass(frozen=True)
class People:
    """Who takes part; everybody signs in with `PASSWORD`."""

    owner: User
    firm: Enterprise
    dispatcher: User
    supervisor: User
    centre: Any


@pytest.fixture
def people(transactional_db: None) -> People:
    centre = DepartmentFactory(short_name="企业服务中心")
    owner, firm = (
        UserFactory(name="陈明远", mobile="13900000001"),
        EnterpriseFactory(name="渝东轮毂制造有限公司"),
    )
    MembershipFactory(user=owner, enterprise=firm)
    return People(owner, firm, official(Role.DISPATCHER, centre), official(Role.SUPERVISOR, centre), centre)


def test_an_appeal_from_the_phone_to_the_dossier(
    people: People, open_page: Callable[..., Page], celery_worker_process: Any
) -> None:
    phone = open_page(PHONE)
    files(phone, people)
    desk = open_page()
    dispatches_by_keyboard(desk, people)
    department = Appeal.objects.get().orders.get().department
    assert department is not None
    for name, rank in (("田科长", Rank.SECTION_HEAD), ("李副局长", Rank.DEPUTY), ("王局长", Rank.HEAD)):
        OfficerFactory(department=department, name=name, rank=rank)
    handler = open_page()
    sign_in(handler, official(Role.HANDLER, department))
    answers(handler, "promised", "施工队已排入计划，会按期送电。", promise="完成增容并送电")
    is_dissatisfied(phone, people, "两个月前也是这么说的")
    expect(phone.get_by_text("第 2 次办理")).to_be_visible()
    answers(handler, "explained", "仍在协调供电部门。")
    is_dissatisfied(phone, people, "还是没有人来看现场")
    expect(phone.locator(".timeline, ol").get_by_text(re.compile("督办")).first).to_be_visible()
    opens_the_dossier(open_page(), people)
    assert list(Appeal.objects.get().orders.order_by("pk").values_list("kind", "round")) == [
        (OrderKind.LEAD, 1),
        (OrderKind.LEAD, 2),
        (OrderKind.SUPERVISION, 2),
    ]


def files(page: Page, people: People) -> None:
    """Two boxes and a photograph, under a thumb; name and telephone are known already."""
    sign_in(page, people.owner)
    page.goto(f"/e/{people.firm.pk}/appeals/")
    page.get_by_role("link", name="提诉求").first.click()
    page.get_by_label("一句话说清诉求").fill(TITLE)
    page.get_by_label("具体情况").fill(TEXT)
    photo = io.BytesIO()
    Image.new("RGB", (640, 480), (40, 90, 90)).save(photo, "JPEG")
    page.get_by_label("选照片或文件").set_input_files(
        {"name": "变压器.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    photograph(page, "appeal/1-file")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.get_by_role("link", name="变压器.jpg")).to_be_visible()
    photograph(page, "appeal/2-filed")


def dispatches_by_keyboard(page: Page, people: People) -> None:
    """The worker's suggestion is there; one key sends the order off."""
    sign_in(page, people.dispatcher)
    inbox = f"/desk/{people.centre.pk}/inbox/"
    end = time.monotonic() + WORKER_SECONDS
    page.goto(inbox)
    while not page.get_by_text("建议派给").count() and time.monotonic() < end:
        page.wait_for_timeout(500)  # the worker has not suggested yet
        page.goto(inbox)
    expect(page.locator("#detail h2")).to_have_text(TITLE)
    photograph(page, "appeal/3-suggested")
    page.keyboard.press("a")
    expect(page.locator("[data-undo]")).to_contain_text("已派出")
    photograph(page, "appeal/4-dispatched")


def answers(page: Page, outcome: str, words: str, *, promise: str = "") -> None:
    """Take the newest order and answer it."""
    order = WorkOrder.objects.latest("pk")
    page.goto(f"/desk/{order.department_id}/orders/")
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_role("button", name="接单").click()
    expect(page.locator("#step-answer")).to_be_visible()
    page.locator("#step-answer summary").click()
    page.check(f"#step-answer input[value={outcome}]")
    page.fill("#answer-text", words)
    if promise:
        page.fill("#answer-promise", promise)
        page.fill("#answer-due_on", (timezone.localdate() + dt.timedelta(days=10)).isoformat())
        photograph(page, "appeal/5-answering")
    page.click("#step-answer form button")
    expect(page.locator(".notes")).to_contain_text("已答复")
    promised = OrderClock.objects.filter(order=order, target="promise")
    assert promised.exists() is bool(promise), "a promise is a tracked clock"


def is_dissatisfied(page: Page, people: People, words: str) -> None:
    """Rate the answer on the phone."""
    appeal = Appeal.objects.get()
    page.goto(f"/e/{people.firm.pk}/appeals/{appeal.number}/")
    step = page.locator("#step-rate")
    if step.get_attribute("open") is None:
        step.locator("summary").click()
    photograph(page, f"appeal/6-answered-{appeal.round}")
    step.get_by_label("不满意", exact=True).check()
    step.get_by_label("还没解决").check()
    step.get_by_label("想说的话").fill(words)
    step.get_by_role("button").click()
    expect(page.get_by_text("谢谢您的评价")).to_be_visible()
    photograph(page, f"appeal/7-rated-{appeal.round}")


def opens_the_dossier(page: Page, people: People) -> None:
    """From the bar of those dissatisfied twice to the appeal's file."""
    sign_in(page, people.supervisor)
    page.goto(f"/desk/{people.centre.pk}/supervision/twice/")
    expect(page.locator(".lines > li")).to_have_count(1)
    photograph(page, "appeal/8-twice")
    answer = page.request.get(str(page.locator(".lines >> text=卷宗").get_attribute("href")))
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")
