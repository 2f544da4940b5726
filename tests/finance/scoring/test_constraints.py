"""What the database refuses of points tables and scores, whoever writes."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from finance.models import ScoreBin, ScoreRun, ScoreVersion
from portal.accounts.roles import Role
from tests.databases import needs_two_roles
from tests.finance.scoring.breaches import CASES, DAY, a_score, edited, publish
from tests.finance.scoring.factories import drafted, official, small_draft
from tests.money.refusing import denied, refused, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=[name for name, _provoke in CASES])
def test_the_database_refuses(constraint: str, provoke: Callable[[], object]) -> None:
    refused(constraint.partition(" ")[0], provoke)


def test_a_sound_draft_may_be_published() -> None:
    assert ScoreVersion.objects.filter(pk=publish(small_draft()).pk, state="published").exists()
    assert a_score().pk


def test_who_wrote_is_kept_and_another_may_publish() -> None:
    version = edited()
    assert version.editors.count() == 2
    publish(version, published_by=official(Role.PUBLISHER))


def test_bins_of_what_is_no_draft_stand() -> None:
    bins = ScoreBin.objects.filter(characteristic__version=publish(small_draft()))
    refused("finance_scorebins_stand", lambda: bins.update(tip="改"))
    refused("finance_scorebins_stand", bins.delete)


def test_characteristics_of_what_is_no_draft_stand() -> None:
    rows = publish(small_draft()).characteristics
    refused("finance_scorebins_stand", lambda: rows.update(label="改"))
    refused(
        "finance_scorebins_stand", lambda: rows.create(key="more", label="多", dimension="tax", position=9)
    )


def test_nobody_is_scored_by_a_version_that_is_not_in_use() -> None:
    draft = drafted()
    refused("finance_score_in_use", lambda: a_score(version=draft))


def test_no_run_is_begun_with_a_version_that_is_not_in_use() -> None:
    told = {"version": drafted(), "as_of": DAY, "known_at": timezone.now()}
    refused("finance_score_in_use", lambda: ScoreRun.objects.create(**told))


@needs_two_roles
@pytest.mark.parametrize("table", ["score", "scoresheet", "scoreeditor", "scoreversionevent"])
@pytest.mark.parametrize(
    "statement", ["UPDATE finance_{} SET id = id", "DELETE FROM finance_{}"], ids=["UPDATE", "DELETE"]
)
def test_what_is_written_stands(table: str, statement: str) -> None:
    denied(lambda: run(statement.format(table)))
