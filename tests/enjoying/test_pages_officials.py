"""Pages of lists for officials: what each shows, what is refused and said, how many queries it takes."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from policies.enjoying.confirming import exclude
from policies.models import EnjoyRun
from policies.models.enjoying.vocabulary import RunState
from portal.accounts.models import Department
from tests.applying.desks import signed_in
from tests.applying.pages import text
from tests.enjoying import factories as make
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return policies.economy().pk


def steps(page: str) -> set[str]:
    return set(re.findall(r'id="step-(\w+)"', page))


class TestDesk:
    def test_the_list_says_what_to_do_when_it_is_empty(self, desk):
        page = text(signed_in(make.reviewer()).get(reverse("desk_enjoy", args=[desk])))
        assert "没有正在办的名单" in page
        assert "本部门没有正在执行的免申即享" in page
        assert "选一项政策开始筛选" not in page
        make.version()
        page = text(signed_in(make.reviewer()).get(reverse("desk_enjoy", args=[desk])))
        assert "选一项政策开始筛选" in page

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
