"""Pages of offers for enterprises: what each shows, whose it is, what one click does."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.models import Award, PayeeAccount
from policies.models.enjoying.vocabulary import CandidateState
from policies.money import accounts
from tests.applying.pages import text
from tests.enjoying import factories as make
from tests.money.factories import Desk
from tests.money.factories import account as payee

pytestmark = pytest.mark.django_db


def enter(enterprise) -> Client:
    cache.clear()
    client = Client()
    client.force_login(make.actor_for(enterprise).user)
    return client


def pay(award) -> None:
    """The award's money arrives, by the desk of its item's department."""
    desk = Desk(version=award.version)
    accounts.check(accounts.current(award.enterprise_id), "matched", by=desk.preparer, at=desk.tick(days=10))
    desk.settled(award)


class TestEnterprise:
    def test_the_home_page_asks_for_the_click(self):
        enterprise = make.firm()
        run = make.offered()
        page = text(enter(enterprise).get(reverse("enterprise_home", args=[enterprise.pk])))
        assert f"领取“{run.version.title}”" in page
        assert make.candidate(run).get_absolute_url() in page

    def test_the_offer_says_what_how_much_why_and_until_when(self, django_assert_max_num_queries):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        client = enter(enterprise)
        client.get(one.get_absolute_url())
        with django_assert_max_num_queries(16):
            page = text(client.get(one.get_absolute_url()))
        for words in ("10", "万元", "不确认不会拨付", "20 人", "官方数据", "保存账户，领取"):
            assert words in page

    def test_one_click_with_the_account_in_use(self):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        account, client = make.account_of(enterprise), enter(enterprise)
        page = text(client.get(one.get_absolute_url()))
        assert "确认账户，领取 10 万元" in re.sub(r"<[^>]+>", "", page)
        at = reverse("enterprise_enjoy_accept", args=[enterprise.pk, one.pk])
        for _time in range(3):
            assert client.post(at, {"account": account.pk}).status_code == 302
        assert Award.objects.count() == 1
        one.refresh_from_db()
        assert (one.state, one.account) == (CandidateState.ACCEPTED, account)

    def test_one_click_that_gives_the_account(self):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        client = enter(enterprise)
        at = reverse("enterprise_enjoy_accept", args=[enterprise.pk, one.pk])
        wrong = client.post(
            at, {"holder": enterprise.name, "bank": "工行", "number": "12ab", "repeated": "12ab"}
        )
        assert wrong.status_code == 422
        assert "账号应为 6 至 32 位数字" in text(wrong)
        assert "12ab" in text(wrong)
        number = "6222 0202 0011 2233"
        given = {"holder": enterprise.name, "bank": "工行垫江支行", "number": number, "repeated": number}
        assert client.post(at, given).status_code == 302
        assert Award.objects.get().enterprise == enterprise
        assert PayeeAccount.objects.get().number == "6222020200112233"

    def test_once_taken_it_says_where_the_money_is_and_names_the_account_in_force(self):
        one = make.accepted()
        enterprise, client, desk = one.enterprise, enter(one.enterprise), Desk(version=one.run.version)
        page = text(client.get(one.get_absolute_url()))
        assert "账户核对中" in page
        assert "**** 3445" in page
        payee(enterprise, "6222020200118877")
        page = text(client.get(one.get_absolute_url()))
        assert "**** 8877" in page
        assert "**** 3445" not in page
        assert "待编批" in page
        desk.at = timezone.now()
        batch = desk.settled(one.award)
        payee(enterprise, "6222020200116666", at=desk.tick())
        page = text(client.get(one.get_absolute_url()))
        assert "已到账" in page
        assert "企业已确认" not in page
        assert "**** 8877" in page
        assert reverse("enterprise_money", args=[enterprise.pk]) in page
        desk.settle(batch, "returned")
        page = text(client.get(one.get_absolute_url()))
        assert "**** 6666" in page
        assert "待编批" in page

    def test_an_account_of_somebody_else_is_refused_and_the_one_in_use_stays(self):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        account, client = make.account_of(enterprise), enter(enterprise)
        at = reverse("enterprise_enjoy_accept", args=[enterprise.pk, one.pk])
        number = "6222020200112233"
        given = {"holder": "张三个人", "bank": "工行", "number": number, "repeated": number}
        answered = client.post(at, given)
        assert answered.status_code == 422
        assert "户名“张三个人”与登记的企业名称" in text(answered)
        assert PayeeAccount.objects.get() == account
        assert not Award.objects.exists()

    def test_another_firms_offer_is_404(self):
        enterprise, other = make.firm(), make.firm()
        one = make.candidate(make.offered(), enterprise)
        client = enter(other)
        assert client.get(one.get_absolute_url()).status_code == 404
        for name in ("enterprise_enjoy_accept", "enterprise_enjoy_apply"):
            assert client.post(reverse(name, args=[other.pk, one.pk])).status_code == 404
            assert client.post(reverse(name, args=[enterprise.pk, one.pk])).status_code == 404

    def test_before_it_is_told_there_is_nothing_to_read(self):
        enterprise = make.firm()
        one = make.candidate(make.noticed(), enterprise)
        assert enter(enterprise).get(one.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize(("step", "state"), [("object", "objected"), ("decline", "declined")])
    def test_objecting_and_declining_want_a_reason(self, step, state):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        client = enter(enterprise)
        at = reverse("enterprise_enjoy_say", args=[enterprise.pk, one.pk, step])
        assert client.post(at, {"text": " "}).status_code == 422
        assert client.post(at, {"text": "我们有 120 人"}).status_code == 302
        one.refresh_from_db()
        assert one.state == state

    def test_who_is_almost_in_is_led_to_the_form(self):
        enterprise = make.firm(None)
        make.firm()
        one = make.candidate(make.offered(), enterprise)
        client = enter(enterprise)
        assert "补填并申请" in text(client.get(one.get_absolute_url()))
        answer = client.post(reverse("enterprise_enjoy_apply", args=[enterprise.pk, one.pk]))
        application = enterprise.applications.get()
        assert answer.url == application.get_absolute_url()
        assert client.get(answer.url).status_code == 200

    def test_a_near_miss_sees_what_it_misses_and_no_form(self):
        enterprise = make.firm(8)
        make.firm()
        one = make.candidate(make.offered(), enterprise)
        client = enter(enterprise)
        page = text(client.get(one.get_absolute_url()))
        assert "还差 2 人" in page
        assert "申请</button>" not in page
        at = reverse("enterprise_enjoy_apply", args=[enterprise.pk, one.pk])
        assert client.post(at).status_code == 404

    def test_the_list_of_offers_and_its_empty_state(self):
        enterprise, other = make.firm(), make.firm(3)
        run = make.offered()
        url = reverse("enterprise_enjoy_list", args=[enterprise.pk])
        assert run.version.title in text(enter(enterprise).get(url))
        empty = text(enter(other).get(reverse("enterprise_enjoy_list", args=[other.pk])))
        assert "还没有免申即享的奖补" in empty

    def test_the_list_of_offers_says_where_the_money_is(self):
        one = make.accepted()
        url = reverse("enterprise_enjoy_list", args=[one.enterprise_id])
        client = enter(one.enterprise)
        assert "账户核对中" in text(client.get(url))
        pay(one.award)
        assert "已到账" in text(client.get(url))
        assert "企业已确认" not in text(client.get(url))
