"""The dossier: who gets it, what stands in it, that no text of anybody is taken for markup."""

import datetime as dt
import io
import os
import time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from appeals import handling, surveying
from appeals.dispatching import Target, add_co, dispatch, return_order
from appeals.dossier.content import content, until
from appeals.dossier.views import TEMPLATE
from appeals.enums import Outcome, Satisfaction
from appeals.handling import ask, keep_promise, note, reply
from appeals.models import AppealEvent
from portal.accounts.desks import Desk
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.kernel import typesetting
from portal.kernel.errors import DomainError
from portal.kernel.spans import end_of_day
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals import factories as make

pytestmark = pytest.mark.django_db
NASTY = [
    '#read("/etc/passwd")',
    "#panic(1) #sys.inputs",
    "$ x^2 $ *粗* _斜_ `码` = 标题",
    "- 列 // 注 /* 释 */ @ref <label> \\ ~ \"引\" '单'",
    "] #pagebreak() [",
    '{"title": "x"}',
]


@pytest.fixture(autouse=True)
def _font():
    try:
        typesetting.chinese_font()
    except DomainError as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))


@pytest.fixture
def lights():
    department = DepartmentFactory(short_name="县经信委")
    make.officer_with_user(department, rank=Rank.HEAD, name="李局长")
    return department


@pytest.fixture
def centre():
    return DepartmentFactory(short_name="企业服务中心")


@pytest.fixture
def supervisor(centre):
    return make.official(Role.SUPERVISOR, centre)


def asked(user, department, appeal):
    client = Client()
    client.force_login(user)
    return client.get(reverse("desk_dossier", args=[department.pk, appeal.number]))


def words(pdf):
    """The text of all pages, without what only breaks lines."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def squeezed(text):
    return "".join(text.split())


@pytest.fixture
def story(lights):
    """Dissatisfied twice: returned, asked, answered with a promise, supervised."""
    other = DepartmentFactory(short_name="县供电局", name="县供电公司")
    order = make.dispatched(other, title="路灯坏了三天", place="澄溪镇")
    return_order(order, "路灯归经信委", lights, by=None)
    dispatch(order, Target(lights), by=None, note="请尽快")
    handling.accept(order, by=None)
    add_co(order, Target(other), by=None)
    ask(order, "哪一盏灯？", by=None)
    reply(order, "门口第一盏。", by=None)
    note(order, "内部：备件缺货", by=None)
    day = timezone.localdate() + dt.timedelta(days=3)
    handling.answer(order, Outcome.PROMISED, "三天内换灯。", by=None, promise=("换灯", day))
    keep_promise(order.promises.get(), "换好了", by=None)
    surveying.survey(order, Satisfaction.DISSATISFIED, False, "还是不亮", by=None)
    second = make.lead(order.appeal)
    handling.accept(second, by=None)
    handling.answer(second, Outcome.EXPLAINED, "线路问题", by=None)
    surveying.survey(second, Satisfaction.DISSATISFIED, False, "推诿", by=None)
    order.appeal.refresh_from_db()
    return order.appeal


def test_everything_that_happened_stands_in_it(supervisor, centre, story):
    answer = asked(supervisor, centre, story)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = words(answer.content)
    for part in [
        story.number,
        story.title,
        story.enterprise.name,
        story.enterprise.uscc,
        "督办中",
        "路灯归经信委",
        "请尽快",
        "哪一盏灯？",
        "门口第一盏。",
        "内部：备件缺货",
        "三天内换灯。",
        "换灯",
        "按期兑现",
        "换好了",
        "还是不亮",
        "推诿",
        "协办",
        "督办",
        "暂停：",
        "按时完成",
        "第1页共",
        f"{supervisor}（企业服务中心）",
    ]:
        assert squeezed(part) in text, part


def test_pages_are_numbered_to_the_last(supervisor, centre, story):
    pages = PdfReader(io.BytesIO(asked(supervisor, centre, story).content)).pages
    for number, page in enumerate(pages, start=1):
        assert squeezed(f"第 {number} 页 共 {len(pages)} 页") in squeezed(page.extract_text())


@pytest.mark.parametrize("nasty", NASTY)
def test_a_text_is_never_markup(supervisor, centre, lights, nasty):
    order = make.handling(lights, title=nasty[:80], text=nasty)
    note(order, nasty, by=None)
    text = words(asked(supervisor, centre, order.appeal).content)
    assert text.count(squeezed(nasty)) >= 3
    assert "root:" not in text


def test_very_long_words_and_signs_without_a_glyph_stay_within_the_page(supervisor, centre, lights):
    long = "W" * 1200
    order = make.handling(lights, title="W" * 80, text=f"{long}\n😀👨‍👩‍👧 \u202e倒\u0001 𠮷")
    note(order, long, by=None)
    answer = asked(supervisor, centre, order.appeal)
    assert answer.status_code == 200
    assert long in words(answer.content)
    for page in PdfReader(io.BytesIO(answer.content)).pages:
        assert (
            max(map(len, page.extract_text().replace("\u200b", "").splitlines())) < 75
        )  # a line holds no more


def test_the_same_content_gives_the_same_bytes(supervisor, centre, story):
    now = timezone.now()
    given = content(Desk(supervisor, centre), story, now)
    assert typesetting.pdf(TEMPLATE, given, now) == typesetting.pdf(TEMPLATE, given, now)


def test_it_takes_less_than_two_seconds_with_five_hundred_notes(supervisor, centre, lights):
    order = make.handling(lights)
    make.models.OrderEvent.objects.bulk_create(
        make.models.OrderEvent(
            subject=order,
            name="note",
            source="handling",
            target="handling",
            comment=f"第 {number} 次记录" * 20,
        )
        for number in range(500)
    )
    asked(supervisor, centre, order.appeal)
    began = time.perf_counter()
    answer = asked(supervisor, centre, order.appeal)
    assert time.perf_counter() - began < 4  # two on an idle machine
    assert "第499次记录" in words(answer.content)


def test_without_a_chinese_font_it_says_what_to_install(supervisor, centre, lights, monkeypatch):
    order = make.handling(lights)
    monkeypatch.setattr(typesetting, "FONTS", ("No Such Font",))
    client = Client()
    client.force_login(supervisor)
    answer = client.get(reverse("desk_dossier", args=[centre.pk, order.appeal.number]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("desk_order", args=[centre.pk, order.pk])
    assert "fonts-noto-cjk" in answer.content.decode()
    assert not AppealEvent.objects.filter(name="dossier").exists()


def test_whoever_opens_it_is_written_down(supervisor, centre, lights):
    order = make.handling(lights)
    asked(supervisor, centre, order.appeal)
    event = AppealEvent.objects.get(name="dossier")
    assert (event.actor, event.subject, event.public) == (supervisor, order.appeal, False)
    second = words(asked(supervisor, centre, order.appeal).content)
    assert "调阅卷宗" in second


def test_clocks_say_how_they_ended(supervisor, centre, lights):
    order, now = make.handling(lights), timezone.now()
    began = now - dt.timedelta(days=9)
    order.clocks.filter(target="single").update(due_at=now, started_at=began, warn_at=began)
    rows = content(Desk(supervisor, centre), order.appeal, now)["orders"][0]["clocks"]
    known = {clock["row"][0]: clock["row"][4] for clock in rows}
    assert known["单部门件办理"] == "已超期，未完成"
    assert known["接单"].startswith("按时完成")


def test_what_ends_with_a_day_is_said_by_that_day():
    day = dt.date(2026, 2, 14)
    assert until(end_of_day(day)) == "2026-02-14 24:00"
    assert until(end_of_day(day) + dt.timedelta(hours=9, minutes=5)) == "2026-02-15 09:05"


class TestWho:
    def test_a_leader_gets_the_own_orders_and_what_is_public(self, lights):
        other = DepartmentFactory()
        order = make.handling(lights, anonymous=True)
        co = add_co(order, Target(other), by=None)
        handling.accept(co, by=None)
        note(order, "主办的内部话", by=None)
        note(co, "协办的内部话", by=None)
        leader = make.official(Role.LEADER, other)
        text = words(asked(leader, other, order.appeal).content)
        assert "协办的内部话" in text
        assert "主办的内部话" not in text
        assert order.appeal.enterprise.name not in text
        assert order.appeal.contact_phone not in text

    def test_what_is_not_theirs_is_not_found(self, supervisor, centre, lights):
        order = make.handling(lights, about=centre)
        assert asked(supervisor, centre, order.appeal).status_code == 404
        assert asked(make.official(Role.HANDLER, lights), lights, order.appeal).status_code == 404
        other = DepartmentFactory()
        assert asked(make.official(Role.LEADER, other), other, order.appeal).status_code == 404
        assert not AppealEvent.objects.filter(name="dossier").exists()

    def test_the_link_stands_where_it_may_be_opened(self, supervisor, centre, lights):
        order = make.handling(lights)
        link = reverse("desk_dossier", args=[centre.pk, order.appeal.number])
        client = Client()
        client.force_login(supervisor)
        assert link in client.get(reverse("desk_order", args=[centre.pk, order.pk])).content.decode()
        handler = Client()
        handler.force_login(make.official(Role.HANDLER, lights))
        page = handler.get(reverse("desk_order", args=[lights.pk, order.pk])).content.decode()
        assert "/dossier/" not in page

    def test_it_is_only_read(self, supervisor, centre, lights):
        order = make.handling(lights)
        client = Client()
        client.force_login(supervisor)
        assert client.post(reverse("desk_dossier", args=[centre.pk, order.appeal.number])).status_code == 405
        boss = UserFactory(is_superuser=True, second_factor=True)
        assert asked(boss, centre, order.appeal).status_code == 200


def test_the_queries_do_not_grow_with_rounds(supervisor, centre, story, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        content(Desk(supervisor, centre), story, timezone.now())
