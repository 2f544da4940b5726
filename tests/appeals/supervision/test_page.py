"""The supervisor's page: every figure is the length of its own list."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.models import WorkOrder
from appeals.supervision.measures import MEASURES, NOBODY, PROVIDERS, figures
from appeals.supervision.table import table
from portal.kernel.spans import start_of_day
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.finished import finished
from tests.appeals.supervision.pages import again, page, rate, shown

pytestmark = pytest.mark.django_db


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

    def test_days_the_wrong_way_round_are_said_and_narrow_nothing(self, client, centre, lights):
        make.dispatched(lights)
        query = {"since": "2026-12-31", "until": "2026-01-01"}
        answer = page(client, centre, **query)
        assert "结束日期早于开始日期" in answer.content.decode()
        assert len(shown(client, centre, "open", **query)) == 1
        answer = client.get(reverse("desk_statistics", args=[centre.pk]), query)
        assert "结束日期早于开始日期" in answer.content.decode()
        assert "全部诉求" in answer.content.decode()

    def test_words_narrow_the_list(self, client, centre, lights):
        order = make.dispatched(lights, title="用电增容")
        make.dispatched(lights)
        assert shown(client, centre, "open", q="增容") == [order.pk]
        assert shown(client, centre, "open", q=order.appeal.number) == [order.pk]

    def test_the_list_has_pages(self, client, centre, lights):
        orders = [make.dispatched(lights).pk for _number in range(21)]
        assert len(shown(client, centre, "open")) == 20
        assert shown(client, centre, "open", page=2) == orders[:1]


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
