"""Many alike cases at once: which may go together, what is proposed, what is left; and figures."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.models import Application, ApplicationRating
from policies.reviewing import deciding, intake, opinions
from policies.reviewing.desk import bulk
from policies.reviewing.figures import Population, lines, refused_most, wanted_most
from portal.accounts.models import Department
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.applying import factories as make
from tests.applying.desks import PLAIN, last_year, plain, signed_in
from tests.applying.factories import now
from tests.enterprises.factories import give_value
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db
WAN = 1_000_000


@pytest.fixture
def user(db):
    return make.reviewer()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def version(db):
    return make.version(**PLAIN)


def address(name="desk_applications_bulk", *more):
    return reverse(name, args=[economy().pk, *more])


def previewed(client, *applications):
    answer = client.get(address(), {"pick": [one.pk for one in applications]})
    assert answer.status_code == 200
    return answer.context["lines"], answer.context["left_out"]


class TestBulk:
    def test_alike_cases_are_previewed_with_each_amount_and_proposed(self, client, version, user):
        cases = [plain(version, user) for _number in range(3)]
        lines, left_out = previewed(client, *cases)
        assert [(line.application, line.amount) for line in lines] == [(one, 10 * WAN) for one in cases]
        assert left_out == []
        tokens = [line.token for line in lines[:2]]
        answer = client.post(address(), {"pick": tokens, "clause": "第三条", "reason": ""})
        assert "已拟定 2 件" in answer.content.decode()
        states = [Application.objects.get(pk=one.pk).state for one in cases]
        assert states == ["proposed", "proposed", "reviewing"]
        first = Application.objects.get(pk=cases[0].pk)
        assert (first.amount_fen, first.clause, first.proposed_by) == (10 * WAN, "第三条", user)

    def test_all_of_an_item_at_once_bounded(self, client, version, user, monkeypatch):
        monkeypatch.setattr(bulk, "MOST", 2)
        for _number in range(3):
            plain(version, user)
        answer = client.get(address(), {"item": version.item_id})
        assert len(answer.context["lines"]) == 2

    def test_what_official_data_does_not_show_is_left_to_a_person(self, client, version, user):
        waiting = make.sent()
        good, differs = plain(version, user), plain(version, user, employees=21)
        declared, elsewhere = make.reviewing(version, by=user), make.reviewing(by=user)
        lines, left_out = previewed(client, good, differs, declared, elsewhere, waiting)
        assert [line.application for line in lines] == [good]
        why = {line.application.pk: line.why_not for line in left_out}
        assert "不一致" in why[differs.pk]
        assert "只凭部门数据" in why[declared.pk]
        assert "不是同一事项" in why[elsewhere.pk]
        assert "待受理" in why[waiting.pk]

    def test_what_a_department_objected_to_is_left_to_a_person(self, client, version, user):
        good, bad = plain(version, user), plain(version, user)
        tax = Department.objects.get(code="tax")
        (opinion,) = opinions.consult(bad, {tax: "核欠税"}, by=user, at=now())
        opinions.give(opinion, "object", "有欠税", by=make.reviewer(tax), at=now())
        lines, left_out = previewed(client, good, bad)
        assert [line.application for line in lines] == [good]
        assert [(line.application, line.why_not) for line in left_out] == [
            (bad, "联审有部门不同意，请单独办理。")
        ]

    def test_a_reminder_since_the_preview_changes_nothing(self, client, version, user):
        (line,), _left_out = previewed(client, case := plain(version, user))
        case.events.create(name="escalate", source="reviewing", target="reviewing")
        assert "已拟定 1 件" in client.post(address(), {"pick": [line.token]}).content.decode()

    def test_what_changed_since_the_preview_is_listed_and_the_rest_is_done(self, client, version, user):
        first, second, third = (plain(version, user) for _number in range(3))
        lines, _left_out = previewed(client, first, second, third)
        intake.take_over(first, by=make.reviewer(), at=now())
        deciding.propose(second, deciding.Proposal("approve", 10 * WAN), by=user, at=now())
        answer = client.post(address(), {"pick": [line.token for line in lines]})
        failed = {one.application.pk: one.words for one in answer.context["failed"]}
        assert "预览之后" in failed[first.pk]
        assert "待审定" in failed[second.pk]
        assert answer.context["done"] == [third]

    def test_what_is_no_longer_plain_is_not_proposed(self, client, version, user):
        application = plain(version, user)
        lines, _left_out = previewed(client, application)
        today = timezone.localdate()
        give_value(application.enterprise, "employees", period=last_year(), scaled=5, as_of=today)
        answer = client.post(address(), {"pick": [line.token for line in lines]})
        assert answer.context["done"] == []
        assert Application.objects.get(pk=application.pk).state == "reviewing"

    @pytest.mark.parametrize("token", ["", "x", "1:2:3:4", "-1:0:", "²:1:1", "9" * 40])
    def test_what_cannot_be_meant_proposes_nothing(self, client, token):
        answer = client.post(address(), {"pick": [token]})
        assert answer.status_code == 200
        assert answer.context["done"] == []

    def test_a_leader_who_does_not_review_is_refused_by_the_service(self, version, user):
        application = plain(version, user)
        boss = signed_in(make.leader())
        lines, _left_out = previewed(boss, application)
        answer = boss.post(address(), {"pick": [lines[0].token]})
        assert "申报审核" in answer.context["failed"][0].words
        assert Application.objects.get(pk=application.pk).state == "reviewing"

    def test_the_preview_takes_as_many_queries_for_many(
        self, client, version, user, django_assert_max_num_queries
    ):
        cases = [plain(version, user) for _number in range(4)]
        previewed(client, *cases)
        with django_assert_max_num_queries(22):
            previewed(client, *cases)


def of_economy():
    today = timezone.localdate()
    return Population(economy(), today - dt.timedelta(days=30), today + dt.timedelta(days=30))


class TestFigures:
    def test_counted_by_item_the_worst_queue_first(self):
        fine, late = make.refused(), make.sent()
        returned = make.returned()
        late.clocks.filter(met_at=None).update(
            started_at=now() - dt.timedelta(days=9),
            warn_at=now() - dt.timedelta(days=2),
            due_at=now() - dt.timedelta(days=1),
        )
        ApplicationRating.objects.create(application=fine, stars=4, by=None)
        found, total = lines(of_economy(), "item", now())
        assert found[0].key == late.item_id
        assert (found[0].counts["overdue"], total.counts["overdue"]) == (1, 1)
        told = {line.key: line.counts for line in found}
        assert (told[fine.item_id]["refused"], told[fine.item_id]["stars"]) == (1, 4)
        assert (told[returned.item_id]["returned"], told[returned.item_id]["open"]) == (1, 1)
        assert (total.counts["received"], total.counts["decided"]) == (3, 1)
        assert total.counts["on_time"] == total.counts["met"] > 0

    def test_a_deadline_is_counted_at_the_department_that_had_it(self):
        tax = Department.objects.get(code="tax")
        application = make.reviewing()
        (asked,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        due = asked.clocks.get().due_at
        today = timezone.localdate()

        def of(department, by, at):
            found, total = lines(Population(department, today, today), by, at)
            return {line.name: line.counts for line in found}, total.counts

        told, total = of(None, "department", due)
        assert (told[tax.short_name]["overdue"], told[tax.short_name]["received"]) == (1, 0)
        assert (told[economy().short_name]["overdue"], total["overdue"]) == (0, 1)
        opinions.recall(asked, "超期未复", by=make.leader(), at=due)
        told, total = of(None, "department", due)
        assert [told[tax.short_name][name] for name in ("overdue", "met", "on_time")] == [0, 1, 0]
        assert told[economy().short_name]["met"] == told[economy().short_name]["on_time"] == 1
        assert (total["met"], total["on_time"]) == (2, 1)
        told, total = of(tax, "item", due)
        assert [(counts["received"], counts["met"], counts["on_time"]) for counts in told.values()] == [
            (0, 1, 0)
        ]
        assert [name.endswith("（只出意见）") for name in told] == [True]
        told, _total = of(economy(), "item", due)
        assert [(counts["received"], counts["met"]) for counts in told.values()] == [(1, 1)]

    def test_medians_are_of_the_stays_that_are_over_and_of_the_population_alone(self):
        begun = now()
        application = make.sent()
        intake.accept(application, by=make.reviewer(), at=begun + dt.timedelta(hours=5))
        other = make.sent(application.version)
        intake.accept(other, by=make.reviewer(), at=begun + dt.timedelta(hours=9))
        make.drafted(application.version)
        (line,), total = lines(of_economy(), "item", now())
        assert line.times["submitted"] == total.times["submitted"]
        assert line.times["submitted"].total_seconds() == pytest.approx(7 * 3600, abs=120)
        assert "reviewing" not in line.times
        assert "whole" not in line.times
        tax = Department.objects.get(code="tax")
        today = timezone.localdate()
        elsewhere, none = lines(Population(tax, today, today), "item", now())
        assert (elsewhere, none.times, none.counts["received"]) == ([], {}, 0)

    def test_why_applications_came_back_and_were_refused(self):
        make.refused()
        make.returned()
        assert wanted_most(of_economy()) == [{"wanted": "material", "target": "设备发票", "count": 1}]
        assert refused_most(of_economy()) == [{"clause": "第三条", "count": 1}]

    def test_the_page_and_its_files_name_the_population(self, client, django_assert_max_num_queries):
        make.refused()
        make.sent()
        url = address("desk_application_figures")
        text = client.get(url).content.decode()
        assert "提交的 2 件申报" in text
        assert "第三条" in text
        with django_assert_max_num_queries(22):
            client.get(url)
        answer = client.get(address("desk_application_figures_export", "csv"))
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][:3] == ["按事项", "收到", "在办"]
        assert rows[3][:3] == ["合计", "2", "1"]
        assert "提交的 2 件申报" in "".join(cell for row in rows for cell in row)
        assert client.get(address("desk_application_figures_export", "xlsx")).content[:2] == b"PK"

    def test_a_supervisor_sees_every_department_and_a_reviewer_the_own(self, client):
        make.sent()
        office = Department.objects.get(code="county_office")
        boss = signed_in(PostingFactory(department=office, role=Role.SUPERVISOR).user)
        page = boss.get(reverse("desk_application_figures", args=[office.pk]), {"by": "department"})
        assert "全县" in page.content.decode()
        assert [line["name"] for line in page.context["lines"]] == [economy().short_name]
        own = client.get(address("desk_application_figures"), {"by": "department"})
        assert own.context["report"].by == "item"
        assert boss.get(address("desk_application_figures")).status_code == 404

    @pytest.mark.parametrize("day", ["x", "9999-99-99", "0001-01-01", ""])
    def test_days_that_cannot_be_meant(self, client, day):
        assert (
            client.get(address("desk_application_figures"), {"since": day, "until": day}).status_code == 200
        )
