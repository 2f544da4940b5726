"""Matching versions and keeping what was found, one row a version."""

from __future__ import annotations

from collections.abc import Sequence

import matching.services
from enterprises.models import Enterprise
from matching.batch.results import Matches
from matching.models import RuleVersion, Run, RunResult

_LARGEST = 2**63 - 1


def match_and_record(run: Run, versions: Sequence[RuleVersion]) -> None:
    """Match versions over all enterprises as of the run's day and keep each result; safe to repeat.

    Results that the run has already stay; a run that another worker is at may be matched twice, and
    is recorded once.
    """
    recorded = set(run.results.values_list("version_id", flat=True))
    missing = [version for version in versions if version.pk not in recorded]
    total = len(recorded) + len(missing)
    if not run.start(total=total):  # taken up again: what came into force meanwhile counts as well
        Run.objects.filter(pk=run.pk, total__lt=total).update(total=total)
    enterprises = Enterprise.objects.in_business().count()
    found = matching.services.match_versions(missing, as_of=run.as_of, known_at=run.known_at)
    for done, (version, matches) in enumerate(found, len(recorded) + 1):
        result = _result(run, version, matches, enterprises)
        RunResult.objects.bulk_create([result], ignore_conflicts=True)
        run.report(done)
    run.finish()


def _result(run: Run, version: RuleVersion, matches: Matches, enterprises: int) -> RunResult:
    low, high = matches.total()
    return RunResult(
        run=run,
        version=version,
        enterprises=max(enterprises, len(matches)),
        eligible=len(matches.eligible),
        opened=len(matches.opened),
        needs_info=len(matches.needs_info),
        total_low=min(low, _LARGEST),
        total_high=None if high is None or high > _LARGEST else high,
        payload=matches.to_bytes(),
    )
