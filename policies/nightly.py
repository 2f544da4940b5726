"""Once a night: end what is over, match what is in force, tell those it newly fits."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from matching.models import Run, RunResult
from matching.services import new_run
from policies.enums import PushKind
from policies.models import ItemVersion, Push
from policies.push import pushable, start_push
from policies.runs import match_and_record
from policies.services import end_versions
from portal.kernel.models import Progress


def match_versions_in_force(today: dt.date) -> int:
    """One run over all versions in force, and a push for each that may have somebody new to tell.

    A version is told while its window is open: one published before that is told on the window's first
    day, one whose window is over no more. Who was told before is not told again: a message's key in its
    mailbox is the version's. Returns the number of pushes started. A second call on the same day takes
    the day's run up again.
    """
    end_versions(today)
    versions = list(ItemVersion.objects.in_force(today).select_related("item", "rule_version").order_by("pk"))
    if not versions:
        return 0
    run = _run_of(today)
    match_and_record(run, [version.rule_version for version in versions])
    started = 0
    for version in (one for one in versions if one.is_open(today)):
        told = Push.objects.filter(version=version, run=run).exists()
        if not told and _has_somebody_new(run, version):
            start_push(version, PushKind.NIGHTLY, by=None, run=run)
            started += 1
    return started


def _run_of(today: dt.date) -> Run:
    label = _("每日匹配 %(day)s") % {"day": today.isoformat()}
    unfinished = Run.objects.filter(version=None, as_of=today, label=label).exclude(state=Progress.DONE)
    return unfinished.first() or new_run(label, as_of=today)


def _has_somebody_new(run: Run, version: ItemVersion) -> bool:
    """Whether the run found enterprises that no finished push of the version has dealt with."""
    before = (
        Push.objects.filter(version=version, state=Progress.DONE, run__isnull=False)
        .order_by("-pk")
        .values_list("run_id", flat=True)
        .first()
    )
    earlier = set() if before is None else _told_by(before, version)
    return not _told_by(run.pk, version) <= earlier


def _told_by(run_id: int, version: ItemVersion) -> set[int]:
    result = RunResult.objects.select_related("run").get(run=run_id, version=version.rule_version)
    return set(pushable(result, version).ids.tolist())
