"""Real connections at once: one award however many click, and never one for who was taken off meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from policies.enjoying import accepting, confirming, runs
from policies.models import Award, EnjoyCandidate, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState, RunState
from portal.kernel.errors import DomainError
from tests.enjoying import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run each on a connection of its own; what each returned, or the code of its refusal."""

    def run(work):
        try:
            return work()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def accepting_by(one):
    actor, account = make.actor_for(one.enterprise), make.account_of(one.enterprise).pk

    def accept():
        fresh = EnjoyCandidate.objects.get(pk=one.pk)
        return accepting.accept(fresh, actor, account=account, at=make.now()).pk

    return accept


def test_twelve_clicks_make_one_award():
    enterprise = make.firm()
    one = make.candidate(make.offered(), enterprise)
    found = at_once(*[accepting_by(one)] * 12)
    assert len(set(found)) == 1
    assert Award.objects.count() == 1


def test_two_items_of_a_group_are_not_both_taken():
    enterprise = make.firm()
    low = make.candidate(make.offered(make.version(exclusivity_group="g")), enterprise)
    thirty = {"fixed": "30", "unit": "万元"}
    high = make.candidate(make.offered(make.version(exclusivity_group="g", rule_amount=thirty)), enterprise)
    found = at_once(*[accepting_by(low), accepting_by(high)] * 4)
    assert Award.objects.count() == 1
    assert {one for one in found if isinstance(one, str)} == {"changed"}


def test_accepted_or_excluded_never_both():
    enterprise = make.firm()
    one = make.candidate(make.offered(), enterprise)
    reviewer = make.reviewer()

    def exclude():
        fresh = EnjoyCandidate.objects.get(pk=one.pk)
        confirming.exclude(fresh, "停产", by=reviewer, at=make.now())
        return "excluded"

    at_once(*[accepting_by(one), exclude] * 3)
    one.refresh_from_db()
    assert (one.state == CandidateState.ACCEPTED) == Award.objects.exists()
    assert (one.award_id is not None) == Award.objects.exists()


def test_accepted_or_cancelled_each_award_has_its_candidate():
    enterprise = make.firm()
    run = make.offered()
    one = make.candidate(run, enterprise)
    leader = make.leader()

    def cancel():
        confirming.cancel(EnjoyRun.objects.get(pk=run.pk), "资金调整", by=leader, at=make.now())
        return "cancelled"

    at_once(accepting_by(one), cancel)
    one.refresh_from_db()
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert one.state in (CandidateState.ACCEPTED, CandidateState.LAPSED)
    assert (one.award_id is not None) == Award.objects.exists() == (one.state == CandidateState.ACCEPTED)


def test_two_workers_at_one_run_make_one_list():
    for _number in range(5):
        make.firm()
    run = make.begun()
    at_once(*[lambda: runs.work(run.pk)] * 3)
    run.refresh_from_db()
    assert (run.state, run.candidates.count()) == (RunState.LISTED, 5)
    assert run.events.count() == 1


def test_of_two_who_confirm_one_does():
    make.firm()
    run = make.proposed()
    leaders = [make.leader(), make.leader()]
    works = [
        lambda leader=leader: confirming.confirm(EnjoyRun.objects.get(pk=run.pk), by=leader, at=make.now())
        for leader in leaders
    ]
    assert sorted(map(str, at_once(*works))) == ["None", "transition_refused"]
