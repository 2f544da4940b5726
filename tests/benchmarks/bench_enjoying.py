"""From an item to a frozen list: a whole county screened, thousands of them in, each with its evidence."""

import datetime as dt
import statistics
import time

import pytest
from django.utils import timezone

from enterprises.catalogue import Purpose
from matching.batch.frames import forget
from policies.enjoying import runs
from policies.enjoying.confirming import cancel
from policies.enjoying.judging import Bench
from policies.models import EnjoyCandidate, EnjoyRun, ItemVersion
from policies.models.enjoying.vocabulary import Place, RunState
from tests.accounts.factories import StaffFactory
from tests.benchmarks import harness
from tests.policies import factories as policies

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

CONDITIONS = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {"fact": "entity_type", "op": "=", "value": "company"},
        {"fact": "main_revenue", "period": "Y-1", "op": ">=", "value": "500", "unit": "万元"},
        {"fact": "employees", "period": "Y-1", "op": ">=", "value": "10", "unit": "人"},
    ]
}
TIMES = 3
SAMPLE = 2_000


def item(year: int) -> ItemVersion:
    """What some thousands of a county's firms fit."""
    examples = [{"name": "什么都不知道", "facts": {}, "verdict": "needs_info"}]
    examples.append({"name": "外县的", "facts": {"region": "500230"}, "verdict": "ineligible"})
    facts = {"region": "500231", "entity_type": "company"}
    facts |= {"main_revenue": {str(year): "600 万元"}, "employees": {str(year): "20"}}
    examples.append({"name": "够格的", "facts": facts, "verdict": "eligible"})
    amount = {"rate": "0.1%", "of": {"fact": "main_revenue", "period": "Y-1"}}
    return policies.published(
        by=StaffFactory(is_superuser=True),
        mode="enjoy",
        rule_conditions=CONDITIONS,
        rule_amount=amount,
        rule_examples=examples,
    )


def listed(version: ItemVersion) -> EnjoyRun:
    """What a worker that has just started does, columns read from the database included."""
    forget()
    run = runs.start(version.item, by=None, at=timezone.now())
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.LISTED, run.error
    return run


def test_a_county_to_a_frozen_list(county: list[int], today: dt.date) -> None:
    """Selecting, judging, screening, freezing: in seconds, and beside judging all of them one by one."""
    version, official = item(timezone.localdate().year - 1), StaffFactory(is_superuser=True)
    seconds = []
    for _time in range(TIMES):
        begun = time.perf_counter()
        run = listed(version)
        seconds.append(time.perf_counter() - begun)
        inside = EnjoyCandidate.objects.filter(run=run, place=Place.IN).count()
        cancel(run, "again", by=official, at=timezone.now())
    assert run.population > 60_000
    assert inside > 1_000
    bench = Bench.of(run)
    sample = county[:: len(county) // SAMPLE]
    plain = harness.median(lambda: list(bench.judged(sample, Purpose.PAY)), times=3)
    plain *= len(county) / len(sample)
    took = statistics.median(seconds)
    name = f"enjoy run, {len(county):,} enterprises to a frozen list of {inside:,} / judging each by itself"
    assert harness.faster(name, took, plain, at_least=2).ok
    assert harness.below("enjoy run over the county to a frozen list", took, "s", 10).ok
