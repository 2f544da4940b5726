"""Visits written down once however often sent, disputed, amended, confirmed; what was written stays."""

import datetime as dt
import json
import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appeals.enums import Source
from appeals.models import Appeal, OrderClock, Visit, VisitPhoto
from appeals.visits.agenda import agenda
from appeals.visits.recording import Problem, confirm, dispute, record_visit
from portal.kernel.errors import DomainError
from tests.appeals.factories import file
from tests.appeals.messages import told
from tests.field.factories import (
    PROBLEM,
    PairingFactory,
    VisitFactory,
    agree,
    picture,
    record,
)
from tests.rows import change

pytestmark = pytest.mark.django_db


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
        agree(record_visit(visit, sent, by=by), by=by)
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
        amended = record_visit(written, record(base=written.client_id, summary="在门口谈的。"), by=by)
        assert (amended.state, amended.summary, amended.appeals.count()) == ("done", "在门口谈的。", 1)
        agree(amended, by=by)
        with pytest.raises(DomainError, match="企业已确认"):
            dispute(amended, "又不对", by=by)

    def test_an_amendment_keeps_what_was_said_of_appeals(self, visit, by):
        first, closed, third = (file(visit.pairing.enterprise) for _time in range(3))
        said = {first.pk: "还没修", closed.pk: "快了", third.pk: "不急"}
        written = record_visit(visit, record(notes=said), by=by)
        dispute(written, "没有说不急", by=by)
        again = {first.pk: "修了一半", third.pk: ""}  # closed meanwhile: the form does not ask
        amended = record_visit(written, record(base=written.client_id, notes=again), by=by)
        kept = {each["number"]: each["note"] for each in amended.form["agenda"]}
        assert kept == {first.number: "修了一半", closed.number: "快了"}
        comments = [event.comment for event in first.events.filter(name="visited").order_by("pk")]
        assert comments == ["还没修", "修了一半"]
        assert closed.events.filter(name="visited").count() == 1

    def test_unchanged_words_are_not_told_again(self, visit, by):
        ours = file(visit.pairing.enterprise)
        written = record_visit(visit, record(notes={ours.pk: "还没修"}), by=by)
        dispute(written, "日子不对", by=by)
        record_visit(written, record(base=written.client_id, notes={ours.pk: "还没修"}), by=by)
        assert ours.events.filter(name="visited").count() == 1

    def test_a_form_of_before_is_not_written_over_a_later_record(self, visit, by):
        written = record_visit(visit, record(summary="后来写的。"), by=by)
        dispute(written, "不对", by=by)
        for base in (None, uuid.uuid4()):
            with pytest.raises(DomainError, match="已另外送出过"):
                record_visit(written, record(base=base), by=by)
        assert Visit.objects.get(pk=visit.pk).summary == "后来写的。"

    def test_the_day_of_an_old_visit_is_amended_within_a_month_of_what_was_written(self, visit, by):
        days = dt.timedelta(days=1)
        written = record_visit(visit, record(visited_at=timezone.now() - 29 * days), by=by)
        dispute(written, "早了几天", by=by)
        given = {"base": written.client_id, "visited_at": timezone.now() - 60 * days}
        with pytest.raises(DomainError, match="30 天"):
            record_visit(written, record(**given), by=by)
        amended = record_visit(written, record(**(given | {"visited_at": timezone.now() - 40 * days})), by=by)
        assert amended.state == "done"

    def test_only_the_record_that_was_seen_is_confirmed(self, visit, by):
        written = record_visit(visit, record(), by=by)
        before = str(written.client_id)
        dispute(written, "不对", by=by)
        amended = record_visit(written, record(base=written.client_id), by=by)
        for seen in (before, ""):
            with pytest.raises(DomainError, match="先看过"):
                confirm(amended, by=by, seen=seen)
        assert Visit.objects.get(pk=visit.pk).state == "done"


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
            agree(written, by=by) if end == "confirm" else dispute(written, "不对", by=by)
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
        agree(written, by=by)
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


def test_the_kept_form_is_json(visit, by):
    written = record_visit(visit, record(operating="steady", told=True), by=by)
    assert json.loads(json.dumps(written.form))["operating"] == "steady"
