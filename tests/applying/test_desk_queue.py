"""The queue of the review desk: what is in which basket, what narrows it, what it costs, who may look."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Region
from policies.models import Application, ReviewDelegation
from policies.reviewing import opinions
from policies.reviewing.desk.rows import PAGE_SIZE, Row
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.money import WAN
from tests.accounts.factories import PostingFactory, UserFactory
from tests.applying import factories as make
from tests.applying.desks import both, queue, shown, signed_in
from tests.applying.factories import now
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.reviewer()


@pytest.fixture
def client(user):
    return signed_in(user)


class TestBaskets:
    def test_each_state_has_its_basket_and_drafts_have_none(self, client):
        make.drafted()
        sent, held = make.sent(), make.reviewing()
        back = make.returned()
        proposed = make.proposed()
        noticed, _notice = make.noticed()
        ended = make.refused()
        assert both(client, "new") == [sent.pk]
        assert both(client, "reviewing") == [held.pk]
        assert both(client, "returned") == [back.pk]
        assert both(client, "proposed") == [proposed.pk]
        assert both(client, "noticed") == [noticed.pk]
        assert both(client, "ended") == [ended.pk]

    def test_a_department_that_was_asked_finds_it_until_it_has_answered(self, client):
        tax = Department.objects.get(code="tax")
        theirs = signed_in(make.reviewer(tax))
        application = make.reviewing()
        assert both(theirs, "asked", tax) == []
        (asked,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        assert both(theirs, "asked", tax) == [application.pk]
        assert both(client, "joint") == [application.pk]
        assert both(theirs, "joint", tax) == []
        opinions.give(asked, "agree", "", by=make.reviewer(tax), at=now())
        assert both(theirs, "asked", tax) == []

    def test_mine_are_those_i_review(self, client, user):
        mine = make.reviewing(by=user)
        make.reviewing()
        assert both(client, "mine") == [mine.pk]

    def test_overdue_is_what_an_official_lets_wait_not_the_enterprise_nor_a_notice(self, client):
        late = make.sent()
        returned = make.returned()
        noticed, _notice = make.noticed()
        for one in (late, returned, noticed):
            one.clocks.filter(met_at=None).update(
                started_at=now() - dt.timedelta(days=9),
                warn_at=now() - dt.timedelta(days=2),
                due_at=now() - dt.timedelta(days=1),
            )
        assert both(client, "overdue") == [late.pk]
        (row,) = queue(client, basket="overdue").context["slice"].rows
        assert (row.state, row.words) == ("late", "受理超 24 小时")
        (row,) = queue(client, basket="noticed").context["slice"].rows
        assert (row.state, row.words) == ("due", "公示期满")

    def test_an_opinion_that_is_late_is_overdue_where_it_was_asked_for_and_not_where_it_is_waited_for(
        self, client
    ):
        tax = Department.objects.get(code="tax")
        theirs = signed_in(make.reviewer(tax))
        application = make.reviewing()
        opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        application.clocks.filter(target="opinion").update(
            started_at=now() - dt.timedelta(days=9),
            warn_at=now() - dt.timedelta(days=2),
            due_at=now() - dt.timedelta(days=1),
        )
        assert both(client, "overdue") == []
        assert both(theirs, "overdue", tax) == [application.pk]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, None, "由主管部门核定"),
        (None, None, ""),
        (0, 0, "0 元"),
        (0, WAN, "最高 1 万元"),
        (WAN, None, "不低于 1 万元"),
    ],
)
def test_no_figure_is_not_at_least_nothing(low, high, words):
    assert Row(Application(), None, (low, high), now(), reads_inner=True).amount == words


class TestFinding:
    def test_by_number_name_and_credit_code_in_every_basket(self, client):
        first, second = make.sent(), make.reviewing()
        for words in (first.number, first.number[:-1].lower(), first.enterprise.name, first.enterprise.uscc):
            assert first.pk in shown(client, "ended", q=words)
        assert shown(client, "new", q=second.enterprise.uscc.lower()) == [second.pk]
        assert shown(client, "new", q="没有这家企业") == []

    def test_by_a_part_of_a_credit_code_in_either_case(self, client):
        first, _second = make.sent(), make.sent()
        for part in (first.enterprise.uscc[-8:], first.enterprise.uscc[6:].lower()):
            assert shown(client, "ended", q=f" {part} ") == [first.pk]

    def test_by_item_reviewer_town_and_amount(self, client, user):
        version = make.version()
        first = make.reviewing(version, by=user)
        make.reviewing()
        assert shown(client, "reviewing", item=version.item_id) == [first.pk]
        assert shown(client, "reviewing", reviewer=user.pk) == [first.pk]
        assert len(shown(client, "reviewing", least="20", most="20")) == 2
        assert shown(client, "reviewing", least="20.01") == []
        town = first.enterprise.region_id[:9]
        assert len(shown(client, "reviewing", town=town)) == 2
        elsewhere = Region.objects.filter(parent="500231").exclude(code=town).first()
        assert shown(client, "reviewing", town=elsewhere.code) == []

    @pytest.mark.parametrize("name", ["item", "reviewer", "town", "least", "most", "after"])
    @pytest.mark.parametrize("value", ["x", "-1", "²", "9" * 30, "1e999", "NaN"])
    def test_what_cannot_be_meant_narrows_nothing(self, client, name, value):
        make.sent()
        assert queue(client, basket="new", **{name: value}).status_code == 200

    def test_pages_stay_where_they_are(self, client, monkeypatch):
        monkeypatch.setattr("policies.reviewing.desk.rows.PAGE_SIZE", 2)
        version = make.version()
        sent = [make.sent(version).pk for _number in range(3)]
        first = queue(client, basket="new").context["slice"]
        assert [row.application.pk for row in first.rows] == sent[:2]
        assert shown(client, "new", after=first.after) == sent[2:]


class TestWho:
    @pytest.mark.parametrize("role", [Role.EDITOR, Role.HANDLER, Role.DISPATCHER])
    def test_other_roles_have_no_review_desk(self, role):
        official = PostingFactory(department=economy(), role=role).user
        assert queue(signed_in(official)).status_code == 404

    def test_a_reviewer_of_another_department_has_none_here(self):
        tax = Department.objects.get(code="tax")
        assert queue(signed_in(make.reviewer(tax))).status_code == 404

    def test_a_leader_has_one(self):
        assert queue(signed_in(make.leader())).status_code == 200

    def test_who_stands_in_has_one_as_long_as_that_lasts(self, user):
        today = timezone.localdate()
        other = UserFactory()
        given = {"department": economy(), "away": user, "substitute": other, "first_day": today}
        delegation = ReviewDelegation.objects.create(**given, last_day=today)
        page = queue(signed_in(other))
        assert page.status_code == 200
        assert "申报审核" in page.content.decode()
        yesterday = today - dt.timedelta(days=1)
        ReviewDelegation.objects.filter(pk=delegation.pk).update(first_day=yesterday, last_day=yesterday)
        assert queue(signed_in(other)).status_code == 404

    def test_a_reviewer_who_stands_in_for_the_leader_leads(self, user, client):
        application, tax = make.reviewing(by=user), Department.objects.get(code="tax")
        opinions.consult(application, {tax: "核发票"}, by=user, at=now())
        page = reverse("desk_application", args=[economy().pk, application.number])

        def steps():
            return {name for name, _step, _form in client.get(page).context["steps"]}

        assert "recall" not in steps()
        today = timezone.localdate()
        given = {"department": economy(), "substitute": user, "first_day": today, "last_day": today}
        ReviewDelegation.objects.create(**given, away=make.leader())
        assert "recall" in steps()

    def test_who_only_stands_in_finds_the_desk_in_the_chooser_and_what_is_done_there(self):
        tax = Department.objects.get(code="tax")
        colleague = make.reviewer(tax)
        theirs = signed_in(colleague)
        today = timezone.localdate()
        given = {"department": economy(), "first_day": today, "last_day": today}
        assert theirs.get(reverse("desk", args=[economy().pk])).status_code == 404
        ReviewDelegation.objects.create(**given, away=make.reviewer(), substitute=colleague)
        chooser = theirs.get(reverse("desks"))
        assert set(chooser.context["page"]) == {tax, economy()}
        answer = theirs.get(reverse("desk", args=[economy().pk]))
        assert answer.url == reverse("desk_applications", args=[economy().pk])
        editor = PostingFactory(department=tax, role=Role.EDITOR).user
        assert "工单台" not in signed_in(editor).get(reverse("home")).content.decode()
        ReviewDelegation.objects.create(**given, away=make.reviewer(), substitute=editor)
        assert "工单台" in signed_in(editor).get(reverse("home")).content.decode()

    def test_nobody_is_sent_to_sign_in(self):
        assert "/accounts/login/" in queue(Client()).url

    def test_the_desk_of_who_only_reviews_is_this_one(self, client):
        answer = client.get(reverse("desk", args=[economy().pk]))
        assert answer.url == reverse("desk_applications", args=[economy().pk])
        home = client.get(reverse("home")).content.decode()
        assert "工单台" in home


def test_the_queue_takes_few_queries_however_long_it_is(client, django_assert_max_num_queries):
    version = make.version()
    for _number in range(4):
        make.sent(version)
    queue(client)
    with django_assert_max_num_queries(16):  # one for the calendar of working days
        queue(client, basket="new")
    with django_assert_max_num_queries(19):
        queue(client, basket="new", filter="1")


def test_a_page_holds_twenty():
    assert PAGE_SIZE == 20
