"""Where an enterprise's money is, in its own words; the account that it names; its home page."""

import datetime as dt

import pytest
from django.urls import reverse

from enterprises.models import MemberRole
from policies.models import PayeeAccount
from policies.money import accounts, results
from policies.money.pages.tracks import sums_of, tracks_of
from portal.accounts.roles import Role
from tests.applying import factories as applying
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.money.factories import WAN, Desk, account, answer, member_of, official, payment_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def firm():
    return EnterpriseFactory(name="渝东轮毂制造有限公司")


@pytest.fixture
def owner(firm, client):
    user = MembershipFactory(enterprise=firm, role=MemberRole.LEGAL_REPRESENTATIVE).user
    client.force_login(user)
    return user


def track(firm):
    (found,) = tracks_of(firm)
    return found


def marks(found):
    return [step.mark for step in found.steps]


def test_each_state_says_what_comes_next(desk, firm):
    account(firm, at=desk.at)
    award = desk.award(enterprise=firm)
    assert (track(firm).state, marks(track(firm))) == ("waiting", ["ok", "now", "", "", "", ""])
    batch = desk.draft(award)
    assert track(firm).state == "draft"
    desk.prepare(batch)
    assert (track(firm).state, marks(track(firm))) == ("prepared", ["ok", "ok", "now", "", "", ""])
    desk.confirm(batch)
    assert (track(firm).state, marks(track(firm))) == ("confirmed", ["ok", "ok", "ok", "now", "", ""])
    desk.release(batch)
    found = track(firm)
    assert (found.state, marks(found)) == ("sent", ["ok", "ok", "ok", "ok", "now", ""])
    assert found.file == batch.instruction.number
    results.overdue(desk.tick(days=20))
    assert track(firm).state == "unknown"
    assert "不会重复拨付" in track(firm).next
    desk.settle(batch)
    found = track(firm)
    assert (found.state, marks(found)) == ("paid", ["ok"] * 6)
    assert "已到账，银行日期 2026-03-03" in found.answer


def test_what_came_back_is_on_its_way_once_it_is_made_anew(desk, firm):
    account(firm, at=desk.at)
    batch = desk.released(desk.award(10 * WAN, enterprise=firm))
    desk.take(batch, [answer(payment_of(batch), "returned")])
    assert sums_of([track(firm)]) == {"paid": 0, "back": 10 * WAN, "coming": 0}
    account(firm, "62220001", at=desk.tick())
    desk.draft(batch.payments.get().award)
    assert sums_of([track(firm)]) == {"paid": 0, "back": 0, "coming": 10 * WAN}


def test_sent_back_by_the_bank_it_waits_for_another_account(desk, firm, owner, client):
    account(firm, at=desk.at)
    batch = desk.released(desk.award(10 * WAN, enterprise=firm))
    desk.take(batch, [answer(payment_of(batch), "returned", message="账户已销户")])
    found = track(firm)
    assert (found.state, found.waits_for_us) == ("returned", True)
    assert marks(found) == ["ok", "ok", "ok", "ok", "ok", "late"]
    page = client.get(reverse("enterprise_money", args=[firm.pk])).content.decode()
    assert "账户已销户" in page
    assert "核对收款账户" in page
    assert sums_of([found]) == {"paid": 0, "back": 10 * WAN, "coming": 0}
    assert "银行退回" in page
    home = client.get(reverse("enterprise_home", args=[firm.pk])).content.decode()
    assert "更正收款账户，10 万元 才能拨付" in home
    address = reverse("enterprise_account", args=[firm.pk])
    assert "原样再填一次" in client.get(address).content.decode()
    account(firm, "6222000011112222", checked=False)
    assert track(firm).state == "check"
    assert "原样再填一次" not in client.get(address).content.decode()


def test_without_an_account_it_says_so_first(client):
    firm = applying.approved().enterprise
    client.force_login(MembershipFactory(enterprise=firm).user)
    assert track(firm).state == "account"
    home = client.get(reverse("enterprise_home", args=[firm.pk])).content.decode()
    assert "确认收款账户，领取 20 万元" in home
    assert "在路上" in home
    page = client.get(reverse("enterprise_money", args=[firm.pk])).content.decode()
    assert "填收款账户" in page


def test_an_account_is_given_shown_masked_and_changed(firm, owner, client):
    address = reverse("enterprise_account", args=[firm.pk])
    assert "还没有收款账户" in client.get(address).content.decode()
    given = {
        "holder": firm.name,
        "bank": "垫江农商行",
        "number": "６２２２ 0000-1111",
        "repeated": "622200001111",
    }
    assert client.post(address, given).status_code == 302
    page = client.get(address).content.decode()
    assert "**** 1111" in page
    assert "622200001111" not in page
    assert "等工作人员核对" in page
    accounts.check(
        PayeeAccount.objects.get(),
        "mismatched",
        by=official(Role.PAYMENT_PREPARER),
        at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
        note="少一个字",
    )
    assert "没有通过核对：少一个字" in client.get(address).content.decode()
    assert (
        client.post(address, given | {"number": "62220000222", "repeated": "62220000222"}).status_code == 302
    )
    page = client.get(address).content.decode()
    assert "**** 0222" in page
    assert "**** 1111" in page


@pytest.mark.parametrize("number", ["", "12345", "6" * 33, "abc123456", "6222.0000"])
def test_what_is_no_account_number_is_refused_beside_the_form(firm, owner, client, number):
    address = reverse("enterprise_account", args=[firm.pk])
    given = {"holder": firm.name, "bank": "垫江农商行", "number": number, "repeated": number}
    answered = client.post(address, given)
    assert answered.status_code == 422
    assert "垫江农商行" in answered.content.decode()
    assert not PayeeAccount.objects.exists()


@pytest.mark.parametrize("repeated", ["", "622200001112", "62220000111"])
def test_a_number_that_is_typed_otherwise_the_second_time_is_refused(firm, owner, client, repeated):
    address = reverse("enterprise_account", args=[firm.pk])
    given = {"holder": firm.name, "bank": "垫江农商行", "number": "622200001111", "repeated": repeated}
    answered = client.post(address, given)
    assert answered.status_code == 422
    assert not repeated or "两次输入的账号不一样" in answered.content.decode()
    assert not PayeeAccount.objects.exists()


def test_an_account_of_somebody_else_is_refused_in_words(firm, owner, client):
    address, number = reverse("enterprise_account", args=[firm.pk]), "622200001111"
    given = {"holder": "张三个人", "bank": "垫江农商行", "number": number, "repeated": number}
    answered = client.post(address, given)
    assert answered.status_code == 422
    assert "户名“张三个人”与登记的企业名称“渝东轮毂制造有限公司”不一致" in answered.content.decode()
    assert not PayeeAccount.objects.exists()


def test_an_earlier_account_is_used_again_by_one_click(firm, owner, client):
    first = account(firm, "6222000011112222")
    address = reverse("enterprise_account", args=[firm.pk])
    assert "再用这个账户" not in client.get(address).content.decode()
    account(firm, "6222000033334444", checked=False)
    assert "再用这个账户" in client.get(address).content.decode()
    again = reverse("enterprise_account_again", args=[firm.pk, first.pk])
    page = client.post(again, follow=True).content.decode()
    assert "已换回这个账户" in page
    assert "再用这个账户" not in page
    assert accounts.current(firm.pk).number == first.number
    unchecked = PayeeAccount.objects.get(number="6222000033334444")
    again = reverse("enterprise_account_again", args=[firm.pk, unchecked.pk])
    assert "核对相符过" in client.post(again, follow=True).content.decode()
    client.force_login(member_of(EnterpriseFactory()).user)
    assert client.post(again).status_code == 404


def test_an_agent_reads_and_does_not_change(firm, client):
    agent = MembershipFactory(enterprise=firm, role=MemberRole.AGENT).user
    client.force_login(agent)
    address = reverse("enterprise_account", args=[firm.pk])
    page = client.get(address).content.decode()
    assert "请法定代表人或管理员" in page
    assert 'name="number"' not in page
    given = {"holder": firm.name, "bank": "行", "number": "62220000", "repeated": "62220000"}
    assert client.post(address, given).status_code == 422


def test_nobody_sees_another_firms_money(desk, firm, client):
    stranger = member_of(EnterpriseFactory())
    client.force_login(stranger.user)
    for name in ("enterprise_money", "enterprise_account"):
        assert client.get(reverse(name, args=[firm.pk])).status_code == 404


def test_the_page_costs_the_same_however_many_awards(
    desk, firm, owner, client, django_assert_max_num_queries
):
    account(firm, at=desk.at)
    for period in range(2020, 2027):
        desk.settled(desk.award(enterprise=firm, period=period))
    with django_assert_max_num_queries(18):
        page = client.get(reverse("enterprise_money", args=[firm.pk])).content.decode()
    assert page.count("已到账，银行日期") == 7
