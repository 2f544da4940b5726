"""What a run gave can be judged again: a fact corrected later becomes a proposal with what was said then."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.correcting.finding import propose_corrections
from policies.money import accounts
from tests.enjoying import factories as make
from tests.money.factories import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid():
    """An award of 10 万元 for 20 people that a run gave, an enterprise took and the treasury paid."""
    version = make.version()
    award = make.accepted(version).award
    desk = Desk(version=version, at=timezone.now())
    given = accounts.current(award.enterprise_id)
    accounts.check(given, "matched", by=desk.preparer, at=desk.at)
    desk.settled(award)
    return award


def look():
    return propose_corrections(timezone.now())


def test_its_evidence_says_what_replays_it(paid):
    run = paid.enjoy_candidate.run
    evidence = paid.evidence
    assert dt.date.fromisoformat(evidence["as_of"]) == run.as_of
    assert abs(dt.datetime.fromisoformat(evidence["known_at"]) - run.known_at) < dt.timedelta(milliseconds=1)
    assert evidence["rule_version"] == run.version.rule_version_id
    assert evidence["candidate"] == paid.enjoy_candidate.pk


def test_what_comes_to_the_same_proposes_nothing(paid):
    assert look() == []
    make.hire(paid.enterprise, 21)
    assert look() == []


@pytest.mark.parametrize(
    ("employees", "kind", "fen"), [(9, "clawback", make.TEN_WAN), (10, None, 0), (100, "topup", make.TEN_WAN)]
)
def test_a_corrected_fact_is_proposed_with_what_was_said_then(paid, employees, kind, fen):
    make.hire(paid.enterprise, employees)
    found = look()
    assert [(row.award, row.kind, row.amount_fen) for row in found] == ([(paid, kind, fen)] if kind else [])
    for row in found:
        (changed,) = row.evidence["changed"]
        assert changed["then"].startswith("20 人")
        assert changed["value"].startswith(f"{employees} 人")
        assert row.evidence["rule_version"] == paid.version.rule_version_id
