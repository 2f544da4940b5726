"""Everybody scored: kept in sheets, gone on with where it stopped, by the version it began with."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.services import knowledge_of
from finance.models import ScoreRun
from finance.scoring import publishing, runs, tasks
from finance.scoring.cards import card_of
from finance.scoring.history import history
from finance.scoring.reckoning import score
from finance.scoring.sheets import Points
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress
from tests.finance.scoring.factories import in_use, official
from tests.matching.population import AS_OF, populate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SHEET", 4)


def kept(run: ScoreRun) -> dict[int, tuple[int, int, int]]:
    found = {}
    for sheet in run.sheets.all():
        points = Points.from_bytes(bytes(sheet.payload))
        assert (sheet.first, sheet.last, sheet.count) == (points.ids[0], points.ids[-1], len(points))
        found |= {int(pk): points.of(int(pk)) for pk in points.ids}
    return found


def test_everybody_is_scored_as_alone() -> None:
    firms = populate(10)
    run = runs.new_run(as_of=AS_OF)
    runs.work(run)
    assert (run.state, run.done, run.total) == (Progress.DONE, 10, 10)
    card = card_of(run.version)
    for pk, found in kept(run).items():
        alone = score(card, knowledge_of(pk, as_of=AS_OF, known_at=run.known_at))
        assert found == (alone.points, alone.low, alone.high)
    assert set(kept(run)) == set(firms)
    assert [past.points for past in history(firms[3])] == [kept(run)[firms[3]][0]]
    assert history(firms[3])[0].run == run


def test_a_run_goes_on_where_it_stopped_and_is_not_done_twice() -> None:
    populate(10)
    run = runs.new_run(as_of=AS_OF)
    runs.work(run, most=1)
    assert (run.state, run.done) == (Progress.RUNNING, 4)
    tasks.work_score_run(run.pk)
    tasks.work_score_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.total, len(kept(run))) == (Progress.DONE, 10, 10, 10)
    assert run.sheets.count() == 3


def test_a_run_keeps_the_version_it_began_with() -> None:
    """Retired in mid-run: the version stands as it was published, and what is left is scored by it too."""
    populate(6)
    run = runs.new_run(as_of=AS_OF)
    runs.work(run, most=1)
    version = run.version
    publishing.retire(version, by=official(Role.PUBLISHER), reason="停用")
    tasks.work_score_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.version) == (Progress.DONE, version)
    card = card_of(version)
    for pk, found in kept(run).items():
        assert found[0] == score(card, knowledge_of(pk, as_of=AS_OF, known_at=run.known_at)).points
    with pytest.raises(DomainError, match="尚未发布"):
        runs.new_run(as_of=AS_OF)
    assert runs.begin_monthly() is None


def test_one_run_at_a_time() -> None:
    run = runs.new_run(as_of=AS_OF)
    with pytest.raises(DomainError, match="正在进行"):
        runs.new_run(as_of=AS_OF)
    runs.work(run)
    assert run.state == Progress.DONE  # nobody to score is no failure
    assert runs.new_run(as_of=AS_OF).pk != run.pk


def test_what_goes_wrong_is_told_and_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    populate(2)
    run = runs.new_run(as_of=AS_OF)
    with monkeypatch.context() as patched:
        patched.setattr(runs, "score_all", lambda *_: 1 / 0)
        tasks.work_score_run(run.pk)
    run.refresh_from_db()
    assert (run.state, "联系系统管理员" in run.error) == (Progress.FAILED, True)
    run.requeue()
    tasks.work_score_run(run.pk)
    run.refresh_from_db()
    assert run.state == Progress.DONE


def test_the_month_s_run_and_the_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr(tasks.work_score_run, "delay", rung.append)
    assert tasks.score_everybody() == 1
    assert tasks.score_everybody() == 0
    assert tasks.ring_waiting_scores() == 0
    ScoreRun.objects.update(created_at=timezone.now() - dt.timedelta(minutes=5))
    assert tasks.ring_waiting_scores() == 1
    assert rung == [ScoreRun.objects.get().pk]
    assert ScoreRun.objects.get().version == in_use()[0]


@pytest.mark.parametrize("begun", [False, True])
def test_a_run_that_nobody_finished_in_a_day_blocks_no_later_one(
    monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(tasks.work_score_run, "delay", rung.append)
    populate(6)
    run = runs.new_run(as_of=AS_OF)
    if begun:
        runs.work(run, most=1)
    ScoreRun.objects.update(created_at=timezone.now() - tasks.GIVEN_UP + dt.timedelta(minutes=1))
    assert tasks.ring_waiting_scores() == 1
    with pytest.raises(DomainError, match="正在进行"):
        runs.new_run(as_of=AS_OF)
    ScoreRun.objects.update(created_at=timezone.now() - tasks.GIVEN_UP)
    assert tasks.ring_waiting_scores() == 0
    run.refresh_from_db()
    assert (run.state, "超过一天" in run.error) == (Progress.FAILED, True)
    assert runs.new_run(as_of=AS_OF).pk != run.pk
