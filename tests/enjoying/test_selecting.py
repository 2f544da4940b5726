"""Who comes on a list: by official, fresh facts alone; who lacks one thing is shown what way is left."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.catalogue import Tier
from enterprises.models import Fact
from policies.applying import drafts
from policies.enjoying import runs
from policies.enjoying.confirming import cancel
from policies.models.enjoying.vocabulary import Place, RunState, Way
from policies.services import withdraw
from portal.kernel.errors import DomainError
from tests.enjoying import factories as make
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


def placed(run) -> dict[int, tuple[str, str]]:
    return {one.enterprise_id: (one.place, one.way) for one in run.candidates.all()}


def test_who_fits_by_official_data_is_in_with_evidence_and_amount():
    small, large = make.firm(20), make.firm(100)
    run = make.listed()
    assert run.state == RunState.LISTED
    assert placed(run) == {small.pk: (Place.IN, ""), large.pk: (Place.IN, "")}
    assert make.candidate(run, small).amount_fen == make.TEN_WAN
    assert make.candidate(run, large).amount_fen == 2 * make.TEN_WAN
    leaf = make.candidate(run, small).conditions[1]
    assert (leaf["truth"], leaf["tier"]) == ("true", Tier.OFFICIAL)
    assert run.population == 2
    assert len(run.digest) == 64


def test_a_declared_value_is_one_click_from_it():
    enterprise = make.firm(None)
    make.hire(enterprise, 20, tier=Tier.DECLARED)
    run = make.listed()
    one = run.candidates.get()
    assert (one.place, one.way, one.amount_fen is None or one.rank is None) == (Place.ALMOST, Way.CLICK, True)
    assert "待部门核实" in one.words


def test_what_nobody_knows_is_a_form():
    enterprise = make.firm(None)
    run = make.listed()
    assert placed(run) == {enterprise.pk: (Place.ALMOST, Way.FORM)}
    assert "还不知道" in run.candidates.get().words


def test_a_near_miss_is_told_leaf_by_leaf_and_a_far_one_is_not_listed():
    near, _far = make.firm(8), make.firm(7)
    run = make.listed()
    assert placed(run) == {near.pk: (Place.ALMOST, Way.MISSING)}
    assert "还差" in run.candidates.get().words


def test_a_stale_fact_pays_nobody():
    Fact.objects.filter(key="employees").update(fresh_days=30)
    enterprise = make.firm(None)
    make.hire(enterprise, 20, as_of=timezone.localdate() - dt.timedelta(days=31))
    fresh = make.firm(None)
    make.hire(fresh, 20, as_of=timezone.localdate() - dt.timedelta(days=30))
    run = make.listed()
    assert placed(run) == {enterprise.pk: (Place.ALMOST, Way.FORM), fresh.pk: (Place.IN, "")}


def test_an_undecided_review_pays_nobody():
    conditions = {"all": [*make.CONDITIONS["all"], {"review": "现场核查"}]}
    enterprise = make.firm()
    run = make.listed(make.version(rule_conditions=conditions))
    assert placed(run) == {enterprise.pk: (Place.ALMOST, Way.CLICK)}


def test_an_amount_that_an_official_settles_is_not_paid_by_itself():
    enterprise = make.firm()
    run = make.listed(make.version(rule_amount={"upto": True, "fixed": "10", "unit": "万元"}))
    assert placed(run) == {enterprise.pk: (Place.ALMOST, Way.CLICK)}
    assert "金额须由主管部门核定" in run.candidates.get().words


def test_a_value_recorded_after_the_run_began_is_not_known_to_it(transactional_db):
    version = make.version()
    enterprise = make.firm(None)
    run = make.begun(version)
    make.hire(enterprise, 20)
    runs.work(run.pk)
    assert placed(run) == {enterprise.pk: (Place.ALMOST, Way.FORM)}


def test_only_what_is_enjoyed_and_paid_is_run():
    with pytest.raises(DomainError) as refusal:
        make.begun(policies.published(mode="apply"))
    assert refusal.value.code == "not_enjoyed"
    draft = policies.draft(mode="enjoy")
    with pytest.raises(DomainError) as refusal:
        make.begun(draft)
    assert refusal.value.code == "not_in_force"


def test_one_run_of_an_item_and_year_is_alive():
    version = make.version()
    make.begun(version)
    with pytest.raises(DomainError) as refusal:
        make.begun(version)
    assert refusal.value.code == "alive"


def test_a_stranger_begins_none():
    with pytest.raises(DomainError) as refusal:
        make.begun(by=policies.editor())
    assert refusal.value.code == "no_role"


def test_a_version_withdrawn_before_the_worker_came_gives_no_list():
    version = make.version()
    make.firm()
    run = make.begun(version)
    withdraw(version, by=policies.publisher(), reason="写错了")
    runs.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.candidates.count()) == (RunState.SELECTING, 0)
    assert "已撤回" in run.error
    assert runs.ring_stuck(timezone.now() + dt.timedelta(hours=1)) == 0


def test_a_killed_workers_run_is_taken_up_again_and_listed_once(monkeypatch):
    make.firm()
    run = make.begun()

    def killed(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr("policies.enjoying.listing.advance", killed)
        with pytest.raises(SystemExit):
            runs.work(run.pk)
    assert run.candidates.count() == 0
    assert runs.ring_stuck(timezone.now() + dt.timedelta(minutes=2)) == 1
    runs.work(run.pk)
    runs.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.candidates.count()) == (RunState.LISTED, 1)


def test_errors_end_after_three_attempts_and_a_person_begins_anew(monkeypatch):
    make.firm()
    run = make.begun()

    def broken(_run, _at):
        raise ValueError

    with monkeypatch.context() as failing:
        failing.setattr(runs, "list_candidates", broken)
        for _attempt in range(runs.ATTEMPTS):
            runs.work(run.pk)
    run.refresh_from_db()
    assert run.error
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.SELECTING
    runs.retry(run, by=make.reviewer())
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.LISTED


def test_the_same_run_replays_to_the_same_list():
    for employees in (20, 30, 100):
        make.firm(employees)
    version = make.version()
    first = make.listed(version)
    cancel(first, "再来一次", by=make.reviewer(), at=make.now())
    second = make.listed(version)
    assert first.digest == second.digest


def test_who_is_almost_in_may_apply_and_nobody_else():
    version = make.version()
    almost, refused = make.firm(None), make.firm(3)
    make.firm()
    make.offered(version)
    application = drafts.start(make.actor_for(almost), version, at=make.now())
    assert application.version == version
    with pytest.raises(DomainError) as refusal:
        drafts.start(make.actor_for(refused), version, at=make.now())
    assert refusal.value.code == "not_here"
