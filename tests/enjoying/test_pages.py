"""Pages of lists: what each shows, whose it is, what is refused and said, and how many queries it takes."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.enjoying import noticing
from policies.enjoying.confirming import cancel, exclude
from policies.models import Award, EnjoyRun, PayeeAccount
from policies.models.enjoying.vocabulary import CandidateState, RunState
from portal.accounts.models import Department
from tests.applying.desks import signed_in
from tests.applying.pages import text
from tests.enjoying import factories as make
from tests.money.factories import Desk
from tests.money.factories import account as payee
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return policies.economy().pk


def steps(page: str) -> set[str]:
    return set(re.findall(r'id="step-(\w+)"', page))


def enter(enterprise) -> Client:
    cache.clear()
    client = Client()
    client.force_login(make.actor_for(enterprise).user)
    return client


class TestDesk:
    def test_the_list_says_what_to_do_when_it_is_empty(self, desk):
        page = text(signed_in(make.reviewer()).get(reverse("desk_enjoy", args=[desk])))
        assert "没有正在办的名单" in page
        assert "本部门没有正在执行的免申即享" in page

    def test_a_run_is_begun_by_hand(self, desk, django_capture_on_commit_callbacks):
        version = make.version()
        make.firm()
        client = signed_in(make.reviewer())
        answer = client.post(reverse("desk_enjoy_start", args=[desk]), {"item": version.item_id}, follow=True)
        assert "正在筛选" in text(answer)
        again = client.post(reverse("desk_enjoy_start", args=[desk]), {"item": version.item_id})
        assert again.status_code == 422
        assert "有一份名单正在办" in text(again)

    def test_only_items_of_the_own_desk_are_offered(self, desk):
        other = Department.objects.exclude(pk=desk).order_by("pk").first()
        version = make.version()
        client = signed_in(make.reviewer(other))
        assert version.title not in text(client.get(reverse("desk_enjoy", args=[other.pk])))
        answer = client.post(reverse("desk_enjoy_start", args=[other.pk]), {"item": version.item_id})
        assert answer.status_code == 422
        assert not EnjoyRun.objects.exists()

    def test_another_departments_list_is_404(self, desk):
        run = make.listed()
        other = Department.objects.exclude(pk=desk).order_by("pk").first()
        client = signed_in(make.reviewer(other))
        assert client.get(run.get_absolute_url()).status_code == 404
        assert client.get(reverse("desk_enjoy_run", args=[other.pk, run.pk])).status_code == 404

    def test_the_way_from_list_to_offer(self, desk):
        first, second = make.firm(), make.firm()
        run = make.listed()
        reviewer, leader = signed_in(make.reviewer()), signed_in(make.leader())
        page = text(reviewer.get(run.get_absolute_url()))
        assert first.name in page
        assert second.name in page
        assert "20 万元" in page
        assert steps(page) == {"propose", "cancel"}
        assert "propose" not in steps(text(leader.get(run.get_absolute_url())))
        one = make.candidate(run, first)
        at = reverse("desk_enjoy_candidate_step", args=[desk, run.pk, one.pk, "exclude"])
        assert reviewer.post(at, {"text": ""}).status_code == 422
        assert reviewer.post(at, {"text": "停产"}).status_code == 302
        step = reverse("desk_enjoy_step", args=[desk, run.pk, "propose"])
        stale = reviewer.post(step, {"count": 2, "total_fen": 2 * make.TEN_WAN})
        assert stale.status_code == 422
        assert "名单刚才有变动" in text(stale)
        assert reviewer.post(step, {"count": 1, "total_fen": make.TEN_WAN}).status_code == 302
        assert "请另一位同事审定" in text(reviewer.get(run.get_absolute_url()))
        for name in ("confirm", "notice"):
            assert name in steps(text(leader.get(run.get_absolute_url())))
            leader.post(reverse("desk_enjoy_step", args=[desk, run.pk, name]))
        run.refresh_from_db()
        assert run.state == RunState.NOTICED
        early = leader.post(reverse("desk_enjoy_step", args=[desk, run.pk, "offer"]))
        assert early.status_code == 422
        assert "公示还没有结束" in text(early)

    def test_a_part_of_a_credit_code_finds(self):
        enterprise = make.firm()
        make.firm()
        run = make.listed()
        client = signed_in(make.reviewer())
        part = enterprise.uscc[-8:].lower()
        page = text(client.get(run.get_absolute_url(), {"q": part}))
        assert enterprise.name in page
        assert "没有找到" in text(client.get(run.get_absolute_url(), {"q": "ZZZZZZ99"}))
        wide = "".join(chr(ord(one) + 0xFEE0) for one in part)
        assert enterprise.name in text(client.get(run.get_absolute_url(), {"q": wide}))

    def test_a_number_in_a_name_is_found_in_full_width(self):
        enterprise = make.firm()
        type(enterprise).objects.filter(pk=enterprise.pk).update(name="渝东915制造（集团）有限公司")
        client = signed_in(make.reviewer())
        run = make.listed()
        for words in ("９１５", "915", "（集团）"):
            assert "渝东915制造" in text(client.get(run.get_absolute_url(), {"q": words}))

    def test_who_is_excluded_stands_among_those_screened_out_in_every_figure(self, desk):
        gone, left = make.firm(), make.firm()
        run = make.noticed()
        client, by = signed_in(make.reviewer()), make.reviewer()
        order = "SHA-256 排次序"
        assert order not in text(client.get(run.get_absolute_url(), {"tab": "out"}))
        exclude(make.candidate(run, gone), "环保处罚未了", by=by, at=make.now())
        inside = text(client.get(run.get_absolute_url()))
        assert gone.name not in inside[: inside.index('id="acts"')]
        assert re.findall(r"入围\s*<[^>]*>(\d+)|筛除\s*<[^>]*>(\d+)", inside) == [("1", ""), ("", "1")]
        out = text(client.get(run.get_absolute_url(), {"tab": "out"}))
        assert gone.name in out
        assert left.name not in out
        assert f"{by.name}移出：环保处罚未了" in out
        csv = client.get(reverse("desk_enjoy_export", args=[desk, run.pk, "csv"])).content.decode("utf-8-sig")
        (line,) = (line for line in csv.splitlines() if gone.uscc in line)
        assert line.startswith("筛除")

    def test_a_notice_counts_whom_it_lists(self):
        gone, _left = make.firm(), make.firm()
        notice = make.noticed().notice
        exclude(make.candidate(notice.run, gone), "停产", by=make.reviewer(), at=make.now())
        page = text(Client().get(notice.get_absolute_url()))
        assert "1 家企业不用申报" in page
        assert "公示时 2 家，合计 20 万元" in re.sub(r"<[^>]+>", "", page)
        assert gone.name not in page
        listed = text(Client().get(reverse("notices")))
        assert "1 家企业" in listed
        assert "2 家企业" not in listed

    def test_the_last_button_names_the_act_and_the_enterprise(self, desk):
        enterprise = make.firm()
        run = make.listed()
        client = signed_in(make.reviewer())
        one = reverse("desk_enjoy_candidate", args=[desk, run.pk, make.candidate(run).pk])
        assert f"移出名单：{enterprise.name}</button>" in text(client.get(one))
        assert "把关完成，送审定</button>" in text(client.get(run.get_absolute_url()))

    def test_an_objection_to_the_whole_list_is_answered_for_the_whole_list(self):
        make.firm()
        run = make.noticed()
        words = {"name": "李四", "phone": "023-74510000", "text": "标准不对"}
        Client().post(run.notice.get_absolute_url(), words)
        page = text(signed_in(make.reviewer()).get(run.get_absolute_url()))
        assert "答复异议：整份名单" in page
        assert "逐家移出有关企业" in page

    def test_tabs_tell_the_reasons(self):
        make.firm(None), make.firm(8), make.firm(abnormal_list=True)
        run = make.listed()
        client = signed_in(make.reviewer())
        assert "没有企业入围" in text(client.get(run.get_absolute_url()))
        almost = text(client.get(run.get_absolute_url(), {"tab": "almost"}))
        assert "还不知道" in almost
        assert "还差 2 人" in almost
        assert "经营异常名录" in text(client.get(run.get_absolute_url(), {"tab": "out"}))
        assert "没有找到" in text(client.get(run.get_absolute_url(), {"tab": "out", "q": "没有的"}))

    def test_a_candidate_shows_its_evidence_and_what_has_changed(self, desk, transactional_db):
        enterprise = make.firm()
        run = make.listed()
        client = signed_in(make.reviewer())
        at = reverse("desk_enjoy_candidate", args=[desk, run.pk, make.candidate(run).pk])
        page = text(client.get(at))
        assert "20 人" in page
        assert make.candidate(run).digest in page
        assert "情况有变" not in page
        make.hire(enterprise, 3)
        assert "数据更正后不再符合条件" in text(client.get(at))

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_export(self, desk, kind):
        enterprise = make.firm()
        run = make.listed()
        answer = signed_in(make.reviewer()).get(reverse("desk_enjoy_export", args=[desk, run.pk, kind]))
        assert answer.status_code == 200
        if kind == "csv":
            assert enterprise.uscc in answer.content.decode("utf-8-sig")
            assert run.digest in answer.content.decode()

    def test_queries_do_not_grow_with_the_list(self, django_assert_max_num_queries):
        make.firm()
        few = make.listed()
        client = signed_in(make.reviewer())
        client.get(few.get_absolute_url())
        for _number in range(12):
            make.firm()
        many = make.listed(make.version())
        with django_assert_max_num_queries(24):
            client.get(many.get_absolute_url())
        with django_assert_max_num_queries(20):
            client.get(reverse("desk_enjoy", args=[many.item.department_id]))


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


class TestPublic:
    def test_the_notice_stands_beside_those_of_applications(self):
        enterprise = make.firm()
        run = make.noticed()
        page = text(Client().get(reverse("notices")))
        assert run.version.title in page
        assert "1 家企业" in page
        shown = text(Client().get(run.notice.get_absolute_url()))
        assert enterprise.name in shown
        assert enterprise.uscc in shown
        assert run.version.title in text(Client().get(reverse("notices"), {"q": enterprise.name[:6]}))

    def test_anybody_objects_to_one_or_to_all(self):
        enterprise = make.firm()
        run = make.noticed()
        at = run.notice.get_absolute_url()
        words = {"name": "李四", "phone": "023-74510000", "text": "去年停产了"}
        unknown = Client().post(at, words | {"firm": "没有这家"})
        assert unknown.status_code == 422
        assert "名单上没有这家企业" in text(unknown)
        assert Client().post(at, words | {"firm": enterprise.name}).status_code == 302
        assert Client().post(at, words).status_code == 302
        assert [one.candidate and one.candidate.enterprise for one in run.notice.objections.all()] == [
            enterprise,
            None,
        ]
        assert "023-74510000" not in text(Client().get(at))

    def test_who_objects_gets_a_number_and_with_it_and_the_telephone_the_answer(self):
        make.firm()
        run = make.noticed()
        at = run.notice.get_absolute_url()
        sent = Client().post(at, {"name": "李四", "phone": "023-74510000", "text": "去年停产了"})
        objection = run.notice.objections.get()
        month = f"{timezone.localtime(objection.at):%Y-%m}"
        assert objection.number == f"YY-{month}-0001"
        receipt = text(Client().get(sent.url))
        assert objection.number in receipt
        assert "去年停产了" not in receipt
        assert objection.number in text(signed_in(make.reviewer()).get(run.get_absolute_url()))
        for phone, told in (("023-74510001", False), ("023-74510000", True)):
            page = Client().post(sent.url, {"number": objection.number.lower(), "phone": phone})
            assert ("去年停产了" in text(page)) is told
        noticing.answer(objection, "核过，没有停产", upheld=False, by=make.reviewer(), at=make.now())
        page = Client().post(sent.url, {"number": objection.number, "phone": "023-74510000"})
        assert "核过，没有停产" in text(page)

    def test_numbers_in_full_width_are_those_in_plain_digits(self):
        make.firm()
        run = make.noticed()
        at = run.notice.get_absolute_url()
        sent = Client().post(at, {"name": "李四", "phone": "１３８００１３８０００", "text": "去年停产了"})
        objection = run.notice.objections.get()
        assert objection.phone == "13800138000"
        wide = "".join(chr(ord(one) + 0xFEE0) for one in objection.number)
        for number, phone in ((objection.number, "13800138000"), (wide, "１３８００１３８０００")):
            assert "去年停产了" in text(Client().post(sent.url, {"number": number, "phone": phone}))

    def test_a_telephone_kept_in_full_width_before_is_found_as_it_was_typed(self):
        make.firm()
        notice, wide = make.noticed().notice, "１３８００１３８０００"
        notice.objections.create(
            number="YY-2026-01-0001", name="李四", phone=wide, text="去年停产了", at=make.now()
        )
        at = reverse("enjoy_objection", args=[notice.pk])
        assert "去年停产了" in text(Client().post(at, {"number": "YY-2026-01-0001", "phone": wide}))

    def test_the_desk_answers(self):
        enterprise = make.firm()
        make.firm()
        run = make.noticed()
        words = {"name": "李四", "phone": "023-74510000", "text": "去年停产了", "firm": enterprise.name}
        Client().post(run.notice.get_absolute_url(), words)
        client = signed_in(make.reviewer())
        page = text(client.get(run.get_absolute_url()))
        assert "去年停产了" in page
        assert f"成立，把“{enterprise.name}”移出名单" in page
        assert f"答复异议：{enterprise.name}" in page
        at = reverse(
            "desk_enjoy_objection", args=[run.item.department_id, run.pk, run.notice.objections.get().pk]
        )
        client.post(at, {"upheld": "yes", "text": "属实"})
        assert make.candidate(run, enterprise).state == CandidateState.EXCLUDED
        assert enterprise.name not in text(Client().get(run.notice.get_absolute_url()))

    def test_after_its_end_it_says_what_became_of_it(self):
        make.firm()
        run = make.noticed()
        cancel(run, "资金调整", by=make.reviewer(), at=make.now())
        page = text(Client().get(run.notice.get_absolute_url()))
        assert "名单已取消：资金调整" in page
        assert "提交异议" not in page
