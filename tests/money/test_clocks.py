"""Clocks that go back, and midnight in China: nothing stops, nothing is repeated."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from policies.models import InstructionFile, Payment, Transfer
from policies.money import collecting, delivering, results
from policies.money.exchange import folders
from policies.money.exchange.instructing import regenerated
from portal.embedded.treasury import papers
from tests.money.answering import answers_to, nothing_is_broken, states, written
from tests.money.many import released

pytestmark = pytest.mark.django_db


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
    county.at = dt.datetime(2026, 11, 30, 16, 26, tzinfo=dt.UTC)
    file = released(county, 1)
    assert file.number.startswith("ZF-2026-12-")
    assert papers._read_csv(bytes(file.content))[0][2] == "2026-12-01"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    assert regenerated(InstructionFile.objects.get(pk=file.pk)) == bytes(file.content)
