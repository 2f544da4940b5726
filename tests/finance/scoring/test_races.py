"""A version published while everybody is scored: each run is by a version that was in use when it began."""

from functools import partial

import pytest
from django.utils import timezone

from finance.models import ScoreRun, ScoreVersion
from finance.scoring import comparing, publishing, runs
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress
from portal.kernel.versions import VersionState
from tests.finance.scoring.factories import drafted, in_use, official
from tests.races import at_once, behind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def publish():
    """Publishes a draft that was compared."""
    draft, publisher = drafted(), official(Role.PUBLISHER)
    made = comparing.ask(draft, by=publisher)
    comparing.work(made)
    return partial(publishing.publish, draft, by=publisher, seen=made.digest)


def begin(version: ScoreVersion) -> ScoreRun:
    return runs.note_run(version, as_of=timezone.localdate())


def test_a_run_begun_while_its_version_is_replaced_waits_and_is_told(publish) -> None:
    before, _card = in_use()
    outcome = behind(publish, partial(begin, before))
    assert outcome.code == "not_in_use"
    assert not ScoreRun.objects.exists()


def test_a_version_published_while_a_run_is_begun_waits_and_the_run_keeps_its_own(publish) -> None:
    before, _card = in_use()
    assert behind(partial(begin, before), publish) is None
    before.refresh_from_db()
    assert before.state == VersionState.RETIRED
    run = ScoreRun.objects.get()
    runs.work(run)
    assert (run.version, run.state) == (before, Progress.DONE)


def test_together_either_is_first_and_nothing_breaks(publish) -> None:
    before, _card = in_use()
    *begun, published = at_once(*[partial(begin, before)] * 3, publish)
    assert published is None
    made = [one for one in begun if isinstance(one, ScoreRun)]
    told = [one.code for one in begun if isinstance(one, DomainError)]
    assert len(made) + len(told) == 3
    assert len(made) <= 1
    assert set(told) <= {"at_work", "not_in_use"}
    assert ScoreRun.objects.count() == len(made)
