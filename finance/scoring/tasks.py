"""Doorbells: each task carries an id, does its step from the database's word and is safe to repeat."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import ScoreComparison, ScoreRun
from finance.scoring import comparing, runs
from portal.kernel.models import Progress, TrackedProgress
from portal.kernel.sole import sole_worker

logger = logging.getLogger(__name__)
LOCK_SPACE = {ScoreRun: 7_261, ScoreComparison: 7_262}
"""First keys of the advisory locks held at work; the second is the row's id."""
PATIENCE = timedelta(minutes=1)
GIVEN_UP = timedelta(days=1)
"""Age at which what nobody works at is given up."""


@shared_task(acks_late=True)
def work_score_run(pk: int) -> None:
    """Score everybody. Safe to ring twice; a run whose worker was killed is gone on with."""
    _work(ScoreRun, pk, runs.work)


@shared_task(acks_late=True)
def work_comparison(pk: int) -> None:
    """Compare a draft with the version in use."""
    _work(ScoreComparison, pk, comparing.work)


@shared_task
def score_everybody() -> int:
    """Once a month: everybody, by the version in use. The number of runs begun."""
    return int(runs.begin_monthly() is not None)


@shared_task
def ring_waiting_scores() -> int:
    """Sweeper: ring again for what still waits, or whose worker may be gone; after a day give it up."""
    now, rung = timezone.now(), 0
    for model, task in ((ScoreRun, work_score_run), (ScoreComparison, work_comparison)):
        active = model.objects.filter(state__in=(Progress.QUEUED, Progress.RUNNING)).order_by("pk")
        for pk in active.filter(created_at__lte=now - GIVEN_UP).values_list("pk", flat=True):
            _give_up(model, pk)
        waiting = active.filter(created_at__lt=now - PATIENCE, created_at__gt=now - GIVEN_UP)
        for pk in waiting.values_list("pk", flat=True):
            task.delay(pk)
            rung += 1
    return rung


def _give_up(model: type[TrackedProgress], pk: int) -> None:
    with sole_worker(LOCK_SPACE[model], pk) as alone:
        row = model._base_manager.filter(pk=pk).first()
        if alone and row is not None and row.is_active:
            runs.give_up(row)


def _work(model: type[TrackedProgress], pk: int, step: Any) -> None:
    with sole_worker(LOCK_SPACE[model], pk) as alone:
        row = model._base_manager.filter(pk=pk).first()
        if not alone or row is None or not row.is_active:
            return
        try:
            step(row)
        except Exception:
            logger.exception("%s stopped", row)
            row.refresh_from_db()
            if row.state == Progress.QUEUED:
                row.start(row.total)
            row.fail(_("评分时发生程序错误，请联系系统管理员查看日志。"))
