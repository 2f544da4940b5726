"""Who plans visits: lists, the plan of a quarter, figures, problems, files."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.models import Appeal, Pairing, Visit
from appeals.visits.coverage import coverage, total
from appeals.visits.quarters import Quarter
from appeals.visits.recording import Problem, record_visit
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import official
from tests.clients import signed_in
from tests.enterprises.factories import EnterpriseFactory
from tests.field.factories import (
    PROBLEM,
    PairingFactory,
    VisitFactory,
    agree,
    record,
)
from tests.rows import change

pytestmark = pytest.mark.django_db


class TestKeeping:
    @pytest.fixture
    def leader(self, visit):
        return official(Role.LEADER, visit.pairing.officer.department)

    def there(self, visit, name):
        return reverse(name, args=[visit.pairing.officer.department_id])

    def test_the_leader_plans_the_department_and_no_other(self, visit, leader):
        other = PairingFactory()
        quarter = Quarter.of(timezone.localdate()).after
        client = signed_in(leader)
        answer = client.post(f"{self.there(visit, 'desk_visits_plan')}?quarter={quarter.key}", {"times": "1"})
        assert answer.status_code == 302
        assert Visit.objects.filter(planned_on__gte=quarter.first).count() == 1
        assert not other.visits.exists()

    def test_figures_count_what_they_say(self, visit, by, leader):
        place = visit.pairing.officer.department
        late = VisitFactory(pairing=PairingFactory(officer__department=place))
        VisitFactory()  # of another department
        agree(record_visit(visit, record(problems=(PROBLEM,)), by=by), by=by)
        ours = Pairing.objects.live().filter(officer__department=place)
        quarter, theirs = Quarter.of(late.planned_on), Visit.objects.visible_to(leader)
        whole = total(coverage(ours, theirs, quarter, "officer", late.planned_on + dt.timedelta(days=1)))
        assert (whole.pairings, whole.planned, whole.done, whole.covered) == (2, 2, 1, 1)
        assert (whole.confirmed, whole.disputed, whole.late, whole.problems, whole.solved) == (1, 0, 1, 1, 0)
        assert whole.percent == 50

    def test_nothing_is_planned_for_who_has_left(self, visit, leader):
        quarter = Quarter.of(timezone.localdate()).after
        change(visit.pairing.officer, left_on=timezone.localdate().isoformat())
        address = f"{self.there(visit, 'desk_visits_plan')}?quarter={quarter.key}"
        page = signed_in(leader).post(address, {"times": "1"}, follow=True)
        assert "跳过 1 家" in page.content.decode()
        assert not Visit.objects.filter(planned_on__gte=quarter.first).exists()

    def test_coverage_is_of_the_pairings_that_hold(self, visit, by, leader):
        place = visit.pairing.officer.department
        VisitFactory(pairing=PairingFactory(officer__department=place))
        record_visit(visit, record(), by=by)
        change(visit.pairing, until=timezone.localdate().isoformat())
        page = signed_in(leader).get(self.there(visit, "desk_visits_coverage"))
        whole = page.context["whole"]
        assert (whole.pairings, whole.done, whole.covered, whole.percent) == (1, 1, 0, 0)

    def test_an_enterprise_that_changed_hands_is_covered_once(self, visit, by, leader):
        record_visit(visit, record(), by=by)
        change(visit.pairing, until=timezone.localdate().isoformat())
        place, firm = visit.pairing.officer.department, visit.pairing.enterprise
        after = PairingFactory(officer__department=place, enterprise=firm, since=timezone.localdate())
        record_visit(VisitFactory(pairing=after), record(), by=by)
        page = signed_in(leader).get(self.there(visit, "desk_visits_coverage"))
        whole = page.context["whole"]
        assert (whole.pairings, whole.done, whole.covered, whole.percent) == (1, 2, 1, 100)

    def test_closed_is_not_solved(self, visit, by, leader):
        from appeals.dispatching import Target, dispatch
        from appeals.handling import accept, answer
        from appeals.surveying import survey
        from tests.appeals.factories import lead

        record_visit(visit, record(problems=(PROBLEM, Problem("路灯", "坏了"))), by=by)
        one, other = Appeal.objects.order_by("pk")
        for appeal, outcome in ((one, "solved"), (other, "explained")):
            order = lead(appeal)
            dispatch(order, Target(DepartmentFactory()), by=None)
            accept(order, by=None)
            answer(order, outcome, "好了", by=None)
        client = signed_in(leader)
        address = self.there(visit, "desk_visits_coverage")
        assert client.get(address).context["whole"].solved == 1
        survey(lead(one), "neutral", False, "", by=None)
        assert client.get(address).context["whole"].solved == 0

    def test_files_are_not_computed_by_a_spreadsheet(self, visit, by, leader):
        record_visit(visit, record(problems=(Problem("=1+1", "x"),)), by=by)
        client = signed_in(leader)
        text = client.get(self.there(visit, "desk_visits_problems") + "?export=csv").content.decode(
            "utf-8-sig"
        )
        assert "'=1+1" in text
        figures = client.get(self.there(visit, "desk_visits_coverage") + "?export=csv")
        assert figures.content.decode("utf-8-sig").splitlines()[-1].startswith("合计,1,1,1,1,")

    @pytest.mark.parametrize(
        "name", ["desk_visits_all", "desk_pairings", "desk_visits_coverage", "desk_visits_problems"]
    )
    def test_lists_cost_the_same_for_many(self, visit, name, django_assert_max_num_queries):
        desk = official(Role.SUPERVISOR)
        for _time in range(5):
            record_visit(VisitFactory(), record(problems=(PROBLEM,)), by=visit.pairing.officer.user)
        client = signed_in(desk)
        with django_assert_max_num_queries(16):
            page = client.get(reverse(name, args=[desk.postings.get().department_id]))
        assert page.status_code == 200

    def test_lists_are_narrowed(self, visit, leader):
        other = PairingFactory(
            officer__department=visit.pairing.officer.department, enterprise=EnterpriseFactory(name="别家")
        )
        client = signed_in(leader)
        page = client.get(self.there(visit, "desk_pairings") + "?lacking=on")
        assert [each.pk for each in page.context["page"]] == [other.pk]
        page = client.get(self.there(visit, "desk_pairings") + "?q=别家")
        assert [each.pk for each in page.context["page"]] == [other.pk]
        page = client.get(self.there(visit, "desk_visits_all") + "?state=confirmed")
        assert list(page.context["page"]) == []
