"""All enterprises in business scored: a run is a row, works in steps, is taken up where it stopped."""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.catalogue import Purpose
from finance.models import ScoreRun, ScoreSheet, ScoreVersion
from finance.scoring.batch import score_all
from finance.scoring.cards import card_of, version_in_use
from finance.scoring.sheets import Points
from matching.batch.frames import frame_knowing
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress, TrackedProgress
from portal.kernel.moments import settled_at
from portal.kernel.versions import VersionState

SHEET = 8_192
"""Enterprises a sheet: how often progress is told, and what a page unpacks to find one of them."""


def new_run(version: ScoreVersion | None = None, *, as_of: dt.date, by: User | None = None) -> ScoreRun:
    """A run to be worked off by a worker, which is rung for. Raises DomainError while another is at work."""
    from finance.scoring.tasks import work_score_run

    run = note_run(version or version_in_use(), as_of=as_of, by=by)
    transaction.on_commit(lambda: work_score_run.delay(run.pk), robust=True)
    return run


@transaction.atomic
def note_run(version: ScoreVersion, *, as_of: dt.date, by: User | None = None) -> ScoreRun:
    """The row of a run. It knows what was settled when it was made, so that it replays to the same scores.

    Raises DomainError while another is at work, and when the version has been retired meanwhile.
    """
    held = ScoreVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if held.state != VersionState.PUBLISHED:
        raise DomainError(_("评分标准刚刚换了新版，请刷新页面后重新发起。"), code="not_in_use")
    if version.runs.filter(state__in=(Progress.QUEUED, Progress.RUNNING)).exists():
        raise DomainError(_("已有一次批量评分正在进行，请等它完成。"), code="at_work")
    return ScoreRun.objects.create(version=version, as_of=as_of, known_at=settled_at(), created_by=by)


def give_up(row: TrackedProgress) -> None:
    """Nobody goes on with it any more: it has failed, and blocks no later one."""
    if row.state == Progress.QUEUED:
        row.start(row.total)
    row.fail(_("超过一天没有完成，已停止；需要的请重新发起。"))


def work(run: ScoreRun, most: int | None = None) -> None:
    """Score everybody and keep the scores, a sheet at a time; the run's version holds to the end.

    Taken up again, it goes on behind the last sheet that was kept. ``most`` sheets are written at most.
    """
    if run.state == Progress.DONE:
        return
    if run.state != Progress.QUEUED:
        run.requeue()
    card = card_of(run.version)
    frame = frame_knowing(card.facts, run.as_of, run.known_at, Purpose.SHOW)
    scores = score_all(card, frame).scores
    kept = run.sheets.aggregate(done=Sum("count"), last=Max("last"))
    done = kept["done"] or 0
    begin = int(np.searchsorted(scores.ids, kept["last"], "right")) if done else 0
    run.start(done + len(scores) - begin)
    for number, at in enumerate(range(begin, len(scores), SHEET)):
        if number == most:
            return
        part = scores.part(at, at + SHEET)
        _keep(run, part)
        done += len(part)
        run.report(done)
    run.finish()


def _keep(run: ScoreRun, part: Points) -> None:
    ScoreSheet.objects.create(
        run=run,
        first=int(part.ids[0]),
        last=int(part.ids[-1]),
        count=len(part),
        settled=part.settled,
        bands=part.bands,
        payload=part.to_bytes(),
    )


def begin_monthly() -> ScoreRun | None:
    """The month's run; None where one of the day is there already or no version is in use."""
    today = timezone.localdate()
    try:
        version = version_in_use()
        return None if version.runs.filter(as_of=today).exists() else new_run(version, as_of=today)
    except DomainError:
        return None
