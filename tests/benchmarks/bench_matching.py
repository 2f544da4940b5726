"""The matching engine against the plain evaluator, and what it costs in memory."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from enterprises.services import knowledge_of, knowledge_of_many, load_catalogue
from matching.batch.conditions import facts_of
from matching.batch.engine import match_rule
from matching.batch.frame import Frame
from matching.batch.frames import forget, frame_for
from matching.compiled.programs import Program
from matching.models import RuleVersion
from matching.parse import parse_rule
from matching.plain.evaluate import judge
from matching.services import context_for, judge_all, match_versions, rule_tree
from matching.tree import RuleTree
from portal.kernel.database import as_owner
from tests.benchmarks import harness
from tests.benchmarks.rules import NEW_ITEM, demo_rules, publish_all, random_rules
from tests.workers import test_database_url

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

SAMPLE = 2_000
"""Enterprises the plain evaluator is timed on; its figure is scaled to the whole county."""


def parsed(rule: dict) -> RuleTree:
    return parse_rule(rule["conditions"], rule["amount"], catalogue=load_catalogue(), reference_year=2026)


def anew(frame: Frame) -> Frame:
    """The same stored columns without anything computed from them."""
    fresh = Frame(frame.catalogue, frame.ids, frame.as_of, frame.purpose, frame.stored, frame.source)
    fresh.certificates = frame.credentials
    return fresh


def test_one_new_item_over_the_county(county: list[int], today: dt.date) -> None:
    """A new rule over all enterprises, columns loaded; derived facts and leaves are computed each time."""
    tree, context = parsed(NEW_ITEM), context_for(today)
    frame = frame_for(today)
    frame.need(facts_of(tree))
    seconds = harness.median(lambda: match_rule(tree, anew(frame), context))
    firms = list(knowledge_of_many(county[:: len(county) // SAMPLE], as_of=today).values())
    plain = harness.median(lambda: [judge(tree, firm, context) for firm in firms]) / len(firms) * len(county)
    name = f"one new item × {len(county):,} enterprises, vectorised / plain evaluator"
    assert harness.faster(name, seconds, plain, at_least=30).ok


def test_one_new_item_with_nothing_loaded(county: list[int], today: dt.date) -> None:
    """The same from a cold process: columns out of the database first; the peer reads knowledge first."""
    tree, context = parsed(NEW_ITEM), context_for(today)

    def cold() -> None:
        forget()
        match_rule(tree, frame_for(today), context)

    sample = county[:: len(county) // SAMPLE]

    def plainly() -> None:
        for firm in knowledge_of_many(sample, as_of=today).values():
            judge(tree, firm, context)

    seconds = harness.median(cold, times=5)
    plain = harness.median(plainly, times=5) / len(sample) * len(county)
    name = f"one new item × {len(county):,} enterprises with loading, vectorised / plain evaluator"
    assert harness.faster(name, seconds, plain, at_least=10).ok


@pytest.fixture(scope="module")
def items(county: list[int], django_db_blocker: DjangoDbBlocker) -> Iterator[list[RuleVersion]]:
    """The demo's rules as published versions, committed, so that other processes see them too."""
    with django_db_blocker.unblock():
        ids = publish_all(demo_rules())
        yield list(RuleVersion.objects.filter(pk__in=ids))
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE matching_ruleversion, matching_rule CASCADE")


def test_the_demo_s_items_over_the_county(
    county: list[int], items: list[RuleVersion], today: dt.date
) -> None:
    """All items of the demo in one run, leaves shared."""
    context = context_for(today)
    seconds = harness.median(lambda: list(match_versions(items, as_of=today)), times=5)
    trees = [rule_tree(version) for version in items]
    firms = list(knowledge_of_many(county[:: len(county) // 100], as_of=today).values())
    plain = harness.median(lambda: [judge(tree, firm, context) for tree in trees for firm in firms], times=3)
    plain *= len(county) / len(firms)
    name = f"{len(items)} real items × {len(county):,} enterprises, vectorised / plain evaluator"
    assert harness.faster(name, seconds, plain, at_least=30).ok


def test_many_rules_before_one_enterprise(county: list[int], today: dt.date) -> None:
    """ "My policies" over 5,000 rules, compiled: without and with reading what is known."""
    rules = random_rules(5_000)
    trees = [parsed(rule) for rule in rules]
    knowledge = knowledge_of(county[100], as_of=today)
    context = context_for(today, knowledge=knowledge)
    program = Program(range(len(trees)), trees, knowledge.catalogue, today.year)
    seconds = harness.median(lambda: program.run(knowledge, context))
    some = trees[:500]
    plain = harness.median(lambda: [judge(tree, knowledge, context) for tree in some])
    plain *= len(trees) / len(some)
    name = "5,000 rules × one enterprise, compiled / plain evaluator"
    assert harness.faster(name, seconds, plain, at_least=30).ok

    ids = publish_all(rules)
    whole = harness.median(lambda: judge_all(county[100], ids, as_of=today))
    name = "judge_all of 5,000 rules with its queries / plain evaluator without"
    assert harness.faster(name, whole, plain, at_least=20).ok


def test_a_worker_with_the_county_loaded(county: list[int], items: list[RuleVersion], today: dt.date) -> None:
    """Summed PSS of a worker's parent and its two processes, each with every column that rules need."""
    env = os.environ | {
        "DATABASE_URL": test_database_url(),
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
    }
    command = [sys.executable, "-m", "tests.benchmarks.worker_memory", today.isoformat()]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    name = f"worker of two processes with {len(county):,} enterprises loaded, summed PSS"
    assert harness.below(name, float(done.stdout), "MB", 600).ok
