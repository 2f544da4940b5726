"""Visits: planned, written down once however often sent, confirmed, disputed, counted; who sees what."""

import datetime as dt
import io
import json
import uuid
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from appeals.enums import Source
from appeals.models import Appeal, OrderClock, Pairing, Visit, VisitPhoto
from appeals.visits.agenda import agenda
from appeals.visits.coverage import coverage, total
from appeals.visits.planning import call_off, move, plan_quarter, plan_visit
from appeals.visits.quarters import Quarter
from appeals.visits.recording import Problem, Record, confirm, dispute, record_visit
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.workdays import Calendar
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import file, official
from tests.appeals.messages import told
from tests.appeals.standing import change
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.field.factories import PairingFactory, VisitFactory, paired

pytestmark = pytest.mark.django_db


def picture(colour=200):
    file_ = io.BytesIO()
    Image.new("RGB", (40, 30), (colour, 10, 10)).save(file_, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", file_.getvalue(), "image/jpeg")


def record(**fields):
    given = {
        "key": uuid.uuid4(),
        "visited_at": timezone.now() - dt.timedelta(hours=1),
        "met": "陈明远，总经理",
        "summary": "看了车间，订单充足，缺熟练焊工。",
        "phone": "13800000000",
    }
    return Record(**(given | fields))


PROBLEM = Problem("缺焊工 20 人", "节后返岗不足，请人社局帮助招工。")


@pytest.fixture
def visit():
    return VisitFactory(pairing=paired())


@pytest.fixture
def by(visit):
    return visit.pairing.officer.user


def signed_in(user):
    cache.clear()
    client = Client()
    client.force_login(user)
    return client


def posted(visit, **fields):
    """What the page sends."""
    local = timezone.localtime() - dt.timedelta(hours=1)
    given = {
        "key": str(uuid.uuid4()),
        "author": visit.pairing.officer.user_id,
        "visited_at": local.strftime("%Y-%m-%dT%H:%M"),
        "met": "陈明远",
        "phone": "13800000000",
        "operating": "steady",
        "summary": "看了车间。",
        "problem-TOTAL_FORMS": "3",
        "problem-INITIAL_FORMS": "0",
        "problem-0-title": "缺焊工",
        "problem-0-text": "节后返岗不足。",
    }
    return given | fields


def address(visit, name="desk_visit"):
    return reverse(name, args=[visit.pairing.officer.department_id, visit.pk])


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


class TestRecording:
    def test_problems_become_appeals_and_the_enterprise_is_asked(self, visit, by):
        written = record_visit(visit, record(problems=(PROBLEM,), photos=(picture(), picture(90))), by=by)
        appeal = Appeal.objects.get()
        assert (written.state, written.recorded_by) == ("done", by)
        assert (appeal.source, appeal.title, appeal.submitted_by) == (Source.VISIT, PROBLEM.title, by)
        assert list(written.appeals.all()) == [appeal]
        assert (written.photos.count(), appeal.attachments.count()) == (2, 2)
        assert OrderClock.objects.filter(order__appeal=appeal, target="receive").exists()
        assert "干部走访记录，请您确认" in told(visit.pairing.enterprise)

    def test_sent_twice_it_is_one_visit_and_one_set_of_appeals(self, visit, by):
        sent = record(problems=(PROBLEM,), photos=(picture(),))
        record_visit(visit, sent, by=by)
        record_visit(Visit.objects.get(pk=visit.pk), sent, by=by)
        assert (Appeal.objects.count(), VisitPhoto.objects.count()) == (1, 1)
        assert visit.events.filter(name="record").count() == 1

    def test_sent_again_after_the_enterprise_confirmed_is_still_that_visit(self, visit, by):
        sent = record()
        confirm(record_visit(visit, sent, by=by), by=by)
        assert record_visit(visit, sent, by=by).state == "confirmed"

    def test_other_words_with_the_key_of_a_written_visit_are_refused(self, visit, by):
        sent = record(photos=(picture(),))
        record_visit(visit, sent, by=by)
        for other in (
            {"summary": "后来又写的。"},
            {"photos": (picture(), picture(90))},
            {"notes": {1: "说"}},
        ):
            with pytest.raises(DomainError, match="没有再收"):
                record_visit(visit, replace(sent, **other), by=by)
        assert Visit.objects.get(pk=visit.pk).summary == sent.summary

    def test_another_form_of_a_written_visit_is_refused(self, visit, by):
        record_visit(visit, record(), by=by)
        with pytest.raises(DomainError, match="不能填写走访"):
            record_visit(visit, record(), by=by)

    def test_a_key_serves_one_visit(self, visit, by):
        sent = record()
        record_visit(visit, sent, by=by)
        with pytest.raises(DomainError, match="另一次走访"):
            record_visit(VisitFactory(), sent, by=by)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"visited_at": timezone.now() + dt.timedelta(hours=1)}, "不能晚于现在"),
            ({"visited_at": timezone.now() - dt.timedelta(days=31)}, "30 天"),
            ({"met": ""}, "见了谁"),
            ({"summary": ""}, "走访情况"),
            ({"phone": "", "problems": (PROBLEM,)}, "联系电话"),
            ({"problems": (PROBLEM,) * 6}, "最多 5 个"),
            ({"photos": (picture(),) * 10}, "最多 9 张"),
            ({"problems": (Problem("", "x"),)}, "标题"),
        ],
    )
    def test_what_is_refused_leaves_nothing(self, visit, by, fields, words):
        with pytest.raises(DomainError, match=words):
            record_visit(visit, record(**fields), by=by)
        assert (Visit.objects.get(pk=visit.pk).state, Appeal.objects.count()) == ("planned", 0)
        assert (visit.photos.count(), told(visit.pairing.enterprise)) == (0, [])

    def test_what_was_said_of_open_appeals_is_kept_and_told_to_the_desk(self, visit, by):
        ours, other = file(visit.pairing.enterprise), file()
        written = record_visit(visit, record(notes={ours.pk: "还没修", other.pk: "不相干"}), by=by)
        assert [each["number"] for each in written.form["agenda"]] == [ours.number]
        event = ours.events.get(name="visited")
        assert (event.comment, event.public) == ("还没修", False)
        assert not other.events.filter(name="visited").exists()

    def test_the_agenda_keeps_secrets(self, visit):
        firm = visit.pairing.enterprise
        seen = file(firm)
        file(firm, anonymous=True)
        file(firm, secrecy="confidential")
        file(firm, about=visit.pairing.officer.department)
        file()
        assert agenda(firm) == [seen]

    def test_disputed_amended_confirmed(self, visit, by):
        written = record_visit(visit, record(problems=(PROBLEM,)), by=by)
        with pytest.raises(DomainError, match="哪里不属实"):
            dispute(written, " ", by=by)
        dispute(written, "没有来过车间", by=by)
        assert "企业对走访记录有异议，请核实更正" in told(by)
        amended = record_visit(written, record(summary="在门口谈的。"), by=by)
        assert (amended.state, amended.summary, amended.appeals.count()) == ("done", "在门口谈的。", 1)
        confirm(amended, by=by)
        with pytest.raises(DomainError, match="企业已确认"):
            dispute(amended, "又不对", by=by)


class TestSealed:
    """Raw SQL, as the application's role."""

    def refused(self, constraint, work):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            work()
        assert refusal.value.__cause__.diag.constraint_name == constraint

    @pytest.mark.parametrize("ends", [[], ["dispute"], ["confirm"]])
    def test_what_was_written_stays(self, visit, by, ends):
        written = record_visit(visit, record(), by=by)
        for end in ends:
            confirm(written, by=by) if end == "confirm" else dispute(written, "不对", by=by)
        for column, value in {
            "summary": "x",
            "met": "x",
            "form": "{}",
            "planned_on": "2026-01-01",
            "visited_at": "2026-01-01T00:00Z",
            "client_id": str(uuid.uuid4()),
            "pairing_id": PairingFactory().pk,
        }.items():
            self.refused("appeals_visit_sealed", lambda c=column, v=value: change(written, **{c: v}))

    def test_photos_and_problems_of_a_confirmed_visit_stay(self, visit, by):
        written = record_visit(visit, record(problems=(PROBLEM,), photos=(picture(),)), by=by)
        confirm(written, by=by)
        photo = written.photos.get()
        part = "appeals_visit_part_sealed"
        self.refused(part, lambda: VisitPhoto.objects.filter(pk=photo.pk).delete())
        self.refused(part, lambda: change(photo, name="y"))
        self.refused(part, lambda: VisitPhoto.objects.create(visit=written, file="a", name="a", digest="9"))
        self.refused(part, written.appeals.clear)
        self.refused(part, lambda: written.appeals.add(file()))

    def test_a_made_visit_is_not_deleted(self, visit, by):
        written = record_visit(visit, record(), by=by)
        self.refused(
            "appeals_visit_state_transitions",
            lambda: Visit.objects.filter(pk=written.pk)._raw_delete("default"),
        )


class TestPages:
    def test_the_official_writes_and_is_sent_to_the_visit(self, visit, by):
        client = signed_in(by)
        page = client.get(address(visit))
        assert page.status_code == 200
        assert 'data-draft="visit-' in page.content.decode()
        answer = client.post(address(visit), posted(visit, album=[picture()]))
        assert (answer.status_code, answer["Location"]) == (302, address(visit))
        assert "已送出" in client.get(address(visit)).content.decode()
        assert Appeal.objects.get().source == Source.VISIT

    def test_a_script_is_answered_in_json(self, visit, by):
        client = signed_in(by)
        sent = posted(visit)
        wrong = client.post(address(visit), sent | {"met": " "}, headers={"accept": "application/json"})
        assert (wrong.status_code, wrong.json()["errors"][0][:4]) == (422, "见了谁：")
        for _time in range(2):
            answer = client.post(address(visit), sent, headers={"accept": "application/json"})
            assert (answer.status_code, answer.json()) == (200, {"url": address(visit)})
        assert Appeal.objects.count() == 1

    def test_what_was_said_of_an_appeal_that_closed_meanwhile_is_kept(self, visit, by):
        ours, other = file(visit.pairing.enterprise), file()
        secret = file(visit.pairing.enterprise, anonymous=True)
        change(ours, status="withdrawn")
        notes = {f"note-{each.pk}": "修好了" for each in (ours, other, secret)}
        answer = signed_in(by).post(address(visit), posted(visit, **notes, **{"note-x": "", "note-٣": ""}))
        assert answer.status_code == 302
        assert [each["number"] for each in Visit.objects.get(pk=visit.pk).form["agenda"]] == [ours.number]
        assert ours.events.get(name="visited").comment == "修好了"

    def test_a_form_of_another_user_is_not_taken(self, visit, by):
        sent = posted(visit, author=official(Role.PAIRED).pk)
        answer = signed_in(by).post(address(visit), sent, headers={"accept": "application/json"})
        assert (answer.status_code, Visit.objects.get(pk=visit.pk).state) == (409, "planned")

    def test_a_half_written_problem_is_asked_about(self, visit, by):
        answer = signed_in(by).post(address(visit), posted(visit, **{"problem-0-text": ""}))
        assert answer.status_code == 422
        assert Appeal.objects.count() == 0

    def test_a_file_that_is_no_photograph_is_named(self, visit, by):
        bad = SimpleUploadedFile("坏.jpg", b"%PDF-1.4 x", "image/jpeg")
        answer = signed_in(by).post(address(visit), posted(visit, album=[bad]))
        assert answer.status_code == 422
        assert "坏.jpg" in answer.content.decode()

    def test_strangers_find_nothing(self, visit):
        place = visit.pairing.officer.department
        for stranger in (
            official(Role.PAIRED, place),
            official(Role.HANDLER, place),
            official(Role.EDITOR, place),
        ):
            client = signed_in(stranger)
            assert client.get(address(visit)).status_code == 404
            assert client.post(address(visit), posted(visit, author=stranger.pk)).status_code == 404
            assert client.post(address(visit, "desk_visit_move"), {"day": "2030-01-01"}).status_code == 404
        assert signed_in(official(Role.LEADER)).get(address(visit)).status_code == 404

    def test_the_leader_may_write_for_the_official_and_the_desk_only_reads(self, visit):
        leader = official(Role.LEADER, visit.pairing.officer.department)
        assert "代 " in signed_in(leader).get(address(visit)).content.decode()
        desk = official(Role.DISPATCHER)
        there = reverse("desk_visit", args=[desk.postings.get().department_id, visit.pk])
        assert "data-draft=" not in signed_in(desk).get(there).content.decode()
        assert signed_in(desk).post(there, posted(visit, author=desk.pk)).status_code == 404

    def test_mine(self, visit, by, django_assert_max_num_queries):
        file(visit.pairing.enterprise)
        client = signed_in(by)
        with django_assert_max_num_queries(14):
            page = client.get(reverse("desk_visits", args=[visit.pairing.officer.department_id]))
        text = page.content.decode()
        assert visit.pairing.enterprise.name in text
        assert "1 件诉求在办" in text

    def test_a_paired_official_comes_to_the_visits_and_not_to_orders(self, visit, by):
        client, place = signed_in(by), visit.pairing.officer.department_id
        assert client.get(reverse("desk", args=[place]))["Location"] == reverse("desk_visits", args=[place])
        for name in ("desk_orders", "desk_inbox", "desk_pairings", "desk_visits_coverage"):
            assert client.get(reverse(name, args=[place])).status_code == 404

    def test_a_spontaneous_visit_is_planned_for_today(self, by, visit):
        change(visit, state="cancelled")
        client = signed_in(by)
        there = reverse("desk_visit_plan", args=[visit.pairing.officer.department_id, visit.pairing_id])
        answer = client.post(there, {"day": timezone.localdate().isoformat()})
        assert answer["Location"] == address(Visit.objects.latest("pk"))

    def test_photos_open_to_those_who_see_the_visit(self, visit, by, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        photo = record_visit(visit, record(photos=(picture(),)), by=by).photos.get()
        place = visit.pairing.officer.department_id
        own = signed_in(by).get(reverse("desk_visit_photo", args=[place, photo.pk]))
        assert (own.status_code, own["Content-Type"]) == (200, "image/jpeg")
        assert own.getvalue()[:3] == b"\xff\xd8\xff"
        other = signed_in(official(Role.PAIRED, visit.pairing.officer.department))
        assert other.get(reverse("desk_visit_photo", args=[place, photo.pk])).status_code == 404


class TestEnterprise:
    @pytest.fixture
    def member(self, visit):
        return MembershipFactory(enterprise=visit.pairing.enterprise).user

    def there(self, visit, name, *more):
        return reverse(name, args=[visit.pairing.enterprise_id, *more])

    def test_one_tap_confirms_and_a_second_does_no_harm(self, visit, by, member):
        record_visit(visit, record(problems=(PROBLEM,)), by=by)
        client = signed_in(member)
        assert "属实，确认" in client.get(self.there(visit, "enterprise_visits")).content.decode()
        page = client.get(self.there(visit, "enterprise_visit", visit.pk)).content.decode()
        assert PROBLEM.title in page
        for _time in range(2):
            client.post(self.there(visit, "enterprise_visit_confirm", visit.pk))
        assert visit.events.filter(name="confirm").count() == 1
        assert "企业已确认走访" in told(by)

    def test_not_so_with_words(self, visit, by, member):
        record_visit(visit, record(), by=by)
        client = signed_in(member)
        address = self.there(visit, "enterprise_visit_dispute", visit.pk)
        assert client.post(address, {"text": " "}).status_code == 422
        assert client.post(address, {"text": "没来过"}).status_code == 302
        assert Visit.objects.get(pk=visit.pk).state == "disputed"

    def test_planned_visits_and_other_firms_visits_are_not_found(self, visit, by, member):
        client = signed_in(member)
        assert client.get(self.there(visit, "enterprise_visit", visit.pk)).status_code == 404
        record_visit(visit, record(), by=by)
        stranger = MembershipFactory()
        other = signed_in(stranger.user)
        assert other.get(self.there(visit, "enterprise_visit", visit.pk)).status_code == 404
        own = reverse("enterprise_visit", args=[stranger.enterprise_id, visit.pk])
        assert other.get(own).status_code == 404
        assert other.post(own + "confirm/").status_code == 404


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
        confirm(record_visit(visit, record(problems=(PROBLEM,)), by=by), by=by)
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


def test_the_kept_form_is_json(visit, by):
    written = record_visit(visit, record(operating="steady", told=True), by=by)
    assert json.loads(json.dumps(written.form))["operating"] == "steady"
