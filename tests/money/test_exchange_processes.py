"""The whole exchange with real processes: a worker, folders, and a treasury in each of its modes."""

import time

import pytest
from django.utils import timezone

from policies.models import InstructionFile, MoneyInvariant, Payment, ReturnFile, Transfer
from policies.money import results
from portal.embedded.treasury.moods import MODES
from tests.money.factories import Desk
from tests.money.many import released
from tests.treasuries import TreasuryProcess, ring
from tests.workers import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.slow]
COUNT = 60


def is_over(treasury: TreasuryProcess) -> bool:
    """Rings while anything is open; silence is called so at once, and asked about."""
    time.sleep(0.2)  # no more bells than a worker hears
    ring("deliver_instructions", "collect_returns")
    if treasury.is_done() and not treasury.told():
        results.overdue(timezone.now().replace(year=timezone.now().year + 1))
        ring("deliver_again")
    open_ones = Payment.objects.filter(state__in=("sent", "unknown"))
    waiting = ReturnFile.objects.filter(state="received")
    return not (open_ones.exists() or waiting.exists() or treasury.told() or not treasury.is_done())


def test_every_mode_of_a_treasury_ends_even(treasury_worker, treasury):
    county = Desk()
    for mode in MODES:
        treasury.stop()
        treasury.start(mode)
        file = released(county, COUNT)
        wait_for(lambda: is_over(treasury), f"an end of {mode}")
        assert InstructionFile.objects.get(pk=file.pk).delivered_at
        assert not MoneyInvariant.objects.filter(broken__gt=0), mode
    last = {}
    for payment, kind, amount in treasury.entries():
        last[payment] = (kind, amount)
    ours = Payment.objects.values_list("pk", "state", "amount_fen")
    assert {pk: (state, amount) for pk, state, amount in ours} == last
    assert Payment.objects.count() == COUNT * len(MODES)
    assert Payment.objects.filter(state="returned").exists()
    assert ReturnFile.objects.filter(state="quarantined").count() >= 7, "each lie"
    reserved = Transfer.objects.filter(kind="reserve").count()
    assert reserved == COUNT * len(MODES), "nobody was paid anew for silence"


def test_a_worker_killed_while_it_books_books_once(treasury_worker, treasury):
    county = Desk()
    treasury.start("repeat")
    for _turn in range(4):
        released(county, 200)
        ring("deliver_instructions")
        wait_for(lambda: treasury.told(), "an answer")
        ring("collect_returns")
        treasury_worker.kill()
        treasury_worker.start()
        wait_for(lambda: is_over(treasury), "the end")
    assert set(Payment.objects.values_list("state", flat=True)) == {"paid"}
    assert Transfer.objects.count() == 2 * 800
    assert not MoneyInvariant.objects.filter(broken__gt=0)
