"""What an enterprise sees of what it sent, its list, the places that lead there, and its rating."""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies.applying import drafts, sending
from policies.applying.pages.waiting import unrated
from policies.models import AmendmentPoint, Application, ApplicationRating
from policies.reviewing import opinions
from portal.accounts.models import Department
from tests.applying import factories as make
from tests.applying.pages import login, text
from tests.applying.test_pages_form import asked
from tests.enterprises.factories import actor_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


def cheap(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    assert len(asked(captured)) <= MOST_QUERIES, [sql[:100] for sql in asked(captured)]
    return text(answer)


def noticed():
    return make.noticed()[0]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (make.sent, "正在等主管部门受理"),
        (make.reviewing, "正在审核"),
        (make.proposed, "正在等负责人审定"),
        (noticed, "正在公示"),
        (make.approved, "已通过"),
        (make.refused, "没有获得支持"),
    ],
)
def test_each_state_in_words_and_cheap(client, made, words):
    application = made()
    login(client, application)
    page = cheap(client, application.get_absolute_url())
    assert words in page
    assert application.evidence.get().digest in page
    assert application.files.get().digest in page
    assert 'aria-current="step"' in page or application.decided_at


def test_a_joint_review_keeps_the_departments_words_to_itself(client):
    application = make.reviewing()
    tax = Department.objects.get(code="tax")
    opinions.consult(application, {tax: "核发票真伪"}, by=application.reviewer, at=make.now())
    login(client, application)
    page = text(client.get(application.get_absolute_url()))
    assert "一起核对" in page
    assert "核发票真伪" not in page


def test_a_proposal_is_not_told_before_the_decision(client):
    application = make.proposed("refuse")
    login(client, application)
    page = text(client.get(application.get_absolute_url()))
    assert "设备不在目录内" not in page
    assert "公示</li>" not in page or "不予支持" not in page


def test_a_refusal_says_clause_reason_and_how_to_contest_it(client):
    application = make.refused()
    login(client, application)
    page = text(client.get(application.get_absolute_url()))
    for words in (
        "第三条",
        "设备不在目录内",
        "六十日内",
        "行政复议",
        "六个月",
        f"/e/{application.enterprise_id}/appeals/new/",
    ):
        assert words in page


def test_a_refusal_is_contested_without_typing_its_number_again(client):
    application = make.refused()
    login(client, application)
    page = text(client.get(application.get_absolute_url()))
    (address,) = re.findall(r'href="([^"]*/appeals/new/[^"]*)"', page)
    form = client.get(html.unescape(address)).context["form"]
    assert application.number in form["title"].value()
    for words in (application.number, application.version.title, application.item.department.name):
        assert words in form["text"].value()
    assert "条件达到后再报" not in page


@pytest.mark.parametrize("made", [make.proposed, noticed])
def test_what_is_reviewed_has_no_time_left_to_be_reviewed(client, made):
    application = made()
    login(client, application)
    page = text(client.get(application.get_absolute_url()))
    assert "前审核完" not in page
    assert ("前审定" in page) is (application.state == "proposed")


def test_a_receipt_on_paper_says_the_day_and_folds_nothing(client):
    application = make.returned()
    AmendmentPoint.objects.update(reply="章在第二页")
    sending.send(application, make.actor_for(application), at=make.now())
    login(client, application)
    page = text(client.get(f"{application.get_absolute_url()}receipt/"))
    assert "今天" not in page.partition("<article")[2].partition("</article>")[0]
    assert '<details class="more" open>' in page
    assert "章在第二页" in page


def test_the_receipt_holds_digests_and_a_draft_has_none(client):
    application = make.sent()
    login(client, application)
    page = cheap(client, f"{application.get_absolute_url()}receipt/")
    assert "申报回执" in page
    assert application.evidence.get().digest in page
    draft = make.drafted(application.version, actor_of())
    login(client, draft)
    assert client.get(f"{draft.get_absolute_url()}receipt/").url == draft.get_absolute_url()


def test_withdrawn_with_a_reason_and_only_while_it_may_be(client):
    application = make.sent()
    login(client, application)
    base = application.get_absolute_url()
    assert "请写明撤回原因" in text(client.post(f"{base}withdraw/", {"reason": " "}, follow=True))
    assert "您已撤回" in text(client.post(f"{base}withdraw/", {"reason": "改明年"}, follow=True))
    application.refresh_from_db()
    assert application.state == "withdrawn"
    own = f"/e/{application.enterprise_id}/policies/{application.item.code}/"
    assert f'action="{own}apply/"' in text(client.get(own))
    done = make.approved()
    login(client, done)
    client.post(f"{done.get_absolute_url()}withdraw/", {"reason": "x"})
    done.refresh_from_db()
    assert done.state == "approved"


class TestRating:
    def test_once_after_the_decision(self, client):
        application = make.approved()
        login(client, application)
        base = application.get_absolute_url()
        assert 'name="stars"' in text(client.get(base))
        client.post(f"{base}rate/", {"stars": "4", "comment": "很快"})
        page = text(client.post(f"{base}rate/", {"stars": "1"}, follow=True))
        assert "已经评价过" in page
        assert "很快" in page
        rating = ApplicationRating.objects.get()
        assert (rating.stars, rating.by) == (4, application.enterprise.memberships.get().user)

    @pytest.mark.parametrize("stars", ["", "0", "6", "-1", "x", "9" * 18])
    def test_stars_that_are_none(self, client, stars):
        application = make.refused()
        login(client, application)
        answer = client.post(f"{application.get_absolute_url()}rate/", {"stars": stars}, follow=True)
        assert "请评一至五星" in text(answer)
        assert not ApplicationRating.objects.exists()

    def test_not_before(self, client):
        application = make.reviewing()
        login(client, application)
        answer = client.post(f"{application.get_absolute_url()}rate/", {"stars": "5"}, follow=True)
        assert "办结后才能评价" in text(answer)


class TestTheList:
    def test_tabs_search_and_empty_states(self, client):
        actor = actor_of()
        client.force_login(actor.user)
        base = f"/e/{actor.enterprise.pk}/applications/"
        assert "还没有申报过" in text(client.get(base))
        draft = make.drafted(make.version(title="甲项奖励"), actor)
        sent = make.sent(make.version(title="乙项奖励"), actor)
        theirs = make.drafted(make.version(title="丙项奖励"))
        page = text(client.get(base))
        assert draft.number in page
        assert sent.number not in page
        assert sent.number in text(client.get(f"{base}?tab=open"))
        assert "这一类没有申报" in text(client.get(f"{base}?tab=closed"))
        found = text(client.get(f"{base}?tab=all&q=乙项"))
        assert sent.number in found
        assert draft.number not in found
        assert "没有找到" in text(client.get(f"{base}?tab=all&q=丙项"))
        assert theirs.number not in text(client.get(f"{base}?tab=all"))

    def test_pages_are_cheap_however_many(self, client):
        application = make.sent()
        login(client, application)
        for _ in range(25):
            copy = Application.objects.get(pk=application.pk)
            copy.pk, copy.state, copy.period, copy.submitted_at = None, "draft", 2000 + _, None
            copy.number = f"SB-T-{_}"
            copy.save()
        base = f"/e/{application.enterprise_id}/applications/"
        page = cheap(client, f"{base}?tab=all")
        assert "下一页" in page
        assert application.number in text(client.get(f"{base}?tab=all&page=2"))


class TestPlaces:
    def test_it_is_in_the_navigation_and_a_phone_shows_five(self, client):
        actor = actor_of()
        client.force_login(actor.user)
        shell = client.get(f"/e/{actor.enterprise.pk}/applications/").context["shell"]
        assert ("我的申报", True) in [(place.label, place.current) for place in shell.nav]
        assert [place.label for place in shell.tabbar] == ["首页", "我的政策", "我的申报", "资金贷款", "诉求"]

    def test_home_shows_what_waits_and_no_longer_what_is_begun(self, client):
        today = timezone.localdate()
        soon = make.version(title="快截止的", window_to=today + dt.timedelta(days=5))
        actor = actor_of()
        client.force_login(actor.user)
        home = f"/e/{actor.enterprise.pk}/"
        titles = [todo.title for todo in client.get(home).context["todos"]]
        assert any("快截止的" in title for title in titles)
        drafts.start(actor, soon, at=make.now())
        make.drafted(make.version(title="不急的"), actor)
        make.returned(make.sent(make.version(title="要补的"), actor))
        titles = [todo.title for todo in client.get(home).context["todos"]]
        mine = [title for title in titles if "不急的" in title or "快截止的" in title or "要补的" in title]
        assert mine == ["填完并提交“快截止的”的申报", "补正“要补的”的申报"]

    def test_home_asks_how_it_was_until_it_is_said_or_a_month_has_gone(self, client):
        application = make.refused()
        login(client, application)
        home = f"/e/{application.enterprise_id}/"
        words, title = (application.version.title, f"评价“{application.version.title}”的办理")

        def asks():
            return [todo for todo in client.get(home).context["todos"] if todo.title == title]

        (todo,) = asks()
        assert (todo.url, todo.when) == (f"{application.get_absolute_url()}#rating", "待评价"), words
        today = timezone.localdate()
        actor = make.actor_for(application)
        assert list(unrated(actor, today + dt.timedelta(days=30))) == [application]
        assert not unrated(actor, today + dt.timedelta(days=31))
        ApplicationRating.objects.create(application=application, stars=4, by=None)
        assert asks() == []


def test_the_decision_letter_is_had_after_the_decision_by_its_own(client):
    application = make.refused()
    login(client, application)
    base = application.get_absolute_url()
    assert f"{base}letter/" in text(client.get(base))
    answer = client.get(f"{base}letter/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    early = make.reviewing(application.version)
    assert client.get(f"{early.get_absolute_url()}letter/").status_code == 404
    login(client, early)
    assert client.get(f"{early.get_absolute_url()}letter/").url == early.get_absolute_url()


def test_my_policies_name_what_is_applied_for_already(client):
    application = make.sent()
    other = make.version(title="没有申报的")
    login(client, application)
    own = f"/e/{application.enterprise_id}/policies/"
    page = "".join(text(client.get(f"{own}?tab={tab}")) for tab in ("fits", "open", "needs"))
    assert f'href="{application.get_absolute_url()}">申报：待受理</a>' in page
    assert other.title in page
    assert page.count("申报：待受理") == 1
