"""What was decided is delivered once: never lost, never twice."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from portal.kernel import outbox
from portal.kernel.models import OutboxEntry
from portal.kernel.outbox import deliver, enqueue, enqueue_many, handler
from portal.kernel.tasks import relay_outbox
from tests.kernel.papers.models import Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def notes(monkeypatch):
    """A topic whose handler writes the payload's text as a note and stumbles over "bad"."""
    monkeypatch.setattr(outbox, "_handlers", {})

    @handler("note")
    def write(entries):
        Note.objects.bulk_create([Note(text=entry.payload["text"]) for entry in entries])
        if any(entry.payload["text"] == "bad" for entry in entries):
            raise RuntimeError("stumbled after writing")

    return write


def texts():
    return sorted(Note.objects.values_list("text", flat=True))


def test_an_entry_is_delivered_once(notes):
    assert enqueue("note", "k1", {"text": "a"})
    assert deliver() == 1
    assert deliver() == 0
    assert texts() == ["a"]
    assert OutboxEntry.objects.get().delivered_at


def test_a_key_is_written_once_even_after_delivery(notes):
    assert enqueue_many("note", [("k1", {"text": "a"}), ("k1", {"text": "b"}), ("k2", {"text": "c"})]) == 2
    deliver()
    assert not enqueue("note", "k1", {"text": "again"})
    assert deliver() == 0
    assert texts() == ["a", "c"]


def test_what_is_rolled_back_is_not_sent(notes):
    with transaction.atomic():
        enqueue("note", "k1", {"text": "a"})
        transaction.set_rollback(True)
    assert deliver() == 0


def test_ten_thousand_entries_take_few_statements(notes, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert enqueue_many("note", ((f"k{n}", {"text": "x"}) for n in range(10_000))) == 10_000


def test_one_bad_entry_holds_up_no_other_and_leaves_nothing_half_written(notes):
    enqueue_many("note", [(f"k{n}", {"text": text}) for n, text in enumerate(["a", "bad", "c"])])
    assert deliver() == 2
    assert texts() == ["a", "c"]
    bad = OutboxEntry.objects.get(delivered_at=None)
    assert (bad.attempts, bad.error) == (1, "RuntimeError('stumbled after writing')")
    assert deliver() == 0, "it waits before it is tried again"
    OutboxEntry.objects.update(payload={"text": "good"}, due_at=bad.created_at)
    assert deliver() == 1
    assert texts() == ["a", "c", "good"]


def test_a_batch_in_which_all_fail_does_not_end_the_relay(notes):
    """The poisoned entries wait longest, so they come first; the relay goes past them, trying each once."""
    enqueue_many("note", [(f"a{n}", {"text": "bad"}) for n in range(5)])
    enqueue_many("note", [(f"b{n}", {"text": "good"}) for n in range(3)])
    assert deliver(2) == 3
    assert texts() == ["good"] * 3
    poisoned = OutboxEntry.objects.filter(delivered_at=None)
    assert list(poisoned.values_list("attempts", flat=True)) == [1] * 5
    assert relay_outbox() == 0
    assert list(poisoned.values_list("attempts", flat=True)) == [1] * 5, (
        "they wait before they are tried again"
    )


def test_a_relay_that_takes_long_tries_no_entry_twice(notes, monkeypatch):
    monkeypatch.setattr(outbox, "LONGEST_PAUSE", timedelta(0))  # as if the pause were over at once
    enqueue_many("note", [(f"a{n}", {"text": "bad"}) for n in range(3)])
    assert deliver(1) == 0
    assert list(OutboxEntry.objects.values_list("attempts", flat=True)) == [1, 1, 1]


def test_pauses_grow_to_an_hour(notes):
    enqueue("note", "k", {"text": "bad"})
    entry = OutboxEntry.objects.get()
    for attempts, seconds in [(0, 2), (1, 4), (40, 3600)]:
        OutboxEntry.objects.update(attempts=attempts, due_at=entry.created_at)
        deliver()
        late = OutboxEntry.objects.get()
        pause = late.due_at - timezone.now()
        assert seconds - 2 < pause.total_seconds() <= seconds


def test_a_topic_nobody_knows_waits_for_newer_code(notes):
    enqueue("future", "k", {})
    assert deliver() == 0
    assert "KeyError" in OutboxEntry.objects.get().error


def test_a_topic_has_one_handler(notes):
    with pytest.raises(ValueError, match="already"):
        handler("note")(lambda entries: None)


def test_a_number_that_json_does_not_know_is_refused(notes):
    with pytest.raises(ValueError, match="JSON"):
        enqueue("note", "k", {"text": float("nan")})
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_relay_killed_half_way_loses_nothing(notes, monkeypatch):
    """KeyboardInterrupt stands for the kill: no code of ours runs afterwards, the transaction is gone."""
    enqueue_many("note", [(f"k{n}", {"text": str(n)}) for n in range(5)])

    def killed(entries):
        notes(entries)
        raise KeyboardInterrupt

    monkeypatch.setitem(outbox._handlers, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        deliver()
    assert texts() == []
    assert OutboxEntry.objects.filter(delivered_at=None, attempts=0).count() == 5
    monkeypatch.setitem(outbox._handlers, "note", notes)
    assert relay_outbox() == 5
    assert texts() == ["0", "1", "2", "3", "4"]


@pytest.mark.django_db(transaction=True)
def test_a_relay_whose_connection_dies_half_way_loses_nothing(notes, monkeypatch):
    enqueue_many("note", [(f"k{n}", {"text": str(n)}) for n in range(3)])

    def cut(entries):
        notes(entries)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setitem(outbox._handlers, "note", cut)
    with pytest.raises((OperationalError, InterfaceError)):
        deliver()
    connection.close()
    assert texts() == []
    assert OutboxEntry.objects.filter(delivered_at=None, attempts=0).count() == 3
    monkeypatch.setitem(outbox._handlers, "note", notes)
    assert deliver() == 3
    assert texts() == ["0", "1", "2"]


@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_deliver_each_entry_once(notes):
    enqueue_many("note", [(f"k{n:03}", {"text": f"{n:03}"}) for n in range(100)])
    barrier, counts, errors = threading.Barrier(2), [], []

    def relay():
        try:
            barrier.wait(10)
            delivered = 0
            while batch := deliver(7):
                delivered += batch
            counts.append(delivered)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=relay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    deliver()
    assert texts() == [f"{n:03}" for n in range(100)]
    assert sum(counts) == 100


@pytest.mark.django_db(transaction=True)
def test_an_entry_locked_by_another_relay_is_skipped_not_waited_for(notes):
    enqueue("note", "k", {"text": "a"})
    results = []

    def other():
        results.append(deliver())
        connection.close()

    with transaction.atomic():
        list(OutboxEntry.objects.select_for_update())
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
        assert results == [0]
    assert deliver() == 1


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_and_a_dead_bell_hurts_nobody(notes, monkeypatch):
    rung = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: rung.append((name, options)))
    with transaction.atomic():
        enqueue("note", "k1", {"text": "a"})
        assert rung == []
    assert rung == [(relay_outbox.name, {"retry": False, "ignore_result": True})]

    def dead(name, **options):
        raise ConnectionError("redis is gone")

    monkeypatch.setattr(current_app, "send_task", dead)
    enqueue("note", "k2", {"text": "b"})
    assert relay_outbox() == 2
