"""The inbox: what is in which basket, its pages, what is found, what it costs, who may look."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appeals import surveying
from appeals.desk.baskets import Moment, counts
from appeals.dispatching import Target, dispatch, open_grab, return_order
from appeals.enums import Satisfaction
from appeals.intake import ask_back, share
from appeals.models import OrderClock, WorkOrder
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals.factories import (
    CategoryFactory,
    answered,
    dispatched,
    file,
    handling,
    lead,
    officer_with_user,
    official,
)
from tests.clients import signed_in
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


def inbox(desk, centre, **query):
    return desk.get(reverse("desk_inbox", args=[centre.pk]), query)


def shown(desk, centre, basket, **query):
    answer = inbox(desk, centre, basket=basket, **query)
    assert answer.status_code == 200
    return [row.order.pk for row in answer.context["slice"].rows]


def count(desk, centre, basket):
    groups = inbox(desk, centre).context["groups"]
    return next(number for group in groups for one, number, _words in group if one.key == basket)


def both(desk, centre, basket):
    """What is listed; the count must say the same."""
    found = shown(desk, centre, basket)
    assert count(desk, centre, basket) == len(found)
    return found


def overdue(order, target, days=1):
    OrderClock.objects.filter(order=order, target=target, met_at=None).update(
        started_at=timezone.now() - dt.timedelta(days=days + 2),
        warn_at=timezone.now() - dt.timedelta(days=days + 1),
        due_at=timezone.now() - dt.timedelta(days=days),
    )


class TestBaskets:
    def test_new_holds_what_waits_but_not_what_the_enterprise_was_asked(self, desk, centre):
        waiting, asked = file(), file()
        ask_back(asked, "哪一段路？", by=None)
        dispatched()
        assert both(desk, centre, "new") == [lead(waiting).pk]

    def test_the_oldest_new_one_comes_first(self, desk, centre):
        orders = [lead(file()).pk for _number in range(3)]
        assert both(desk, centre, "new") == orders

    def test_unclaimed_holds_what_was_offered_and_what_is_in_the_hall(self, desk, centre):
        offered = dispatched()
        opened = lead(file(category=CategoryFactory(market=True)))
        open_grab(opened, by=None)
        handling()
        assert both(desk, centre, "unclaimed") == [offered.pk, opened.pk]

    def test_returned_holds_the_mediators_too(self, desk, centre):
        first, second = dispatched(), dispatched()
        return_order(first, "不归我们", DepartmentFactory(), by=None)
        return_order(second, "不归我们", DepartmentFactory(), by=None)
        dispatch(second, Target(DepartmentFactory()), by=None)
        return_order(second, "也不归我们", DepartmentFactory(), by=None)
        assert second.state == "mediation"
        assert both(desk, centre, "returned") == [first.pk, second.pk]

    def test_overdue_lists_an_order_once_however_many_of_its_clocks_are_late(self, desk, centre):
        order, later = dispatched(), dispatched()
        overdue(order, "accept", 1)
        overdue(order, "single", 3)
        overdue(later, "accept", 2)
        assert both(desk, centre, "overdue") == [order.pk, later.pk]

    def test_a_clock_that_stands_still_or_was_met_is_not_overdue(self, desk, centre):
        asked, met = file(), dispatched()
        ask_back(asked, "哪一段路？", by=None)
        overdue(lead(asked), "receive")
        overdue(met, "accept")
        OrderClock.objects.filter(order=met).update(met_at=timezone.now())
        assert both(desk, centre, "overdue") == []

    def test_waiting_for_the_enterprises_opinion_is_nobodys_delay(self, desk, centre):
        order = answered()
        overdue(order, "survey")
        assert both(desk, centre, "overdue") == []

    def test_due_today_is_what_ends_today_and_is_not_late_yet(self, desk, centre):
        today, late, tomorrow = dispatched(), dispatched(), dispatched()
        end = timezone.localtime().replace(hour=23, minute=59, second=59, microsecond=999999)
        start = timezone.now() - dt.timedelta(hours=1)
        OrderClock.objects.update(started_at=start, warn_at=start, due_at=end + dt.timedelta(days=1))
        OrderClock.objects.filter(order=today, target="accept").update(due_at=end)
        overdue(late, "accept")
        assert tomorrow.pk not in both(desk, centre, "due")
        assert shown(desk, centre, "due") == [today.pk]

    def test_dissatisfied_once_and_twice(self, desk, centre):
        department = DepartmentFactory()
        officer_with_user(department, rank=4)
        order = answered(department)
        surveying.survey(order, Satisfaction.DISSATISFIED, False, "没修好", by=None)
        again = lead(order.appeal)
        assert again.pk != order.pk
        assert both(desk, centre, "once") == [again.pk]
        assert both(desk, centre, "twice") == []
        WorkOrder.objects.filter(pk=again.pk).update(state="handling")
        WorkOrder.objects.filter(pk=again.pk).update(state="answered", answered_at=timezone.now())
        again.refresh_from_db()
        surveying.survey(again, Satisfaction.DISSATISFIED, False, "还是没修好", by=None)
        supervised = order.appeal.orders.get(kind="supervision")
        assert both(desk, centre, "once") == []
        assert both(desk, centre, "twice") == [supervised.pk]
        assert both(desk, centre, "supervised") == [supervised.pk]

    def test_a_shared_problem_is_one_card(self, desk, centre):
        appeals = [file(), file(), file()]
        share(appeals, "路灯", by=None)
        assert both(desk, centre, "shared") == [lead(appeals[0]).pk]

    def test_all_open_ends_with_the_answer_and_closed_today_begins_with_the_close(self, desk, centre):
        order = answered()
        assert both(desk, centre, "open") == []
        surveying.survey(order, Satisfaction.SATISFIED, True, "", by=None)
        assert both(desk, centre, "closed") == [order.pk]

    def test_mine_is_what_i_gave_out_and_is_not_done(self, desk, centre, dispatcher):
        order, other = lead(file()), lead(file())
        dispatch(order, Target(DepartmentFactory()), by=dispatcher)
        dispatch(other, Target(DepartmentFactory()), by=official(Role.DISPATCHER))
        assert both(desk, centre, "mine") == [order.pk]

    def test_counts_stop_where_nobody_reads_on(self, desk, centre, monkeypatch):
        monkeypatch.setattr("appeals.desk.baskets.MOST", 2)
        monkeypatch.setattr("appeals.desk.inbox.MOST", 2)
        for _number in range(4):
            file()
        assert "2+" in inbox(desk, centre).content.decode()

    def test_the_statement_written_once_counts_for_others_and_on_other_days(self, centre, dispatcher):
        other, now = official(Role.DISPATCHER, centre), timezone.now()
        order = dispatched()
        dispatch(lead(file()), Target(DepartmentFactory()), by=dispatcher)
        OrderClock.objects.update(started_at=now - dt.timedelta(days=9), warn_at=now, due_at=now)
        OrderClock.objects.exclude(order=order).delete()
        rows = WorkOrder.objects.visible_to(dispatcher)
        mine, theirs = counts(rows, Moment.of(dispatcher, now)), counts(rows, Moment.of(other, now))
        assert (mine["mine"], mine["handed_out"], mine["overdue"]) == (1, 1, 1)
        assert (theirs["mine"], theirs["handed_out"], theirs["overdue"]) == (0, 0, 1)
        before = counts(rows, Moment.of(dispatcher, now - dt.timedelta(seconds=1)))
        assert (before["due"], before["overdue"]) == (1, 0)
        later = counts(rows, Moment.of(dispatcher, now + dt.timedelta(days=40)))
        assert (later["mine"], later["handed_out"]) == (0, 0)


class TestPages:
    @pytest.fixture(autouse=True)
    def short_pages(self, monkeypatch):
        monkeypatch.setattr("appeals.desk.rows.PAGE_SIZE", 2)

    @pytest.mark.parametrize("basket", ["new", "open", "overdue"])
    def test_all_pages_together_are_the_basket_each_order_once(self, desk, centre, basket):
        orders = [lead(file()) for _number in range(5)]
        at = timezone.now() - dt.timedelta(hours=5)
        OrderClock.objects.update(started_at=at - dt.timedelta(days=2), warn_at=at, due_at=at)
        seen, after = [], ""
        for _page in range(3):
            answer = inbox(desk, centre, basket=basket, after=after)
            seen += [row.order.pk for row in answer.context["slice"].rows]
            after = answer.context["slice"].after
        assert after == ""
        assert sorted(seen) == [order.pk for order in orders]

    def test_what_leaves_the_list_moves_nothing(self, desk, centre):
        orders = [lead(file()) for _number in range(4)]
        after = inbox(desk, centre, basket="new").context["slice"].after
        dispatch(orders[0], Target(DepartmentFactory()), by=None)
        assert shown(desk, centre, "new", after=after) == [order.pk for order in orders[2:]]

    @pytest.mark.parametrize("after", ["x", "9" * 40, "~", "2026-13-45T00:00~1", "2026-01-01~1", "١٢"])
    @pytest.mark.parametrize("basket", ["new", "overdue"])
    def test_a_key_that_is_none_begins_at_the_top(self, desk, centre, basket, after):
        file()
        assert inbox(desk, centre, basket=basket, after=after).status_code == 200


class TestSearch:
    def test_by_number_title_enterprise_and_code_ended_ones_too(self, desk, centre):
        firm = EnterpriseFactory(name="渝东轮毂制造有限公司")
        order = answered(enterprise=firm, title="升规奖励什么时候发")
        surveying.survey(order, Satisfaction.SATISFIED, True, "", by=None)
        file()
        for words in (order.appeal.number, "升规奖励", "渝东轮毂", firm.uscc.lower(), firm.uscc[-7:]):
            assert shown(desk, centre, "new", q=words) == [order.pk], words

    def test_nothing_found_says_what_can_be_searched(self, desk, centre):
        assert "统一社会信用代码" in inbox(desk, centre, q="鎏金孔雀翎").content.decode()

    def test_narrowed_by_source_and_urgency(self, desk, centre):
        urgent = file(urgent=True)
        file()
        assert shown(desk, centre, "new", urgent="on") == [lead(urgent).pk]
        page = inbox(desk, centre, basket="new").content.decode()
        assert page.count('class="urgent"') == 1
        assert shown(desk, centre, "new", source="phone") == []


class TestDoor:
    def test_a_handler_has_no_inbox(self, centre):
        assert inbox(signed_in(official(Role.HANDLER, centre)), centre).status_code == 404

    def test_anothers_desk_is_404(self, desk):
        assert inbox(desk, DepartmentFactory()).status_code == 404

    def test_nobody_is_sent_to_sign_in(self, centre):
        assert "/accounts/login/" in inbox(Client(), centre).url

    def test_without_a_second_factor_nobody_gets_in(self, centre, dispatcher):
        dispatcher.authenticator_set.all().delete()
        assert inbox(signed_in(dispatcher), centre).url == reverse("mfa_activate_totp")

    def test_a_complaint_about_ones_own_department_is_nowhere(self, desk, centre):
        order = lead(file(about=centre))
        assert both(desk, centre, "new") == []
        assert inbox(desk, centre, q=order.appeal.number).context["slice"].rows == []
        assert desk.get(reverse("desk_detail", args=[centre.pk, order.pk])).status_code == 404
        assert inbox(desk, centre, order=order.pk).status_code == 404


class TestChooser:
    def test_one_desk_is_gone_to_at_once(self, desk, centre):
        assert desk.get("/desk/").url == reverse("desk", args=[centre.pk])
        assert desk.get(reverse("desk", args=[centre.pk])).url == reverse("desk_inbox", args=[centre.pk])

    def test_of_several_one_chooses(self, desk, dispatcher, centre):
        other = DepartmentFactory()
        dispatcher.postings.create(role=Role.HANDLER, department=other)
        page = desk.get("/desk/").content.decode()
        assert centre.name in page
        assert other.name in page

    def test_without_a_role_nothing_is_listed(self):
        stranger = UserFactory(second_factor=True)
        assert "您还没有办理岗位" in signed_in(stranger).get("/desk/").content.decode()


def test_the_inbox_takes_few_queries_however_long(desk, centre, django_assert_max_num_queries):
    for _number in range(8):
        file()
        dispatched()
    inbox(desk, centre)
    with django_assert_max_num_queries(13):  # twelve and the SET TRANSACTION of every page
        assert len(shown(desk, centre, "new")) == 8


@pytest.mark.parametrize(
    ("role", "basket", "keys"),
    [
        (Role.DISPATCHER, "new", ["A", "G", "S", "U"]),
        (Role.SUPERVISOR, "supervised", ["S"]),
        (Role.MEDIATOR, "returned", []),
    ],
)
def test_each_role_begins_with_what_is_its_own_and_the_keys_that_work(centre, role, basket, keys):
    context = inbox(signed_in(official(role, centre)), centre).context
    assert (context["basket"], [key for key, _words in context["keys"]]) == (basket, keys)
