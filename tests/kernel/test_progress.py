"""Long work as a row."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.kernel.models import Progress
from tests.kernel.papers.models import Job

pytestmark = pytest.mark.django_db


def test_work_starts_once_counts_and_ends():
    job = Job.objects.create()
    assert (job.percent, job.rate, job.eta, job.elapsed) == (0, None, None, None)
    assert job.start(total=200)
    assert not Job.objects.get().start(total=200)
    job.report(150)
    job.report(50)
    assert job.done == 150
    assert Job.objects.get().done == 150
    assert job.percent == 75
    assert job.finish()
    assert (job.state, job.done, job.percent, job.eta) == (Progress.DONE, 200, 100, None)
    assert not job.fail("too late")


def test_rate_and_time_left():
    now = timezone.now()
    job = Job(state=Progress.RUNNING, total=300, done=100, started_at=now - timedelta(seconds=10))
    assert job.rate == pytest.approx(10, rel=0.1)
    assert job.eta == pytest.approx(timedelta(seconds=20), abs=timedelta(seconds=1))
    job.done = 299
    assert job.percent == 99


def test_a_failure_says_why_and_work_is_taken_up_where_it_was():
    job = Job.objects.create()
    job.start(total=10)
    job.report(4)
    assert job.fail("数据库断开")
    assert job.error == "数据库断开"
    assert job.requeue()
    assert job.start(total=10)
    assert (job.done, job.error, job.finished_at) == (4, "", None)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"done": 11}, "papers_job_done_within_total"),
        ({"state": "done"}, "papers_job_finished"),
        ({"finished_at": timezone.now()}, "papers_job_finished"),
        ({"started_at": None}, "papers_job_started"),
        ({"state": "running2"}, "papers_job_state_transitions"),
    ],
)
def test_the_database_refuses_nonsense(changes, constraint):
    job = Job.objects.create()
    job.start(total=10)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**changes)
    assert refusal.value.__cause__.diag.constraint_name == constraint
