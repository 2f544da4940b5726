"""The demo's year of appeals is true: the services, told the same stories, write the same."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appeals.enums import LIVE, Intake, OrderState, Status
from appeals.models import Appeal, OrderClock, Provider, WorkOrder
from appeals.qualifying import BUSY, is_market, rights_of, why_not
from portal.accounts.models import Department, Officer
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.appeals.case import Case
from portal.shell.demo.appeals.county import County, Staff
from portal.shell.demo.appeals.texts import templates
from portal.shell.demo.appeals.writing import write as write_book
from portal.shell.demo.appeals.year import write_year
from portal.shell.demo.loading import write
from portal.shell.demo.officials import NOBODY, appoint_officials
from portal.shell.demo.population import draw
from portal.shell.demo.providers import enrol_providers
from portal.shell.demo.registering import register_accounts
from portal.shell.demo.showcase import online_lessons, wheel_hubs
from tests.demo.year import Services, group_of, seen

BEIJING = ZoneInfo("Asia/Shanghai")
FRIDAY = dt.datetime(2026, 11, 20, 15, 20, tzinfo=BEIJING)
SUNDAY = dt.datetime(2026, 11, 22, 15, 20, tzinfo=BEIJING)


@contextmanager
def kept() -> Iterator[list[Case]]:
    """Every case that is told within the block."""
    told: list[Case] = []
    begin = Case.__init__

    def keep(case: Case, *args: Any) -> None:
        begin(case, *args)
        told.append(case)

    with mock.patch.object(Case, "__init__", keep):
        yield told


EVERY_STEP = {
    *("file", "pick", "ask_back", "supplement", "refuse", "withdraw", "chase", "merge", "share", "reopen"),
    *("dispatch", "return_order", "decide", "transfer", "open_grab", "close_grab", "grab", "decline", "fall"),
    *("accept", "note", "ask", "reply", "answer", "keep_promise", "survey", "close_unrated", "supervise"),
    *("finish", "rate"),
}


def chosen(cases: list[Case]) -> list[Case]:
    """Three cases of each step, those that have a second round or were unlucky, and a few by chance."""
    found: list[Case] = []
    for name in sorted(EVERY_STEP):
        found += [case for case in cases if any(step.name == name for step in case.told)][:3]
    found += [case for case in cases if case.paper.now("round") > 1][:4]
    found += [case for case in cases if case.paper.row.about is not None][:4]
    found += random.Random(3).sample(cases, 20)
    return list({id(case): case for case in found}.values())


def lines(book: Any) -> list[tuple[Any, ...]]:
    return [
        (paper.row.number, paper.row.title, event.name, event.at, event.comment)
        for paper in book.papers
        for event in [*paper.events, *(each for sheet in paper.sheets for each in sheet.events)]
    ]


class Year(TestCase):
    """Each test writes a year of its own about one county."""

    county: County

    @classmethod
    def setUpTestData(cls) -> None:
        write([wheel_hubs(DEMO_TODAY), online_lessons(DEMO_TODAY), *draw(400, 1, DEMO_TODAY)], timezone.now())
        with connection.cursor() as cursor:  # the tables of this transaction are never analysed
            cursor.execute("SET LOCAL enable_seqscan = off")
        people = register_accounts()
        enrol_providers(people)
        appoint_officials(people, DEMO_TODAY, DEMO_SEED)
        staff = Staff(DEMO_TODAY - dt.timedelta(days=370), DEMO_TODAY)
        cls.county = County.load(people, staff, random.Random(1), firms=200)

    def test_the_services_write_the_same(self) -> None:
        with kept() as cases:
            write_book(write_year(self.county, FRIDAY, seed=7, count=700))
        told = [case for case in cases if case.told]
        sample = chosen(told)
        assert {step.name for case in sample for step in case.told} >= EVERY_STEP
        services = Services()
        heard: set[int] = set()
        for case in sample:
            group = [each for each in group_of(case, told) if id(each) not in heard]
            services.hear(group, FRIDAY)
            heard |= {id(each) for each in group}
            for each in group:
                assert seen(services.of(each)) == seen(Appeal.objects.get(number=each.paper.row.number))

    def test_a_year_until_a_friday(self) -> None:
        self.is_as_it_should_be(FRIDAY)

    def test_a_year_until_a_sunday(self) -> None:
        self.is_as_it_should_be(SUNDAY)

    def is_as_it_should_be(self, now: dt.datetime) -> None:
        book = write_year(self.county, now, seed=DEMO_SEED, count=1_000)
        with CaptureQueriesContext(connection) as queries:
            write_book(book)
        assert len(queries) <= 60, "it is written in few round trips"
        self.every_state_is_there(now)
        self.the_people_of_the_demo_find_work(now)
        self.no_provider_ever_carries_more_than_it_may()

    def every_state_is_there(self, now: dt.datetime) -> None:
        assert set(Appeal.objects.values_list("intake", flat=True)) == set(Intake.values)
        assert set(Appeal.objects.values_list("status", flat=True)) == set(Status.values)
        assert set(WorkOrder.objects.values_list("state", flat=True)) == set(OrderState.values)
        assert 950 <= Appeal.objects.count() <= 1_150
        live = WorkOrder.objects.filter(kind="lead", state__in=LIVE)
        assert 25 <= live.count() <= 60
        assert not Appeal.objects.filter(submitted_at__gt=now).exists()
        assert not OrderClock.objects.filter(met_at__gt=now).exists()

    def the_people_of_the_demo_find_work(self, now: dt.datetime) -> None:
        open_now = WorkOrder.objects.filter(state=OrderState.OPEN, window_to__gt=now).select_related(
            "appeal__category"
        )
        rights = [
            rights_of(Provider.objects.select_related("team").get(members__user=self.county.people[username]))
            for username in ("provider", "rival")
        ]
        assert any(
            not any(
                why_not(each, order.appeal.category_id, market=is_market(order.appeal.category))
                for each in rights
            )
            for order in open_now
        ), "an order that both may grab"
        offered = WorkOrder.objects.visible_to(self.county.people["handler"]).filter(state=OrderState.OFFERED)
        assert offered.exists(), "an order that the handler may accept"

    def no_provider_ever_carries_more_than_it_may(self) -> None:
        for order in WorkOrder.objects.exclude(provider=None).select_related("provider"):
            others = WorkOrder.objects.filter(provider=order.provider, held_at__lte=order.held_at)
            busy = [each for each in others if each.answered_at is None or each.answered_at > order.held_at]
            assert len(busy) <= order.provider.cap
        assert WorkOrder.objects.filter(provider__members__user__username="provider", state__in=BUSY).exists()

    def test_the_same_seed_gives_the_same_year(self) -> None:
        first, second, other = (write_year(self.county, FRIDAY, seed=seed, count=150) for seed in (5, 5, 6))
        assert lines(first) == lines(second)
        assert lines(first) != lines(other)

    def test_a_text_speaks_of_the_enterprises_own_town(self) -> None:
        book = write_year(self.county, FRIDAY, seed=DEMO_SEED, count=600)
        towns = {firm.enterprise.pk: firm.town for firm in self.county.firms}
        others = set(towns.values())
        for paper in book.papers:
            own = towns[paper.row.enterprise_id]
            said = {town for town in others if town in paper.row.text}
            assert said <= {own}, paper.row.text
            assert "{" not in f"{paper.row.title}{paper.row.text}"
            assert len(paper.row.title) <= 80

    def test_events_follow_one_another(self) -> None:
        book = write_year(self.county, FRIDAY, seed=DEMO_SEED, count=600)
        for sheet in book.sheets:
            assert all(first.at <= second.at for first, second in pairwise(sheet.events))
        assert all(event.at <= FRIDAY for sheet in book.sheets for event in sheet.events)

    def test_every_department_has_people(self) -> None:
        for department in Department.objects.exclude(code=NOBODY):
            ranks = Counter(Officer.objects.filter(department=department).values_list("rank", flat=True))
            assert ranks[4] >= 1, department
            assert ranks[3] >= 1, department
            for section in department.sections.all():
                assert section.officers.exclude(user=None).exists(), section
        assert not Officer.objects.filter(department__code=NOBODY).exists()
        before = Officer.objects.exclude(section=None).count()
        assert appoint_officials(self.county.people, DEMO_TODAY, DEMO_SEED) == before

    def test_templates_name_what_there_is(self) -> None:
        handled = [each for each in templates() if each.handled]
        assert len({each.title for each in handled}) >= 150
        assert {each.department for each in handled} == set(
            Department.objects.values_list("code", flat=True)
        ) - {"other"}
        for each in templates():
            assert (each.department, each.section) in self.county.sections
            assert each.category in self.county.categories
            assert set(each.co) <= set(self.county.departments)
        assert {each.category for each in handled} == set(self.county.categories)

    def test_a_planner_merges_what_is_filed_twice(self) -> None:
        with kept() as cases:
            write_year(self.county, FRIDAY, seed=DEMO_SEED, count=600)
        merged = [step for case in cases for step in case.told if step.name == "merge"]
        assert merged
        assert len({step.given["into"].paper.row.number for step in merged}) == len(merged)
