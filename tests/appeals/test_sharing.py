"""Shared problems at the desk: suggested, chosen, joined; what the lead gets reaches every enterprise."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals import handling, intake
from appeals.dispatching import Target, dispatch
from appeals.enums import Outcome, Secrecy
from appeals.models import Appeal, OrderEvent, SharedProblem
from appeals.sharing.problems import candidates, members, more_like, searched, suggestions
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.messages import told
from tests.clients import signed_in

pytestmark = pytest.mark.django_db
TEXTS = [
    ("园区路灯不亮", "工业园区三号路的路灯坏了一个多星期，夜班工人下班不安全，希望尽快维修。"),
    ("夜间路灯坏了没人修", "我们厂门口到三号路一段路灯不亮，员工夜班骑车摔过，请安排维修路灯。"),
    ("三号路没有路灯", "晚上三号路路灯不亮，货车司机看不清，请维修路灯。"),
]


@pytest.fixture
def centre():
    return DepartmentFactory(short_name="企业服务中心")


@pytest.fixture
def user(centre):
    return make.official(Role.DISPATCHER, centre)


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def lights():
    return DepartmentFactory(short_name="县经信委")


def filed(number=3, **fields):
    return [make.file(title=title, text=text, **fields) for title, text in TEXTS[:number]]


def page(client, centre, **query):
    return client.get(reverse("desk_shared", args=[centre.pk]), query)


def post(client, centre, appeals, title="三号路路灯"):
    data = {"appeals": [appeal.pk for appeal in appeals], "title": title}
    return client.post(reverse("desk_share", args=[centre.pk]), data)


class TestSuggested:
    def test_alike_appeals_stand_as_one_group_with_what_they_share(self, client, centre, user):
        alike = filed()
        make.file(title="贷款利率太高", text="银行利率将近六个点，有没有贴息。")
        [group] = suggestions(user)
        assert [line.appeal for line in group.lines] == alike
        assert group.enterprises == 3
        assert any("路灯" in word for word in group.words)
        text = page(client, centre).content.decode()
        assert all(appeal.number in text for appeal in alike)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda appeal: Appeal.objects.filter(pk=appeal.pk).update(about=DepartmentFactory()),
            lambda appeal: Appeal.objects.filter(pk=appeal.pk).update(secrecy=Secrecy.CONFIDENTIAL),
            lambda appeal: intake.refuse(appeal, "请找物业。", by=None),
        ],
    )
    def test_complaints_secrets_and_ended_ones_are_left_out(self, user, spoil):
        first, second = filed(2)
        spoil(second)
        assert list(candidates(user)) == [first]
        assert suggestions(user) == []

    def test_what_is_shared_already_is_not_suggested_again(self, user):
        intake.share(filed(), "路灯", by=None)
        assert suggestions(user) == []

    def test_empty_and_searched(self, client, centre, user):
        assert "没有发现说同一件事的诉求" in page(client, centre).content.decode()
        appeals = filed(1)
        assert [line.appeal for line in searched(user, "三号路")] == appeals
        assert [line.appeal for line in searched(user, appeals[0].number.lower())] == appeals
        assert searched(user, " ") == []
        assert "没有找到" in page(client, centre, q="鎏金孔雀翎").content.decode()
        assert appeals[0].number in page(client, centre, q="路灯").content.decode()

    def test_the_desk_reads_who_is_waited_for(self, client, centre):
        intake.ask_back(filed(1)[0], "哪一段路？", by=None)
        text = page(client, centre, q="路灯").content.decode()
        assert "待企业补充" in text
        assert "待您补充" not in text

    def test_few_queries_however_many_appeals(self, client, centre, django_assert_max_num_queries):
        for _time in range(4):
            filed()
        page(client, centre)
        with django_assert_max_num_queries(12):  # with the SET TRANSACTION of every page
            page(client, centre)


class TestCreate:
    def test_those_chosen_become_one_and_all_are_told(self, client, centre):
        first, second, left = filed()
        answer = post(client, centre, [second, first])
        problem = SharedProblem.objects.get()
        assert answer.url == reverse("desk_problem", args=[centre.pk, problem.pk])
        assert (problem.title, problem.lead) == ("三号路路灯", first)
        assert set(problem.appeals.all()) == {first, second}
        for appeal in (first, second):
            assert told(appeal.enterprise.mailbox)[-1] == "您反映的问题已列为共性问题，统一办理"
        assert "共性问题" not in "".join(told(left.enterprise.mailbox))

    def test_one_alone_no_title_and_nothing_are_refused_beside_the_form(self, client, centre):
        first, second, _third = filed()
        for appeals, title, words in [
            ([first], "路灯", "至少选择两件"),
            ([first, second], " ", "请写明共性问题的标题"),
            ([], "路灯", "请勾选诉求"),
        ]:
            answer = post(client, centre, appeals, title)
            assert answer.status_code == 422
            assert words in answer.content.decode()
        assert not SharedProblem.objects.exists()

    def test_what_was_answered_meanwhile_is_refused(self, client, centre, lights):
        first, _second, _third = filed()
        done = make.answered(lights)
        answer = post(client, centre, [first, done.appeal])
        assert answer.status_code == 422
        assert "请刷新页面重选" in answer.content.decode()

    @pytest.mark.parametrize("value", ["x", "9" * 31, "-1", "²"])
    def test_nonsense_is_refused(self, client, centre, value):
        answer = client.post(reverse("desk_share", args=[centre.pk]), {"appeals": [value], "title": "x"})
        assert answer.status_code == 422

    def test_only_a_dispatcher_shares_the_desk_looks_and_others_do_not(self, centre, lights):
        appeals = filed()
        supervisor = signed_in(make.official(Role.SUPERVISOR, centre))
        assert page(supervisor, centre).status_code == 200
        assert "列为共性问题</button>" not in page(supervisor, centre).content.decode()
        assert post(supervisor, centre, appeals).status_code == 404
        handler = signed_in(make.official(Role.HANDLER, lights))
        assert page(handler, lights).status_code == 404

    def test_of_a_complaint_about_ones_own_department_nothing_is_seen(self, client, centre):
        appeals = filed(2)
        problem = intake.share(appeals, "路灯", by=None)
        Appeal.objects.filter(pk=problem.lead_id).update(about=centre)
        assert client.get(reverse("desk_problem", args=[centre.pk, problem.pk])).status_code == 404
        assert problem.title not in page(client, centre, tab="shared").content.decode()


class TestJoin:
    def test_a_later_one_goes_where_the_lead_is(self, client, centre, user, lights):
        first, second = filed(2)
        problem = intake.share([first, second], "路灯", by=None)
        dispatch(make.lead(first), Target(lights), by=None)
        handling.accept(make.lead(first), by=None)
        third = make.file(title=TEXTS[2][0], text=TEXTS[2][1])
        assert [line.appeal for line in more_like(problem, user)] == [third]
        answer = client.post(
            reverse("desk_problem_add", args=[centre.pk, problem.pk]), {"appeals": [third.pk]}
        )
        assert answer.status_code == 302
        assert [appeal for appeal, _order in members(problem)] == [first, second, third]
        order = make.lead(third)
        assert (order.department, order.state) == (lights, "handling")
        assert any("共性问题" in title for title in told(third.enterprise.mailbox))
        assert told(first.enterprise.mailbox).count("您反映的问题已列为共性问题，统一办理") == 1

    def test_an_answered_problem_takes_no_more(self, client, centre, lights):
        appeals = filed(2)
        problem = intake.share(appeals, "路灯", by=None)
        dispatch(make.lead(appeals[0]), Target(lights), by=None)
        handling.accept(make.lead(appeals[0]), by=None)
        handling.answer(make.lead(appeals[0]), Outcome.SOLVED, "修好了", by=None)
        with pytest.raises(DomainError, match="已答复"):
            intake.join(problem, filed(1), by=None)
        later = filed(1)
        answer = client.post(
            reverse("desk_problem_add", args=[centre.pk, problem.pk]), {"appeals": [later[0].pk]}
        )
        assert answer.status_code == 422
        assert "请另列一个" in answer.content.decode()

    def test_nothing_and_what_is_shared_already_are_refused(self):
        problem = intake.share(filed(2), "路灯", by=None)
        other = intake.share(filed(2), "别处路灯", by=None)
        with pytest.raises(DomainError, match="勾选"):
            intake.join(problem, [], by=None)
        with pytest.raises(DomainError, match="另一个共性问题"):
            intake.join(problem, [other.lead], by=None)


class TestProgress:
    @pytest.fixture
    def shared(self, lights):
        appeals = filed()
        problem = intake.share(appeals, "路灯", by=None)
        dispatch(make.lead(appeals[0]), Target(lights), by=None)
        handling.accept(make.lead(appeals[0]), by=None)
        return problem

    def test_public_progress_reaches_every_enterprise_and_internal_words_nobody(self, shared):
        lead = make.lead(shared.lead)
        handling.note(lead, "灯具已下单，周五换。", by=None, public=True)
        handling.note(lead, "供应商涨价", by=None)
        for appeal in shared.appeals.all():
            assert told(appeal.enterprise.mailbox)[-1] == "您的诉求有新进展"
            notes = OrderEvent.objects.filter(subject__appeal=appeal, name="note", public=True)
            assert [note.comment for note in notes] == ["灯具已下单，周五换。"]
        assert OrderEvent.objects.filter(comment="供应商涨价").count() == 1

    def test_progress_of_a_follower_stays_its_own(self, shared):
        follower = shared.appeals.exclude(pk=shared.lead_id).first()
        handling.note(make.lead(follower), "您厂门口的先修。", by=None, public=True)
        assert OrderEvent.objects.filter(comment="您厂门口的先修。").count() == 1

    def test_the_answer_and_a_kept_promise_reach_every_enterprise(self, shared):
        day = timezone.localdate() + dt.timedelta(days=5)
        lead = make.lead(shared.lead)
        handling.answer(lead, Outcome.PROMISED, "五天内修好。", by=None, promise=("修灯", day))
        handling.note(make.lead(shared.lead), "工人已进场。", by=None, public=True)
        handling.keep_promise(make.lead(shared.lead).promises.get(), "都亮了", by=None)
        for appeal in shared.appeals.all():
            order = make.lead(appeal)
            assert order.answers.get().text == "五天内修好。"
            assert order.promises.get().kept_note == "都亮了"
            assert order.events.filter(comment="工人已进场。").exists()

    def test_the_order_page_shows_the_card(self, client, centre, shared, lights):
        follower = shared.appeals.exclude(pk=shared.lead_id).first()
        text = client.get(reverse("desk_order", args=[centre.pk, make.lead(follower).pk])).content.decode()
        assert "3 家企业反映同样的问题" in text
        assert reverse("desk_problem", args=[centre.pk, shared.pk]) in text
        assert reverse("desk_order", args=[centre.pk, make.lead(shared.lead).pk]) in text
        handler = signed_in(make.official(Role.HANDLER, lights))
        text = handler.get(
            reverse("desk_order", args=[lights.pk, make.lead(shared.lead).pk])
        ).content.decode()
        assert "本件牵头" in text
        assert "/shared/" not in text

    def test_a_merged_appeal_points_to_the_other(self, client, centre):
        firm = make.EnterpriseFactory()
        first, second = make.file(firm), make.file(firm)
        order = make.lead(second)
        intake.merge(second, first, by=None)
        text = client.get(reverse("desk_order", args=[centre.pk, order.pk])).content.decode()
        assert reverse("desk_order", args=[centre.pk, make.lead(first).pk]) in text

    def test_the_pages_of_problems(self, client, centre, shared, django_assert_max_num_queries):
        text = page(client, centre, tab="shared").content.decode()
        assert "3 家企业 3 件" in text
        assert "3 件在办" in text
        address = reverse("desk_problem", args=[centre.pk, shared.pk])
        client.get(address)
        with django_assert_max_num_queries(16):  # with the SET TRANSACTION of every page
            text = client.get(address).content.decode()
        assert all(appeal.enterprise.name in text for appeal in shared.appeals.all())
        with django_assert_max_num_queries(13):
            page(client, centre, tab="shared")
