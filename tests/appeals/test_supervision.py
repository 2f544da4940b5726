"""The supervisor's page: every figure is the length of its own list, and counts what it says."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appeals import handling, surveying
from appeals.dispatching import Target, dispatch, return_order, transfer, undo
from appeals.enums import Outcome, Satisfaction
from appeals.filing import withdraw
from appeals.models import OrderClock, WorkOrder
from appeals.supervision.measures import MEASURES, NOBODY, PROVIDERS, figures, listed
from appeals.supervision.table import place_of, span_words, table
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.kernel.spans import start_of_day
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals import factories as make
from tests.appeals.finished import finished

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def centre():
    return DepartmentFactory(short_name="企业服务中心")


@pytest.fixture
def supervisor(centre):
    return make.official(Role.SUPERVISOR, centre)


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


@pytest.fixture
def lights():
    department = DepartmentFactory(short_name="县经信委")
    make.officer_with_user(department, rank=Rank.HEAD)
    return department


def page(client, centre, **query):
    return client.get(reverse("desk_supervision", args=[centre.pk]), query)


def shown(client, centre, measure, **query):
    """Ids of the orders of a list's first page."""
    answer = client.get(reverse("desk_supervision_list", args=[centre.pk, measure]), query)
    assert answer.status_code == 200
    return [row.order.pk for row in answer.context["rows"]]


def counted(measure, place=None):
    return set(
        listed(MEASURES[measure], WorkOrder.objects.all(), timezone.now(), place).values_list("pk", flat=True)
    )


def rate(order, satisfaction=Satisfaction.DISSATISFIED):
    surveying.survey(order, satisfaction, False, "", by=None)


def again(order):
    """The next round, answered."""
    second = make.lead(order.appeal)
    handling.accept(second, by=None)
    handling.answer(second, Outcome.EXPLAINED, "还是没办法", by=None)
    return second


def ended(order, *, due):
    """The clocks of the work ended there; those that were met, at now."""
    OrderClock.objects.filter(order=order, target="single").update(
        started_at=due - dt.timedelta(days=3), warn_at=due, due_at=due
    )


@pytest.fixture
def county(lights):
    """Something for every measure, in two departments, with a provider and with nobody."""
    other = DepartmentFactory()
    make.dispatched(lights)
    make.handling(other)
    late = make.handling(lights)
    ended(late, due=timezone.now() - dt.timedelta(hours=1))
    answered_late = make.answered(lights)
    ended(answered_late, due=timezone.now() - dt.timedelta(hours=1))
    rate(make.answered(other))
    twice = make.answered(lights)
    rate(twice)
    rate(again(twice))
    back = make.dispatched(other)
    return_order(back, "不归我们", lights, by=None)
    dispatch(back, Target(lights), by=None)
    make.file()
    finished(make.ProviderFactory())
    return lights, other


def test_every_figure_is_the_length_of_its_own_list(client, centre, county):
    lines, total = table(WorkOrder.objects.all(), timezone.now())
    assert {line.place for line in lines} == {each.pk for each in county} | {PROVIDERS, NOBODY}
    seen = set()
    for line in [*lines, total]:
        for key in MEASURES:
            orders = shown(client, centre, key, place=line.key)
            assert len(orders) == len(set(orders)) == line.count(key), (line.name, key)
            seen |= {key} if orders else set()
    assert seen == set(MEASURES)


def test_every_link_of_the_page_leads_to_as_many_orders_as_it_says(client, centre, county):
    answer = page(client, centre)
    here = reverse("desk_supervision", args=[centre.pk])
    for line in [*answer.context["lines"], answer.context["total"]]:
        for cell in line.cells:
            if cell.empty:
                continue
            address = f"{here}{cell.key}/?{'place=' + line.key if line.key else ''}"
            assert f'href="{address}"' in answer.content.decode()
            query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
            assert len(shown(client, centre, cell.key, **query)) == cell.count


def test_an_empty_county_has_words_and_no_table(client, centre):
    answer = page(client, centre)
    assert "这段时间没有工单" in answer.content.decode()
    assert figures(WorkOrder.objects.all(), timezone.now())[0] == {}
    assert shown(client, centre, "open") == []


def test_an_order_without_a_clock_is_neither_on_time_nor_late(lights):
    order = make.answered(lights)
    order.clocks.all().delete()
    assert counted("judged") == set()
    assert counted("answered") == {order.pk}
    lines, _total = table(WorkOrder.objects.all(), timezone.now())
    assert next(cell.words for cell in lines[0].cells if cell.key == "on_time") == "—"


def test_late_is_answered_at_the_end_or_not_yet_after_it(lights):
    on_time, late, running = make.answered(lights), make.answered(lights), make.handling(lights)
    met = late.clocks.get(target="single").met_at
    ended(late, due=met)
    ended(on_time, due=on_time.clocks.get(target="single").met_at + dt.timedelta(microseconds=1))
    assert counted("on_time") == {on_time.pk}
    assert counted("late") == {late.pk}
    ended(running, due=timezone.now())
    assert counted("late") == {late.pk, running.pk}
    assert counted("judged") == {on_time.pk, late.pk, running.pk}
    assert counted("overdue") == {running.pk}
    running.clocks.filter(met_at=None).update(paused_at=timezone.now())
    assert counted("overdue") == set()


def test_a_cancelled_order_is_counted_nowhere(lights):
    order = make.handling(lights)
    withdraw(order.appeal, "不用了", by=None)
    assert all(counted(key) == set() for key in MEASURES)


def test_a_return_counts_with_who_gave_it_back_and_once_over_all(lights):
    first, second = DepartmentFactory(), DepartmentFactory()
    order = make.dispatched(first)
    return_order(order, "不归我们", second, by=None)
    dispatch(order, Target(second), by=None)
    return_order(order, "也不归我们", lights, by=None)
    by_place, total = figures(WorkOrder.objects.all(), timezone.now())
    assert [by_place[each.pk]["returned"].count for each in (first, second)] == [1, 1]
    assert lights.pk not in by_place
    assert total["returned"].count == 1
    assert counted("returned", first.pk) == {order.pk}


def test_a_return_that_was_taken_back_is_none(lights):
    user = make.official(Role.HANDLER, lights)
    order = make.dispatched(lights)
    return_order(order, "不归我们", DepartmentFactory(), by=user)
    assert counted("returned") == {order.pk}
    undo(order, by=user)
    assert counted("returned") == set()
    return_order(order, "还是不归我们", DepartmentFactory(), by=user)
    assert counted("returned") == {order.pk}


def test_bad_answers_count_an_appeal_once_or_twice_and_never_both(lights):
    order = make.answered(lights)
    rate(order)
    assert (counted("once"), counted("twice")) == ({order.pk}, set())
    second = again(order)
    rate(second)
    assert (counted("once"), counted("twice")) == (set(), {second.pk})
    supervision = WorkOrder.objects.get(kind="supervision")
    assert counted("supervised") == {supervision.pk}
    handling.accept(supervision, by=None)
    handling.answer(supervision, Outcome.SOLVED, "办好了", by=None)
    assert counted("supervised") == set()
    assert counted("twice") == {second.pk}


def test_a_reopened_appeal_is_open_once(lights):
    order = make.answered(lights)
    rate(order, Satisfaction.SATISFIED)
    assert counted("open") == set()
    reopened = surveying.reopen(order.appeal, "灯又坏了", by=None)
    assert counted("open") == {reopened.pk}
    assert counted("open", NOBODY) == {reopened.pk}


def test_medians_are_of_those_who_have_it_now(lights):
    other = DepartmentFactory()
    start = timezone.now() - dt.timedelta(days=10)
    for hours in (1, 5, 9):
        order = make.answered(lights)
        WorkOrder.objects.filter(pk=order.pk).update(
            held_at=start, answered_at=start + dt.timedelta(hours=hours)
        )
    moved = make.handling(other)
    transfer(moved, Target(lights), "归经信委", by=None)
    by_place, total = figures(WorkOrder.objects.all(), timezone.now())
    assert by_place[lights.pk]["answered"].median == dt.timedelta(hours=5)
    assert total["answered"].median == dt.timedelta(hours=5)
    assert other.pk not in by_place
    handling.accept(moved, by=None)
    assert moved.pk in counted("accepted", lights.pk)


def test_the_slowest_stand_first_in_timed_lists(client, centre, lights):
    orders = [make.answered(lights) for _number in range(3)]
    start = timezone.now() - dt.timedelta(days=10)
    for order, hours in zip(orders, (5, 9, 1), strict=True):
        WorkOrder.objects.filter(pk=order.pk).update(
            held_at=start, answered_at=start + dt.timedelta(hours=hours)
        )
    assert shown(client, centre, "answered") == [orders[1].pk, orders[0].pk, orders[2].pk]
    assert shown(client, centre, "answered", sort="old") == [order.pk for order in orders]
    assert shown(client, centre, "open", sort="slow") == []


class TestNarrowing:
    def test_by_period_with_both_its_days(self, client, centre, lights):
        order = make.dispatched(lights)
        day = start_of_day(dt.date(2026, 3, 1))
        for at, expected in [
            (day, 1),
            (day - dt.timedelta(microseconds=1), 0),
            (day + dt.timedelta(days=31, microseconds=-1), 1),
            (day + dt.timedelta(days=31), 0),
        ]:
            type(order.appeal).objects.filter(pk=order.appeal_id).update(submitted_at=at)
            query = {"since": "2026-03-01", "until": "2026-03-31"}
            assert len(shown(client, centre, "open", **query)) == expected, at
            assert page(client, centre, **query).context["total"].count("open") == expected
        assert len(shown(client, centre, "open", since="", until="")) == 1

    def test_by_category_and_town(self, client, centre, lights):
        category = make.CategoryFactory()
        here, there = make.dispatched(lights, category=category), make.dispatched(lights)
        town = here.appeal.enterprise.region_id[:9]
        type(there.appeal).objects.filter(pk=there.appeal_id).update(region="500231199")
        assert shown(client, centre, "open", category=category.pk) == [here.pk]
        assert here.pk in shown(client, centre, "open", town=town)
        assert there.pk not in shown(client, centre, "open", town=town)

    @pytest.mark.parametrize(
        "query",
        [
            {"since": "2026-13-45"},
            {"until": "0001-01-01"},
            {"category": "9" * 31},
            {"town": "x"},
            {"place": "9" * 31},
            {"place": "-1"},
            {"sort": "x", "page": "x", "source": "x"},
        ],
    )
    def test_nonsense_breaks_nothing(self, client, centre, lights, query):
        make.dispatched(lights)
        assert page(client, centre, **query).status_code == 200
        assert (
            client.get(reverse("desk_supervision_list", args=[centre.pk, "open"]), query).status_code == 200
        )

    def test_words_narrow_the_list(self, client, centre, lights):
        order = make.dispatched(lights, title="用电增容")
        make.dispatched(lights)
        assert shown(client, centre, "open", q="增容") == [order.pk]
        assert shown(client, centre, "open", q=order.appeal.number) == [order.pk]

    def test_the_list_has_pages(self, client, centre, lights):
        orders = [make.dispatched(lights).pk for _number in range(21)]
        assert len(shown(client, centre, "open")) == 20
        assert shown(client, centre, "open", page=2) == orders[:1]


class TestWho:
    def test_a_leader_sees_the_own_department_alone(self, lights):
        other = DepartmentFactory()
        own, _foreign = make.handling(lights), make.handling(other)
        client = signed_in(make.official(Role.LEADER, lights))
        answer = page(client, lights)
        assert [line.place for line in answer.context["lines"]] == [lights.pk]
        assert answer.context["total"].count("open") == 1
        assert shown(client, lights, "open", place=other.pk) == []
        assert shown(client, lights, "open") == [own.pk]
        assert page(client, other).status_code == 404

    def test_a_leader_counts_what_the_own_department_gave_back_and_no_others_returns(self, lights):
        other = DepartmentFactory()
        gone, come = make.dispatched(lights), make.dispatched(other)
        return_order(gone, "不归我们", other, by=None)
        dispatch(gone, Target(other), by=None)
        return_order(come, "不归我们", lights, by=None)
        dispatch(come, Target(lights), by=None)
        hidden = make.dispatched(lights)
        return_order(hidden, "不归我们", other, by=None)
        type(hidden.appeal).objects.filter(pk=hidden.appeal_id).update(about=lights)
        client = signed_in(make.official(Role.LEADER, lights))
        answer = page(client, lights)
        assert [line.place for line in answer.context["lines"]] == [lights.pk]
        assert (answer.context["total"].count("returned"), answer.context["total"].count("open")) == (1, 1)
        assert (
            shown(client, lights, "returned")
            == shown(client, lights, "returned", place=lights.pk)
            == [gone.pk]
        )
        assert shown(client, lights, "returned", place=other.pk) == []
        assert shown(client, lights, "open") == [come.pk]
        address = reverse("desk_supervision_list", args=[lights.pk, "returned"])
        text = client.get(address).content.decode()
        assert reverse("desk_order", args=[lights.pk, gone.pk]) not in text
        assert reverse("desk_dossier", args=[lights.pk, gone.appeal.number]) not in text

    def test_a_leader_of_an_idle_department_sees_it_named(self, lights):
        answer = page(signed_in(make.official(Role.LEADER, lights)), lights)
        assert [line.name for line in answer.context["lines"]] == ["县经信委"]

    def test_a_complaint_about_the_own_department_is_not_even_counted(
        self, client, centre, supervisor, lights
    ):
        make.dispatched(lights, about=centre)
        assert page(client, centre).context["total"].count("open") == 0
        assert shown(client, centre, "open") == []
        elsewhere = signed_in(make.official(Role.SUPERVISOR))
        desk = type(centre).objects.exclude(pk__in=[centre.pk, lights.pk]).latest("pk")
        assert page(elsewhere, desk).context["total"].count("open") == 1

    def test_an_anonymous_enterprise_stays_unnamed_for_a_leader(self, client, centre, lights):
        order = make.handling(lights, anonymous=True)
        name = order.appeal.enterprise.name
        leading = signed_in(make.official(Role.LEADER, lights))
        address = reverse("desk_supervision_list", args=[lights.pk, "open"])
        assert name not in leading.get(address).content.decode()
        assert name in client.get(reverse("desk_supervision_list", args=[centre.pk, "open"])).content.decode()

    @pytest.mark.parametrize("role", [Role.HANDLER, Role.DISPATCHER, Role.MEDIATOR, Role.EDITOR])
    def test_others_have_no_such_page(self, role, centre):
        client = signed_in(make.official(role, centre))
        assert page(client, centre).status_code == 404
        assert client.get(reverse("desk_supervision_list", args=[centre.pk, "open"])).status_code == 404

    def test_nobody_is_sent_to_sign_in_and_a_supervisor_elsewhere_is_none_here(self, centre):
        assert "/accounts/login/" in page(Client(), centre).url
        assert page(signed_in(make.official(Role.SUPERVISOR)), centre).status_code == 404

    def test_a_superuser_passes(self, centre):
        boss = UserFactory(is_superuser=True, second_factor=True)
        assert page(signed_in(boss), centre).status_code == 200

    def test_an_unknown_measure_is_not_found(self, client, centre):
        assert client.get(f"/desk/{centre.pk}/supervision/nonsense/").status_code == 404

    def test_it_stands_in_the_menu_of_those_who_may(self, client, centre, lights):
        assert reverse("desk_supervision", args=[centre.pk]) in page(client, centre).content.decode()
        dispatcher = make.official(Role.DISPATCHER, centre)
        inbox = signed_in(dispatcher).get(reverse("desk_inbox", args=[centre.pk])).content.decode()
        assert reverse("desk_supervision", args=[centre.pk]) not in inbox


def test_the_twice_dissatisfied_are_listed_with_their_supervision(client, centre, lights):
    order = make.answered(lights)
    rate(order)
    rate(again(order))
    supervision = WorkOrder.objects.get(kind="supervision")
    address = reverse("desk_supervision_list", args=[centre.pk, "twice"])
    text = client.get(address).content.decode()
    assert reverse("desk_order", args=[centre.pk, supervision.pk]) in text


def test_the_page_and_its_lists_take_few_queries_however_many_orders(
    client, centre, county, django_assert_max_num_queries
):
    for _number in range(4):
        make.dispatched(DepartmentFactory())
    page(client, centre)
    with django_assert_max_num_queries(14):  # with the SET TRANSACTION of every page
        page(client, centre)
    with django_assert_max_num_queries(15):
        shown(client, centre, "twice")


def test_spans_and_places_in_words():
    assert span_words(dt.timedelta(seconds=59)) == "1 分钟"
    assert span_words(dt.timedelta(minutes=90)) == "1.5 小时"
    assert span_words(dt.timedelta(hours=48)) == "2.0 天"
    assert [place_of(key) for key in ("", "7", "providers", "nobody", "-1", "x", "²", "0")] == [
        None,
        7,
        PROVIDERS,
        NOBODY,
        None,
        None,
        None,
        None,
    ]


def test_a_provider_has_a_place_of_its_own(client, centre):
    order = finished(make.ProviderFactory())
    assert shown(client, centre, "answered", place="providers") == [order.pk]


def test_the_table_is_sorted_by_what_needs_attention(client, centre, county):
    def names(by):
        return [line.place for line in page(client, centre, by=by).context["lines"]]

    lights, other = county
    assert names("") == names("nonsense") == [lights.pk, other.pk, PROVIDERS, NOBODY]
    assert names("returned")[0] == other.pk
    assert names("open")[0] == lights.pk
    assert names("on_time")[0] == lights.pk
    assert names("on_time")[-2:] == [PROVIDERS, NOBODY]
