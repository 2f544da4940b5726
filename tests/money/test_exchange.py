"""Files to and from the treasury: delivered whole and once for certain, taken up whole or not at all."""

import datetime as dt
import logging
import os
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from policies.models import (
    InstructionFile,
    MoneyInvariant,
    Payment,
    ReturnFile,
    ReturnLine,
    Transfer,
)
from policies.money import collecting, delivering, freezes, intake, results, watching
from policies.money.awards import waiting
from policies.money.exchange import folders
from policies.money.exchange.formats import Unreadable
from policies.money.exchange.instructing import regenerated
from policies.money.exchange.reading import MOST_BYTES
from portal.embedded.treasury import papers
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry
from portal.kernel.spans import end_of_day
from portal.kernel.workdays import add_workdays
from tests.accounts.factories import UserFactory
from tests.money.scene import released, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return scene()


@pytest.fixture
def file(county, inbox):
    """A released batch of three payments; its instruction is not delivered yet."""
    return released(county, 3)


@pytest.fixture
def outbox(settings, tmp_path):
    settings.TREASURY_OUTBOX = tmp_path / "instructions"
    settings.TREASURY_OUTBOX.mkdir()
    return settings.TREASURY_OUTBOX


@pytest.fixture
def inbox(settings, outbox, tmp_path):
    settings.TREASURY_INBOX = tmp_path / "returns"
    settings.TREASURY_INBOX.mkdir()
    return settings.TREASURY_INBOX


def answers_to(file, outcome="paid", start=1, day=None):
    """A line for each payment of the file, as the treasury would write it."""
    orders = papers.read(bytes(file.content)).orders
    return [
        papers.Answer(
            f"YK{start + place:010d}",
            order.payment,
            order.account,
            order.amount,
            outcome,
            (day or timezone.localdate()).isoformat(),
            "账户已销户" if outcome == "returned" else "",
        )
        for place, order in enumerate(orders)
    ]


def written(file, answers, number="HD-1", form="csv", instruction=None):
    envelope = papers.Envelope(number, instruction or file.number, timezone.localdate(), form)
    return papers.write(envelope, answers)


def put(inbox, content, name="HD-1.csv"):
    folders.put(inbox, name, content)
    return collecting.collect(timezone.now())


def states():
    return sorted(Payment.objects.values_list("state", flat=True))


def nothing_is_broken():
    assert not MoneyInvariant.objects.filter(broken__gt=0)


# --- out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_the_file_is_written_from_the_rows_and_again_to_the_byte(county, settings, form):
    settings.TREASURY_FORMAT = form
    file = released(county, 3)
    content = bytes(file.content)
    assert regenerated(InstructionFile.objects.get(pk=file.pk)) == content
    read = papers.read(content)
    assert (read.number, read.form, len(read.orders)) == (file.number, form, 3)
    paid = Payment.objects.order_by("pk").values_list("pk", "account__number", "amount_fen")
    assert [(order.payment, order.account, order.amount) for order in read.orders] == list(paid)


def test_delivered_once_and_again_the_same(file, outbox):
    first, later = timezone.now(), timezone.now() + dt.timedelta(hours=1)
    assert delivering.deliver_waiting(first) == 1
    assert [path.name for path in outbox.iterdir()] == [f"{file.number}.csv"]
    assert (outbox / f"{file.number}.csv").read_bytes() == bytes(file.content)
    assert delivering.deliver_waiting(later) == 0
    (outbox / f"{file.number}.csv").unlink()
    assert delivering.deliver(file.pk, at=later)
    assert (outbox / f"{file.number}.csv").read_bytes() == bytes(file.content)
    file.refresh_from_db()
    assert file.delivered_at == first


@pytest.mark.parametrize("scope", ["everything", "line", "batch"])
def test_what_is_frozen_stays_until_two_thaw_it(county, file, outbox, scope):
    now = timezone.now()
    frozen = {"everything": None, "line": county.line, "batch": file.batch}[scope]
    freeze = freezes.freeze(frozen, "核查举报", by=county.preparer, at=now)
    assert delivering.deliver_waiting(now) == 0
    freezes.ask_thaw(freeze, by=county.preparer, at=now)
    assert delivering.deliver_waiting(now) == 0
    assert not list(outbox.iterdir())
    freezes.thaw(freeze, by=county.confirmer, at=now)
    assert delivering.deliver_waiting(now) == 1


def test_a_folder_that_is_away_is_told_of_and_tried_again(file, outbox, caplog):
    outbox.rmdir()
    now = timezone.now()
    with caplog.at_level(logging.ERROR, "policies.money"):
        assert delivering.deliver_waiting(now) == 0
        assert delivering.deliver_waiting(now) == 0
    assert caplog.text.count(f"money: undelivered:{file.pk}") == 2
    told = OutboxEntry.objects.filter(payload__title__icontains="无法写入国库交换目录")
    assert told.count() == 3, "each of the three, once"
    outbox.mkdir()
    assert delivering.deliver_waiting(now) == 1


def test_a_file_that_its_rows_do_not_write_again_is_not_delivered(file, outbox, monkeypatch, caplog):
    monkeypatch.setattr(delivering, "regenerated", lambda file: b"changed behind our back")
    with caplog.at_level(logging.ERROR, "policies.money"):
        assert delivering.deliver_waiting(timezone.now()) == 0
    assert not list(outbox.iterdir())
    assert f"money: altered:{file.pk}" in caplog.text


def test_silent_payments_are_asked_for_again_and_never_anew(county, file, inbox, outbox, settings):
    now = timezone.now()
    delivering.deliver_waiting(now)
    path = outbox / f"{file.number}.csv"
    path.unlink()
    put(inbox, written(file, answers_to(file)[:1]))
    assert delivering.deliver_again(now) == 0, "nobody is impatient yet"
    sent = timezone.localdate(Payment.objects.values_list("sent_at", flat=True)[0])
    last = end_of_day(add_workdays(sent, settings.TREASURY_PATIENCE))
    assert watching.watch_silence(last - dt.timedelta(seconds=1)) == 0
    assert watching.watch_silence(last) == 2
    assert states() == ["paid", "unknown", "unknown"]
    assert delivering.deliver_again(now) == 1
    assert path.read_bytes() == bytes(file.content)
    assert not waiting(None).exists()
    put(inbox, written(file, answers_to(file), "HD-2"), "HD-2.csv")
    assert states() == ["paid"] * 3
    path.unlink()
    assert delivering.deliver_again(now) == 0
    nothing_is_broken()


# --- in -----------------------------------------------------------------------------------------------------


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
    again = intake.take_upload("again.csv", content, by=county.preparer, at=timezone.now())
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

    monkeypatch.setattr(collecting, "receive", failing)
    collecting.collect(timezone.now())
    assert states() == ["paid"] * 3
    assert (inbox / "a.csv").exists()
    assert "a.csv stays in the folder" in caplog.text


def test_an_inbox_that_is_away_is_told_of(inbox, caplog):
    inbox.rmdir()
    with caplog.at_level(logging.ERROR, "policies.money"):
        assert collecting.collect(timezone.now()) == 0
    assert "money: inbox:" in caplog.text


def test_an_upload_says_who_brought_it(county, file):
    back = intake.take_upload(
        "回单.csv", written(file, answers_to(file)), by=county.preparer, at=timezone.now()
    )
    assert (back.state, back.via, back.by, back.name) == ("applied", "upload", county.preparer, "回单.csv")


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


# --- clocks -------------------------------------------------------------------------------------------------


def test_a_clock_set_back_an_hour_stops_and_repeats_nothing(file, inbox, outbox):
    past = timezone.now() - dt.timedelta(hours=1)
    sent = Payment.objects.values_list("sent_at", flat=True)[0]
    assert delivering.deliver_waiting(sent - dt.timedelta(hours=1)) == 1
    folders.put(inbox, "HD-1.csv", written(file, answers_to(file)[:2]))
    collecting.collect(sent - dt.timedelta(hours=1))
    assert states() == ["paid", "paid", "sent"]
    assert results.overdue(past) == 0
    assert delivering.deliver_waiting(past) == 0
    collecting.collect(past)
    assert Transfer.objects.count() == 5
    nothing_is_broken()


def test_midnight_is_that_of_china(county):
    """Half past four in the afternoon of the last of November in London is the first of December here."""
    county.now = dt.datetime(2026, 11, 30, 16, 26, tzinfo=dt.UTC)
    file = released(county, 1)
    assert file.number.startswith("ZF-2026-12-")
    assert papers._read_csv(bytes(file.content))[0][2] == "2026-12-01"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    assert regenerated(InstructionFile.objects.get(pk=file.pk)) == bytes(file.content)
