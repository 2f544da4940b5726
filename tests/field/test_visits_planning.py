"""Visits are planned, moved and called off; what names a quarter."""

import datetime as dt

import pytest
from django.utils import timezone

from appeals.models import Pairing, Visit
from appeals.visits.planning import call_off, move, plan_quarter, plan_visit
from appeals.visits.quarters import Quarter
from portal.kernel.errors import DomainError
from portal.kernel.workdays import Calendar
from tests.appeals.messages import told
from tests.field.factories import (
    PairingFactory,
    VisitFactory,
    paired,
)
from tests.rows import change

pytestmark = pytest.mark.django_db


class TestPlanning:
    def test_a_quarter_is_spread_over_its_working_days_and_planned_once(self):
        pairings = [PairingFactory() for _ in range(10)]
        quarter = Quarter.of(timezone.localdate()).after
        visits = plan_quarter(Pairing.objects.live(), quarter, times=2, by=None)
        days = [visit.planned_on for visit in visits]
        works = Calendar.load().is_workday
        assert len(visits) == 20
        assert all(works(day) and quarter.first <= day <= quarter.last for day in days)
        assert max(days.count(day) for day in days) == 1
        first = sorted(visit.planned_on for visit in visits if visit.pairing_id == pairings[0].pk)
        assert (first[1] - first[0]).days > 30
        assert plan_quarter(Pairing.objects.live(), quarter, times=2, by=None) == []

    def test_what_is_planned_already_counts(self):
        quarter = Quarter.of(timezone.localdate()).after
        VisitFactory(planned_on=quarter.first)
        cancelled = VisitFactory(planned_on=quarter.first)
        change(cancelled, state="cancelled")
        made = plan_quarter(Pairing.objects.live(), quarter, by=None)
        assert [visit.pairing for visit in made] == [cancelled.pairing]

    def test_a_quarter_that_is_over(self):
        quarter = Quarter.of(timezone.localdate()).before
        with pytest.raises(DomainError, match="没有工作日"):
            plan_quarter(Pairing.objects.live(), quarter, by=None)

    def test_officials_who_sign_in_are_told(self):
        pairing = paired()
        plan_quarter(Pairing.objects.live(), Quarter.of(timezone.localdate()).after, by=None)
        assert len(told(pairing.officer.user)) == 1

    def test_one_visit_a_day_none_in_the_past_none_after_the_end(self, visit):
        with pytest.raises(DomainError, match="换一天"):
            plan_visit(visit.pairing, visit.planned_on, by=None)
        with pytest.raises(DomainError, match="从今天起"):
            plan_visit(visit.pairing, timezone.localdate() - dt.timedelta(days=1), by=None)
        ended = PairingFactory(until=timezone.localdate())
        with pytest.raises(DomainError, match="结对已经结束"):
            plan_visit(ended, timezone.localdate(), by=None)

    def test_moved_and_called_off(self, visit):
        day = visit.planned_on + dt.timedelta(days=3)
        move(visit, day, by=None)
        assert Visit.objects.get(pk=visit.pk).planned_on == day
        with pytest.raises(DomainError, match="原因"):
            call_off(visit, " ", by=None)
        call_off(visit, "企业停产", by=None)
        with pytest.raises(DomainError, match="不能改期"):
            move(visit, day + dt.timedelta(days=1), by=None)

    @pytest.mark.parametrize("text", ["", "2026Q5", "２０２６Q1", "x", "9999Q1", "2026q1"])
    def test_what_names_no_quarter_is_this_one(self, text):
        assert Quarter.named(text, dt.date(2026, 11, 22)) == Quarter(2026, 4)

    def test_quarters_follow_one_another(self):
        assert Quarter(2026, 1).before == Quarter(2025, 4)
        assert Quarter(2026, 4).after == Quarter(2027, 1)
        assert (Quarter(2026, 1).first, Quarter(2026, 1).last) == (dt.date(2026, 1, 1), dt.date(2026, 3, 31))
