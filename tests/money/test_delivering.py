"""Instruction files: written from the rows, delivered whole and once for certain, and again for silence."""

import datetime as dt
import logging

import pytest
from django.utils import timezone

from policies.models import InstructionFile, Payment
from policies.money import delivering, freezes, watching
from policies.money.awards import waiting
from policies.money.exchange.instructing import regenerated
from portal.embedded.treasury import papers
from portal.kernel.outbox import OutboxEntry
from portal.kernel.spans import end_of_day
from portal.kernel.workdays import add_workdays
from tests.money.answering import answers_to, nothing_is_broken, put, states, written
from tests.money.many import released

pytestmark = pytest.mark.django_db


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


def test_each_delivery_is_noted(file, outbox):
    now = timezone.now()
    delivering.deliver_waiting(now)
    later = now + dt.timedelta(days=20)
    watching.watch_silence(later)
    delivering.deliver_again(later)
    assert list(file.deliveries.order_by("pk").values_list("at", flat=True)) == [now, later]
    outbox.joinpath(f"{file.number}.csv").unlink()
    outbox.rmdir()
    delivering.deliver_again(later)
    assert file.deliveries.count() == 2, "what could not be put was not delivered"


def test_a_file_that_fails_holds_up_no_other(county, file, outbox, monkeypatch, caplog):
    other = released(county, 1)

    def failing(one):
        if one.pk == file.pk:
            raise ValueError("out of order")
        return bytes(one.content)

    monkeypatch.setattr(delivering, "regenerated", failing)
    assert delivering.deliver_waiting(timezone.now()) == 1
    assert [path.name for path in outbox.iterdir()] == [f"{other.number}.csv"]
    assert f"instruction file {file.pk} is not delivered" in caplog.text
