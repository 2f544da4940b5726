"""Uploads: what is no answer to this department is not kept, and no one person's word moves a payment."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from policies.models import ReturnFile, ReturnLine
from policies.money import intake, uploading
from policies.money.awards import waiting
from policies.money.exchange.reading import MOST_BYTES
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.outbox import OutboxEntry
from tests.accounts.factories import DepartmentFactory
from tests.enterprises.factories import MembershipFactory
from tests.money.answering import answers_to, nothing_is_broken, put, states, written
from tests.money.factories import Desk, answer, official, payment_of, return_file
from tests.money.forging import confirmed
from tests.money.many import released
from tests.money.refusing import refused, told
from tests.money.test_files import add_line
from tests.rows import change

pytestmark = pytest.mark.django_db


def bring(county, content, by=None, name="HD-1.csv"):
    by = by or county.preparer
    return uploading.take(name, content, to=county.line.department, by=by, at=timezone.now())


@pytest.fixture
def upload(county, file):
    """It says that the money came back: the award could be paid again."""
    return bring(county, written(file, answers_to(file, "returned")))


class TestConfirming:
    def test_an_upload_changes_nothing_until_another_person_confirms_it(self, county, upload):
        assert (upload.state, upload.number, upload.via, upload.by) == (
            "waiting",
            "HD-1",
            "upload",
            county.preparer,
        )
        assert states() == ["sent"] * 3
        assert not waiting(None).exists()
        assert not ReturnLine.objects.exists()
        done = uploading.confirm(upload, by=county.confirmer, at=timezone.now())
        assert (done.state, done.confirmed_by) == ("applied", county.confirmer)
        assert states() == ["returned"] * 3
        assert set(done.events.values_list("name", "actor")) == {
            ("wait", county.preparer.pk),
            ("confirm", county.confirmer.pk),
            ("apply", county.confirmer.pk),
        }
        nothing_is_broken()

    def test_not_by_who_brought_it(self, county, upload):
        told("four_eyes", lambda: uploading.confirm(upload, by=county.preparer, at=timezone.now()))
        assert states() == ["sent"] * 3

    def test_not_by_who_does_not_pay_there(self, upload):
        others = official(Role.LEADER), official(Role.PAYMENT_CONFIRMER, DepartmentFactory())
        for by in others:
            told("no_role", lambda by=by: uploading.confirm(upload, by=by, at=timezone.now()))
            told("no_role", lambda by=by: intake.dismiss(upload, "不对", by=by, at=timezone.now()))

    def test_not_by_a_member_of_a_firm_that_is_paid(self, county, file, upload):
        enterprise = file.batch.payments.first().enterprise
        MembershipFactory(enterprise=enterprise, user=county.confirmer)
        told("own_firm", lambda: uploading.confirm(upload, by=county.confirmer, at=timezone.now()))

    def test_once(self, county, upload):
        uploading.confirm(upload, by=county.confirmer, at=timezone.now())
        told(
            "transition_refused",
            lambda: uploading.confirm(upload, by=county.releaser, at=timezone.now()),
        )

    def test_sweepers_leave_it_waiting(self, county, file, inbox):
        content = written(file, answers_to(file))
        intake.receive("HD-1.csv", content, by=county.preparer, at=timezone.now())
        assert intake.judge_waiting(timezone.now()) == 1
        assert intake.judge_waiting(timezone.now()) == 0
        assert ReturnFile.objects.get().state == "waiting"
        assert states() == ["sent"] * 3

    def test_killed_after_it_was_confirmed_it_is_booked_by_the_sweeper(self, county, upload, monkeypatch):
        def killed(pk, *, at):
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(intake, "judge", killed)
            with pytest.raises(SystemExit):
                uploading.confirm(upload, by=county.confirmer, at=timezone.now())
        assert intake.judge_waiting(timezone.now()) == 1
        assert states() == ["returned"] * 3

    def test_what_was_booked_meanwhile_stands_against_it_and_it_is_confirmed_anew(self, county, file, inbox):
        upload = bring(county, written(file, answers_to(file, "returned", 50)))
        put(inbox, written(file, answers_to(file, "returned"), "HD-2"), "HD-2.csv")
        done = uploading.confirm(upload, by=county.confirmer, at=timezone.now())
        assert done.state == "quarantined"
        again = intake.judge_again(done, by=county.confirmer, at=timezone.now())
        assert (again.state, again.confirmed_by) == ("quarantined", None)

    def test_the_treasurys_folder_needs_nobody(self, county, upload, inbox):
        put(inbox, bytes(upload.content), "HD-1.csv")
        upload.refresh_from_db()
        assert (upload.state, upload.via, upload.by) == ("applied", "folder", None)
        assert states() == ["returned"] * 3
        collected = upload.events.get(name="collect")
        assert county.preparer.name in collected.comment
        assert upload.events.get(name="apply").actor is None

    def test_what_was_not_confirmed_counts_when_the_folder_has_it(self, county, upload, inbox):
        intake.dismiss(upload, "国库说没有", by=county.confirmer, at=timezone.now())
        put(inbox, bytes(upload.content), "HD-1.csv")
        upload.refresh_from_db()
        assert (upload.state, upload.reasons) == ("applied", [])
        assert "国库说没有" in upload.events.get(name="collect").comment

    def test_who_may_is_asked_and_who_brought_it_hears_of_a_no(self, county, file, upload):
        official(Role.PAYMENT_CONFIRMER, Department.objects.get(code="tax"))
        asked = OutboxEntry.objects.filter(payload__title="上传的回单待复核：HD-1")
        boxes = set(asked.values_list("payload__mailbox", flat=True))
        assert boxes == {county.confirmer.mailbox.pk, county.releaser.mailbox.pk}
        intake.dismiss(upload, "国库说没有", by=county.confirmer, at=timezone.now())
        told_so = OutboxEntry.objects.get(payload__title="您上传的回单没有通过复核：HD-1")
        assert told_so.payload["mailbox"] == county.preparer.mailbox.pk
        assert told_so.payload["body"].endswith("国库说没有")

    def test_who_brought_it_may_take_it_back_and_hears_nothing(self, county, upload):
        intake.dismiss(upload, "传错了", by=county.preparer, at=timezone.now())
        assert not OutboxEntry.objects.filter(payload__title__startswith="您上传的回单").exists()


class TestDoor:
    """What is refused is not kept, and nobody is alarmed."""

    def refused(self, code, act):
        before = OutboxEntry.objects.count()
        error = told(code, act)
        assert not ReturnFile.objects.exists()
        assert OutboxEntry.objects.count() == before
        return error

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a workbook", "会议纪要".encode("gbk"), b"H,1\r\n"])
    def test_no_return_file(self, county, content):
        self.refused("unreadable", lambda: bring(county, content))

    def test_a_file_too_large(self, county):
        self.refused("unreadable", lambda: bring(county, b"x" * (MOST_BYTES + 1)))

    def test_an_altered_one(self, county, file):
        content = written(file, answers_to(file)).replace(b"YK0000000001", b"YK0000000009")
        self.refused("unreadable", lambda: bring(county, content))

    def test_an_instruction_file(self, county, file):
        self.refused("unreadable", lambda: bring(county, bytes(file.content)))

    def test_an_answer_to_what_we_never_instructed(self, county, file):
        content = written(file, answers_to(file), instruction="ZF-1999-01-0001")
        self.refused("instruction_unknown", lambda: bring(county, content))

    def test_an_answer_to_another_department(self, county, file):
        tax = Department.objects.get(code="tax")
        content, by = written(file, answers_to(file)), official(Role.PAYMENT_PREPARER, tax)
        error = self.refused(
            "other_department",
            lambda: uploading.take("HD-1.csv", content, to=tax, by=by, at=timezone.now()),
        )
        assert county.line.department.name in error.message

    def test_by_who_does_not_pay_there(self, county, file):
        content = written(file, answers_to(file))
        self.refused("no_role", lambda: bring(county, content, by=official(Role.LEADER)))


def test_what_another_department_brought_is_refused_like_any_other_file_of_theirs(county, file, upload):
    tax = Department.objects.get(code="tax")
    by = official(Role.PAYMENT_PREPARER, tax)
    told(
        "other_department",
        lambda: uploading.take("x.csv", bytes(upload.content), to=tax, by=by, at=timezone.now()),
    )


def test_what_does_not_fit_the_books_is_kept_in_quarantine(county, file):
    lines = answers_to(file)
    content = written(file, [*lines[:2], replace(lines[2], amount=1)])
    upload = bring(county, content)
    assert (upload.state, len(upload.reasons)) == ("quarantined", 1)


class TestDatabase:
    """The application role cannot book an upload of one person."""

    def waiting(self):
        desk = Desk()
        file = return_file(desk.released(), via="upload", by=desk.preparer)
        change(file, state="waiting")
        return desk, file

    def test_no_line_of_an_upload_that_nobody_confirmed(self):
        desk = Desk()
        batch = desk.released()
        file = return_file(batch, via="upload", by=desk.preparer)
        refused("policies_returnline_judged", lambda: add_line(file, answer(payment_of(batch), "returned")))

    def test_nor_is_it_applied(self):
        desk = Desk()
        file = return_file(desk.released(), via="upload", by=desk.preparer)
        refused("policies_returnfile_confirmed", lambda: change(file, state="applied"))

    def test_it_is_not_confirmed_where_it_does_not_wait(self):
        desk = Desk()
        file = return_file(desk.released(), via="upload", by=desk.preparer)
        by = {"confirmed_by_id": desk.confirmer.pk, "confirmed_at": timezone.now()}
        refused("policies_returnfile_confirmed", lambda: change(file, **by))
        refused(
            "policies_returnfile_confirmed",
            lambda: return_file(
                file.instruction.batch,
                via="upload",
                by=desk.preparer,
                confirmed_by=desk.confirmer,
                confirmed_at=timezone.now(),
            ),
        )

    def test_not_by_who_brought_it_nor_without_a_time(self):
        desk, file = self.waiting()
        for by in (
            {"confirmed_by_id": desk.preparer.pk, "confirmed_at": timezone.now()},
            {"confirmed_by_id": desk.confirmer.pk},
            {"confirmed_at": timezone.now()},
        ):
            refused("policies_returnfile_four_eyes", lambda by=by: change(file, state="received", **by))

    def test_who_brought_it_is_not_changed_to_suit(self):
        desk, file = self.waiting()
        values = {"by_id": desk.releaser.pk, "confirmed_by_id": desk.preparer.pk}
        refused(
            "policies_returnfile_confirmed",
            lambda: change(file, state="received", confirmed_at=timezone.now(), **values),
        )

    def test_what_is_judged_anew_is_confirmed_anew(self):
        desk, file = self.waiting()
        change(file, state="received", **confirmed(desk.confirmer))
        change(file, state="quarantined", reasons='["不符"]')
        refused("policies_returnfile_confirmed", lambda: change(file, state="received", reasons="[]"))

    def test_what_waits_stands(self):
        _desk, file = self.waiting()
        refused(
            "policies_returnfile_stands",
            lambda: change(file, state="dismissed", reasons='["不符"]', name="x"),
        )

    def test_confirmed_it_is_booked(self):
        desk, file = self.waiting()
        change(file, state="received", **confirmed(desk.confirmer))
        add_line(file, answer(payment_of(file.instruction.batch)))
        change(file, state="applied")


class TestPages:
    @pytest.fixture
    def visit(self, client, county):
        def read(user, name="desk_money_files", *args, status=200, **data):
            client.force_login(user)
            address = reverse(name, args=[county.line.department_id, *args])
            answer = client.post(address, data) if data else client.get(address)
            assert answer.status_code == status, answer.content.decode()[:2000]
            return (client.get(answer.url) if status == 302 else answer).content.decode()

        return read

    def test_from_the_upload_to_the_books(self, county, file, visit):
        brought = SimpleUploadedFile("HD-1.csv", written(file, answers_to(file, "returned")))
        page = visit(county.preparer, "desk_money_upload", status=302, file=brought)
        assert "还没有入账" in page
        assert "已向国库核实" not in page
        assert county.confirmer.name in page
        back = ReturnFile.objects.get()
        assert "待复核的上传" in visit(county.releaser)
        assert "复核上传的回单" in visit(county.releaser, "desk_money")
        assert "复核上传的回单" not in visit(county.preparer, "desk_money")
        assert "1 份回单待复核" in visit(county.preparer, "desk_money_reconciliation")
        page = visit(county.confirmer, "desk_money_file_in", back.pk)
        assert "已向国库核实，同意入账" in page
        assert "已退回 3 笔，" in page
        assert "账户已销户" in page
        reading = visit(official(Role.LEADER), "desk_money_file_in", back.pk)
        assert "已向国库核实" not in reading
        said = visit(county.preparer, "desk_money_confirm_file", back.pk, status=302, seen="1")
        assert "须由本部门另一位" in said
        visit(official(Role.LEADER), "desk_money_confirm_file", back.pk, status=404, seen="1")
        assert "已入账" in visit(county.confirmer, "desk_money_confirm_file", back.pk, status=302, seen="1")
        assert f"{county.confirmer.name}复核" in visit(county.preparer, "desk_money_file_in", back.pk)
        assert states() == ["returned"] * 3

    def test_what_is_no_return_file_is_refused_with_words(self, county, visit):
        brought = SimpleUploadedFile("纪要.docx", b"PK\x03\x04")
        page = visit(county.preparer, "desk_money_upload", status=422, file=brought)
        assert "没有收下“纪要.docx”" in page

    def test_files_of_others_are_not_in_the_list(self, county, file, client, inbox):
        tax = Department.objects.get(code="tax")
        bring(county, written(file, answers_to(file)), name="ours.csv")
        put(inbox, written(file, answers_to(file)[:1], "HD-9").replace(b"YK", b"YX", 1), "altered.csv")
        client.force_login(official(Role.PAYMENT_PREPARER, tax))
        page = client.get(reverse("desk_money_files", args=[tax.pk])).content.decode()
        assert "HD-1" not in page
        assert "altered.csv" not in page, "its head says whose it is, though its seal is broken"


def test_lines_of_another_batch_of_ours_are_not_believed(county, file):
    other = released(county, 1)
    upload = bring(county, written(file, [*answers_to(file), *answers_to(other, start=9)]))
    assert upload.state == "quarantined"
