"""The official's pages of visits: the form, my visits, who finds nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from appeals.enums import Source
from appeals.models import Appeal, Visit
from appeals.visits.recording import dispute, record_visit
from portal.accounts.roles import Role
from tests.appeals.factories import file, official
from tests.clients import signed_in
from tests.field.factories import address, picture, posted, record
from tests.papers import PDF
from tests.rows import change

pytestmark = pytest.mark.django_db


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
        bad = SimpleUploadedFile("坏.jpg", PDF, "image/jpeg")
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
        page = client.get(reverse("desk_visits", args=[place])).content.decode()
        assert "搜政策" in page
        assert reverse("desk_applications", args=[place]) not in page

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

    def test_the_form_of_an_amendment_has_what_was_said(self, visit, by):
        ours, other = file(visit.pairing.enterprise), file(visit.pairing.enterprise)
        written = record_visit(visit, record(notes={ours.pk: "还没修"}), by=by)
        dispute(written, "不对", by=by)
        change(ours, status="withdrawn")
        form = signed_in(by).get(address(visit)).context["form"]
        assert [(each, box.value()) for each, box in form.talked_about] == [(ours, "还没修"), (other, "")]
        assert form["base"].value() == str(written.client_id)

    def test_a_number_that_nobody_can_dial_is_asked_about(self, visit, by):
        answer = signed_in(by).post(address(visit), posted(visit, phone="王总"))
        assert (answer.status_code, "电话号码" in answer.content.decode()) == (422, True)
