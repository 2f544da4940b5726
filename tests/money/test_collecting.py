"""Return files from folder and upload: taken up whole or not at all, however often they come."""

import datetime as dt
import logging
import os
from dataclasses import replace

import pytest
from django.utils import timezone

from policies.models import ReturnFile, ReturnLine, Transfer
from policies.money import collecting, intake, uploading
from policies.money.awards import waiting
from policies.money.exchange import folders
from policies.money.exchange.formats import Unreadable
from policies.money.exchange.reading import MOST_BYTES
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry
from tests.accounts.factories import UserFactory
from tests.money.answering import answers_to, nothing_is_broken, put, states, written
from tests.money.factories import official
from tests.money.many import released

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_an_answer_is_booked_and_put_aside(file, inbox, form):
    assert put(inbox, written(file, answers_to(file), form=form), f"HD-1.{form}") == 1
    assert states() == ["paid"] * 3
    assert not [path for path in inbox.iterdir() if path.is_file()]
    assert len(list((inbox / "done").iterdir())) == 1
    back = ReturnFile.objects.get()
    assert (back.state, back.number, back.instruction, back.via, back.by) == (
        "applied",
        "HD-1",
        file,
        "folder",
        None,
    )
    nothing_is_broken()


def test_the_same_bytes_again_are_nothing(county, file, inbox):
    content = written(file, answers_to(file))
    put(inbox, content)
    before = ReturnFile.objects.values().get()
    put(inbox, content, "another.csv")
    again = uploading.take(
        "again.csv", content, to=county.line.department, by=county.preparer, at=timezone.now()
    )
    assert ReturnFile.objects.values().get() == before
    assert again.pk == before["id"]
    assert Transfer.objects.count() == 6
    assert not [path for path in inbox.iterdir() if path.is_file()]


def test_lines_that_came_before_are_passed_over(file, inbox):
    lines = answers_to(file)
    put(inbox, written(file, lines[:2]))
    put(inbox, written(file, lines[::-1], "HD-2"), "HD-2.csv")
    assert states() == ["paid"] * 3
    assert ReturnLine.objects.count() == 3
    assert set(ReturnFile.objects.values_list("state", flat=True)) == {"applied"}
    nothing_is_broken()


def test_paid_and_sent_back_later_sets_the_award_free(file, inbox):
    put(inbox, written(file, answers_to(file)))
    put(inbox, written(file, answers_to(file, "returned", 50)[:1], "HD-2"), "HD-2.csv")
    assert states() == ["paid", "paid", "returned"]
    assert waiting(None).count() == 1
    file.batch.line.refresh_from_db()
    assert file.batch.line.reserved_fen == 0
    nothing_is_broken()


def test_paid_and_sent_back_in_one_file(file, inbox):
    both = [*answers_to(file), *answers_to(file, "returned", 50)[:1]]
    put(inbox, written(file, both))
    assert states() == ["paid", "paid", "returned"]
    assert sorted(Transfer.objects.values_list("kind", flat=True)) == [
        *["post"] * 3,
        *["reserve"] * 3,
        "reverse",
    ]
    nothing_is_broken()


def test_sent_back_is_final_whatever_comes_late(file, inbox):
    """Files out of order: that it had been paid before it came back changes nothing any more."""
    put(inbox, written(file, answers_to(file, "returned", 50)[:1], "HD-2"), "HD-2.csv")
    put(inbox, written(file, answers_to(file)))
    assert states() == ["paid", "paid", "returned"]
    assert set(ReturnFile.objects.values_list("state", flat=True)) == {"applied"}
    nothing_is_broken()


def test_in_one_file_too_what_came_back_is_not_paid_later(file, inbox):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    put(inbox, written(file, [*answers_to(file), *answers_to(file, "returned", 50, yesterday)[:1]]))
    assert states() == ["sent"] * 3


def test_paid_after_it_had_come_back_is_for_people(file, inbox):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    put(inbox, written(file, answers_to(file, "returned", 50, yesterday)[:1], "HD-2"), "HD-2.csv")
    put(inbox, written(file, answers_to(file)))
    assert states() == ["returned", "sent", "sent"]
    assert ReturnFile.objects.get(number="HD-1").state == "quarantined"


def wrong(change):
    return lambda lines: [replace(lines[0], **change(lines[0])), *lines[1:]]


WRONG = {
    "amount": wrong(lambda line: {"amount": line.amount + 1}),
    "foreign": wrong(lambda line: {"payment": line.payment + 10**9}),
    "account": wrong(lambda line: {"account": "6217000000009999"}),
    "ten times": lambda lines: [replace(line, amount=10 * line.amount) for line in lines],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_quarantined_whole(file, inbox, name, caplog):
    with caplog.at_level(logging.ERROR, "policies.money"):
        put(inbox, written(file, WRONG[name](answers_to(file))))
    back = ReturnFile.objects.get()
    assert (back.state, back.number, back.instruction) == ("quarantined", "HD-1", file)
    assert len(back.reasons) == (3 if name == "ten times" else 1)
    assert back.reasons[0].startswith("第 2 行：")
    assert states() == ["sent"] * 3
    assert not ReturnLine.objects.exists()
    assert f"money: quarantined:{back.pk}" in caplog.text
    put(inbox, written(file, answers_to(file)), "HD-1-right.csv")
    assert states() == ["paid"] * 3, "the right one comes under the same number"
    nothing_is_broken()


def test_who_pays_where_it_belongs_is_told_and_all_when_nobody_knows(file, inbox):
    tax = Department.objects.get(code="tax")
    official(Role.PAYMENT_PREPARER, tax)
    told = OutboxEntry.objects.filter(payload__title__icontains="未入账，已隔离")
    put(inbox, written(file, WRONG["amount"](answers_to(file))))
    assert told.count() == 3
    assert not told.filter(payload__url__icontains=f"/desk/{tax.pk}/")
    put(inbox, b"H,1\r\n", "HD-2.csv")
    assert told.count() == 7


def test_an_altered_file_is_quarantined_with_its_reasons(file, inbox):
    put(inbox, written(file, answers_to(file)).replace(b"YK0000000001", b"YK0000000009"))
    back = ReturnFile.objects.get()
    assert (back.state, back.number) == ("quarantined", "")
    assert back.reasons == ["校验值与内容不符：文件在生成之后被改动，或不完整。"]


def test_an_answer_to_what_we_never_instructed(file, inbox):
    put(inbox, written(file, answers_to(file), instruction="ZF-1999-01-0001"))
    assert ReturnFile.objects.get().reasons == ["没有编号为 ZF-1999-01-0001 的指令文件。"]


def test_a_payment_of_another_instruction(county, file, inbox):
    other = released(county, 1)
    put(inbox, written(file, [*answers_to(file), *answers_to(other, start=9)]))
    assert ReturnFile.objects.get().state == "quarantined"
    assert states() == ["sent"] * 4


def test_a_number_that_was_used(file, inbox):
    lines = answers_to(file)
    put(inbox, written(file, lines[:1]))
    put(inbox, written(file, lines[1:]), "HD-1-again.csv")
    assert sorted(ReturnFile.objects.values_list("state", flat=True)) == ["applied", "quarantined"]
    assert states() == ["paid", "sent", "sent"]


def test_a_serial_that_said_something_else(file, inbox):
    lines = answers_to(file)
    put(inbox, written(file, lines[:1]))
    put(inbox, written(file, [replace(lines[1], serial=lines[0].serial)], "HD-2"), "HD-2.csv")
    assert ReturnFile.objects.get(number="HD-2").state == "quarantined"


def test_a_file_too_large_is_not_even_read(inbox, caplog):
    with (inbox / "huge.csv").open("wb") as huge:
        huge.truncate(5 * MOST_BYTES)  # 100 MB
    with caplog.at_level(logging.ERROR, "policies.money"):
        collecting.collect(timezone.now())
    assert not ReturnFile.objects.exists()
    assert not (inbox / "huge.csv").exists()
    assert len(list((inbox / "refused").iterdir())) == 1
    assert "money: refused:huge.csv" in caplog.text
    with pytest.raises(Unreadable):
        intake.receive("huge.csv", b"x" * (MOST_BYTES + 1), by=None, at=timezone.now())


def test_only_finished_files_are_taken(inbox, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("H")
    (inbox / ".HD-1.csv.part").write_text("H")
    (inbox / ".hidden.csv").write_text("H")
    (inbox / "note.txt").write_text("H")
    (inbox / "folder.csv").mkdir()
    (inbox / "link.csv").symlink_to(secret)
    os.mkfifo(inbox / "pipe.csv")
    assert collecting.collect(timezone.now()) == 0
    assert not ReturnFile.objects.exists()
    with pytest.raises(OSError):  # noqa: PT011 - its words are the system's
        folders.take(inbox / "link.csv")


def test_killed_before_it_was_judged(file, inbox):
    intake.receive("HD-1.csv", written(file, answers_to(file)), by=None, at=timezone.now())
    assert states() == ["sent"] * 3
    assert collecting.collect(timezone.now()) == 1
    assert states() == ["paid"] * 3


def test_killed_before_it_was_put_aside(file, inbox, monkeypatch):
    content = written(file, answers_to(file))
    with monkeypatch.context() as patch:
        patch.setattr(folders, "put_aside", lambda path, content: None)
        put(inbox, content)
    assert (inbox / "HD-1.csv").exists()
    collecting.collect(timezone.now())
    assert not (inbox / "HD-1.csv").exists()
    assert Transfer.objects.count() == 6


def test_one_that_fails_holds_up_no_other(file, inbox, monkeypatch, caplog):
    folders.put(inbox, "a.csv", b"H")
    folders.put(inbox, "b.csv", written(file, answers_to(file)))
    receive = intake.receive

    def failing(name, content, **more):
        if name == "a.csv":
            raise RuntimeError("out of order")
        return receive(name, content, **more)

    monkeypatch.setattr(intake, "receive", failing)
    collecting.collect(timezone.now())
    assert states() == ["paid"] * 3
    assert (inbox / "a.csv").exists()
    assert "a.csv stays in the folder" in caplog.text


def test_an_inbox_that_is_away_is_told_of(inbox, caplog):
    inbox.rmdir()
    with caplog.at_level(logging.ERROR, "policies.money"):
        assert collecting.collect(timezone.now()) == 0
    assert "money: inbox:" in caplog.text


def test_who_dismisses_says_why_and_is_of_the_desk(county, file, inbox):
    put(inbox, b"H,1\r\n")
    back = ReturnFile.objects.get()
    with pytest.raises(DomainError, match="作废原因"):
        intake.dismiss(back, " ", by=county.preparer, at=timezone.now())
    with pytest.raises(DomainError, match="岗位"):
        intake.dismiss(back, "误传", by=UserFactory(), at=timezone.now())
    intake.dismiss(back, "误传", by=county.preparer, at=timezone.now())
    back.refresh_from_db()
    assert (back.state, back.events.last().comment) == ("dismissed", "误传")
    put(inbox, b"H,1\r\n", "again.csv")
    assert ReturnFile.objects.get().state == "dismissed"
