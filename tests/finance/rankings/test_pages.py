"""Pages of the ranking: the finance office's alone, within few queries."""

import pytest

from finance.models import RankingModel, RankingSnapshot, RankingVersion
from finance.rankings import snapshot
from portal.accounts.models import Department
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.clients import cheap, signed_in
from tests.finance.factories import office
from tests.finance.lending.factories import put
from tests.finance.rankings.factories import taken, used
from tests.rows import change

pytestmark = pytest.mark.django_db


def at_desk(role, department=None):
    place = department or office()
    return signed_in(PostingFactory(department=place, role=role, user__second_factor=True).user)


def address(rest=""):
    return f"/desk/{office().pk}/finance/ranking/{rest}"


def test_before_the_first_month_it_says_when_there_will_be_one():
    assert "还没有榜单" in cheap(at_desk(Role.LEADER), address()).content.decode()


def test_a_month_and_what_lies_behind_a_place():
    put("drawn")
    put("refused")
    newest, older = taken(), taken(2)
    browser = at_desk(Role.SUPERVISOR)
    page = cheap(browser, address()).content.decode()
    assert str(newest) in page
    assert "第 1 名" in page
    assert "可得 100 分" in page
    assert "项无数据，权重分摊" in page
    assert browser.get(address(), {"month": str(older)}).context["shown"] == older
    assert browser.get(address(), {"month": "x"}).context["shown"] == newest
    line = newest.lines.first()
    behind = cheap(browser, address(f"{newest.pk}/{line.bank_id}/")).content.decode()
    silent = sum(value is None for value, _got, _weight in line.values.values())
    assert behind.count("无数据，权重分摊") == silent > 4
    assert f"有 {silent} 项没有数据" in behind
    assert "各项得分相加就是总分" in behind
    assert browser.get(address(f"{newest.pk}/999999/")).status_code == 404


def test_a_month_that_was_ranked_before_weights_were_shared_says_what_it_did(monkeypatch):
    put("drawn")
    real = snapshot._lines

    def as_before(held):
        lines = real(held)
        for line in lines:
            line.values = {key: row[:2] for key, row in line.values.items()}
        return lines

    monkeypatch.setattr(snapshot, "_lines", as_before)
    month = taken()
    line = month.lines.get()
    browser = at_desk(Role.LEADER)
    assert "可得 95 分" in browser.get(address()).content.decode()
    behind = browser.get(address(f"{month.pk}/{line.bank_id}/")).content.decode()
    assert "对所有银行都不计分" in behind
    assert "权重分摊" not in behind


def test_another_department_finds_nothing():
    month = taken()
    tax = Department.objects.get(code="tax")
    browser = at_desk(Role.LEADER, tax)
    for rest in ("", "weights/", f"{month.pk}/1/"):
        assert browser.get(address(rest)).status_code == 404
        assert browser.get(f"/desk/{tax.pk}/finance/ranking/{rest}").status_code == 404
    assert browser.post(address("weights/draft/")).status_code == 404


def test_weights_go_from_one_person_to_the_other():
    author, boss = at_desk(Role.EDITOR), at_desk(Role.PUBLISHER)
    before = used()
    assert "起草新权重" in cheap(author, address("weights/")).content.decode()
    boss.post(address("weights/draft/"))
    assert boss.get(address("weights/")).context["draft"] is None
    author.post(address("weights/draft/"))
    form = author.get(address("weights/")).context["form"]
    given = {name: field.initial for name, field in form.fields.items()}
    assert author.post(address("weights/save/"), given | {"lent": "x"}).status_code == 422
    author.post(address("weights/save/"), given | {"lent": 5})
    seen = {"seen": boss.get(address("weights/")).context["seen"]}
    assert "合计为 99" in boss.post(address("weights/publish/"), seen, follow=True).content.decode()
    author.post(address("weights/save/"), given | {"lent": 5, "first": 7})
    boss.post(address("weights/publish/"), seen)
    seen = {"seen": cheap(boss, address("weights/")).context["seen"]}
    author.post(address("weights/publish/"), seen)
    assert used() == before
    boss.post(address("weights/publish/"), seen)
    assert used() != before
    assert boss.post(address("weights/save/"), given).status_code == 302
    assert boss.post(address("weights/x/")).status_code == 404
    assert not RankingSnapshot.objects.exists()


def test_each_sees_what_is_to_be_done_and_the_second_person_what_would_change():
    author, boss, leader = at_desk(Role.EDITOR), at_desk(Role.PUBLISHER), at_desk(Role.LEADER)
    assert "起草新权重" not in boss.get(address("weights/")).content.decode()
    author.post(address("weights/draft/"))
    given = {one.key: one.weight for one in used().indicators.all()}
    author.post(address("weights/save/"), given | {"lent": 5})
    page = boss.get(address("weights/")).content.decode()
    assert "草稿的权重合计为 99" in page
    assert "发布草稿" not in page
    author.post(address("weights/save/"), given | {"lent": 5, "first": 7})
    page = cheap(boss, address("weights/")).content.decode()
    assert "发布草稿" in page
    assert "放弃草稿" not in page
    assert page.count("有改动") == 2
    assert "→ 7" in page
    page = cheap(author, address("weights/")).content.decode()
    assert "使用中：6" in page
    assert "放弃草稿" in page
    assert "发布草稿" not in page
    page = leader.get(address("weights/")).content.decode()
    assert not any(words in page for words in ("起草新权重", "放弃草稿", "发布草稿"))


def test_a_draft_is_let_go_with_a_reason():
    at_desk(Role.EDITOR).post(address("weights/draft/"))
    other = at_desk(Role.EDITOR)
    assert "请写明" in other.post(address("weights/discard/"), {"reason": ""}, follow=True).content.decode()
    other.post(address("weights/discard/"), {"reason": "编写人调离"})
    assert "起草新权重" in other.get(address("weights/")).content.decode()
    assert RankingVersion.objects.get(number=2).events.get().comment == "编写人调离"


def test_without_any_indicators_it_says_so():
    change(RankingModel.objects.get(), code="others")
    assert "还没有赛马指标" in cheap(at_desk(Role.EDITOR), address("weights/")).content.decode()
