"""Telephone entry, slip, roster: who may, and what happens."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.dispatching import add_co
from appeals.models import Appeal, Shift, WorkOrder
from appeals.placing import Target
from portal.accounts.models import Absence
from tests.appeals.factories import (
    OfficerFactory,
    away,
    filing,
    handling,
)
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


class TestPhone:
    @pytest.fixture
    def firm(self):
        return EnterpriseFactory(name="宏达铸造有限公司")

    def given(self, firm, **more):
        words = filing()
        names = ("title", "text", "contact_name", "contact_phone")
        return {name: getattr(words, name) for name in names} | {
            "enterprise": firm.pk,
            "key": "k1",
            **more,
        }

    def url(self, centre):
        return reverse("desk_phone", args=[centre.pk])

    def test_found_by_a_part_of_the_name_or_by_the_code(self, desk, centre, firm):
        for words in ("宏达铸", firm.uscc, firm.uscc[-7:].lower()):
            page = desk.get(reverse("desk_firms", args=[centre.pk]), {"firm": words})
            assert firm.name in page.content.decode()

    def test_without_script_find_keeps_what_is_written(self, desk, centre, firm):
        answer = desk.post(self.url(centre), {"find": "1", "firm": "宏达", "title": "想评三级"})
        assert firm.name in answer.content.decode()
        assert "想评三级" in answer.content.decode()
        assert not Appeal.objects.exists()

    def test_filed_and_dispatched_at_once(self, desk, centre, firm, lights, dispatcher):
        answer = desk.post(self.url(centre), self.given(firm, target=f"d{lights.pk}"))
        order = WorkOrder.objects.get()
        assert answer.url == reverse("desk_order", args=[centre.pk, order.pk])
        assert (order.appeal.source, order.appeal.submitted_by) == ("phone", dispatcher)
        assert (order.department, order.state) == (lights, "offered")

    def test_sent_twice_it_is_filed_once(self, desk, centre, firm, lights):
        for _time in range(2):
            desk.post(self.url(centre), self.given(firm, target=f"d{lights.pk}"))
        assert Appeal.objects.count() == 1

    def test_refused_by_the_place_nothing_is_filed(self, desk, centre, firm, lights):
        answer = desk.post(self.url(centre), self.given(firm, target=f"d{lights.pk}", about=lights.pk))
        assert answer.status_code == 422
        assert not Appeal.objects.exists()

    @pytest.mark.parametrize("missing", ["enterprise", "title", "text", "contact_name", "contact_phone"])
    def test_what_is_missing_is_said(self, desk, centre, firm, missing):
        answer = desk.post(self.url(centre), self.given(firm) | {missing: ""})
        assert answer.status_code == 422
        assert not Appeal.objects.exists()

    def test_only_a_dispatcher_enters(self, handler, lights):
        assert handler.get(self.url(lights)).status_code == 404


class TestSlip:
    def test_each_order_has_a_number_of_its_own(self, desk, centre, lights):
        order = handling()
        co = add_co(order, Target(lights), by=None)
        numbers = [
            desk.get(reverse("desk_slip", args=[centre.pk, one.pk])).context["number"] for one in (order, co)
        ]
        assert numbers == [f"{order.appeal.number}-01", f"{order.appeal.number}-02"]

    def test_a_deadline_that_ends_with_a_day_is_said_by_that_day(self, desk, centre):
        order = handling()
        end = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
        order.clocks.filter(met_at=None).update(
            due_at=end, started_at=end - dt.timedelta(days=9), warn_at=end
        )
        page = desk.get(reverse("desk_slip", args=[centre.pk, order.pk])).content.decode()
        assert f"{timezone.localdate()} 24:00" in page


class TestRoster:
    def url(self, name, centre, *more):
        return reverse(name, args=[centre.pk, *more])

    def test_a_week_on_duty_takes_its_working_days(self, desk, centre):
        officer = OfficerFactory(department=centre)
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-29"}
        desk.post(self.url("desk_roster_shift", centre), given)
        assert Shift.objects.filter(officer=officer).count() == 5

    def test_who_is_away_is_stood_in_for(self, desk, centre):
        officer, other = OfficerFactory(department=centre), OfficerFactory(department=centre)
        Shift.objects.create(day=timezone.localdate(), department=centre, officer=officer)
        away(officer, other)
        days = desk.get(self.url("desk_roster", centre)).context["days"]
        (today,) = [day for day in days if day.day == timezone.localdate()]
        assert (today.present, today.stands_in) == (other, True)

    def test_an_absence_of_the_same_days_is_refused_in_words(self, desk, centre):
        officer = OfficerFactory(department=centre)
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-25"}
        for status in (302, 422):
            answer = desk.post(self.url("desk_roster_absence", centre), given)
            assert answer.status_code == status
        assert "这些日期已登记外出" in answer.content.decode()

    def test_the_last_day_is_included(self, desk, centre):
        officer = OfficerFactory(department=centre)
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-23"}
        desk.post(self.url("desk_roster_absence", centre), given)
        assert Absence.objects.get().days.upper == dt.date(2026, 11, 24)

    @pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12"])
    def test_any_month_opens(self, desk, centre, month):
        assert desk.get(self.url("desk_roster", centre), {"month": month}).status_code == 200

    def test_handlers_read_it_and_do_not_write_it(self, handler, lights):
        officer = OfficerFactory(department=lights)
        assert handler.get(self.url("desk_roster", lights)).status_code == 200
        given = {"officer": officer.pk, "first": "2026-11-23", "last": "2026-11-23"}
        assert handler.post(self.url("desk_roster_shift", lights), given).status_code == 404

    def test_another_departments_lines_cannot_be_removed(self, desk, centre, lights):
        shift = Shift.objects.create(
            day=timezone.localdate(), department=lights, officer=OfficerFactory(department=lights)
        )
        assert desk.post(self.url("desk_roster_remove", centre, "shift", shift.pk)).status_code == 404
        assert desk.post(self.url("desk_roster_remove", centre, "else", shift.pk)).status_code == 404
