"""The office's page: how scores are spread, whether they drift, and what became of loans by band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from finance.models import ScoreRun, ScoreSheet, ScoreVersion
from finance.office import frame
from finance.scoring.access import WATCHING, watches
from finance.scoring.cards import MODEL
from finance.scoring.monitoring import SHIFTED, STABLE, Band, bands, percent, stability
from finance.scoring.outcomes import outcomes
from finance.scoring.runs import new_run
from finance.scoring.sheets import BANDS
from portal.accounts.desks import Desk, act_at_desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress

RUNS = 24
"""Runs that can be looked at and compared with."""
BEGINNING = (Role.EDITOR, Role.PUBLISHER)


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who watches scores at the desk of the office that keeps them, or 404."""
    desk = act_at_desk(request, department, *roles)
    if not watches(desk.department):
        raise Http404
    return desk


@dataclass(frozen=True)
class Spread:
    """What a run found, as a distribution."""

    run: ScoreRun
    counts: list[int]
    settled: int

    @property
    def count(self) -> int:
        """Enterprises scored."""
        return sum(self.counts)

    @property
    def settled_share(self) -> str:
        """Share of those whose score no missing fact can change."""
        return percent(self.settled, self.count)


@dataclass(frozen=True)
class Stability:
    """How far a distribution lies from an earlier one, with what to do about it."""

    index: float
    state: str
    label: str
    words: str


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Distribution of a run, its stability against another one, defaults by band, the runs with progress."""
    desk = act(request, department, *WATCHING)
    runs = list(ScoreRun.objects.select_related("version__model").order_by("-as_of", "-pk")[:RUNS])
    done = [run for run in runs if run.state == Progress.DONE]
    shown = _chosen(done, request.GET.get("run")) or (done[0] if done else None)
    earlier = [run for run in done if shown is not None and (run.as_of, run.pk) < (shown.as_of, shown.pk)]
    other = _chosen(earlier, request.GET.get("than")) or (earlier[0] if earlier else None)
    spreads = _spreads([run for run in (shown, other) if run is not None])
    ended = outcomes()
    spread = spreads.get(shown.pk) if shown is not None else None
    before = spreads.get(other.pk) if other is not None else None
    context: dict[str, Any] = frame(
        desk,
        "desk_scoring",
        version=ScoreVersion.objects.in_use(MODEL),
        may_run=desk.holds(*BEGINNING),
        runs=runs,
        done=done,
        earlier=earlier,
        spread=spread,
        before=before,
        bands=_rows(spread, before, ended),
        stability=_stability(before, spread),
        loans=len(ended),
        at_work=any(run.is_active for run in runs),
    )
    return render(request, "finance/scoring/monitoring.html", context)


@require_POST
def begin_run(request: HttpRequest, department: int) -> HttpResponse:
    """Score everybody as of today, in a worker."""
    desk = act(request, department, *BEGINNING)
    try:
        new_run(as_of=timezone.localdate(), by=desk.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("已开始批量评分，完成后在本页查看分布。"))
    return redirect("desk_scoring", department)


def _chosen(runs: list[ScoreRun], asked: str | None) -> ScoreRun | None:
    return next((run for run in runs if str(run.pk) == asked), None)


def _spreads(runs: list[ScoreRun]) -> dict[int, Spread]:
    """The distributions of runs: one query."""
    sums = [Sum("settled"), *(Sum(f"bands__{number}") for number in range(BANDS))]
    rows = ScoreSheet.objects.filter(run__in=runs).order_by("run").values_list("run")
    of_run = {run.pk: run for run in runs}
    named = {f"sum{number}": one for number, one in enumerate(sums)}
    return {
        pk: Spread(of_run[pk], [each or 0 for each in counts], settled or 0)
        for pk, settled, *counts in rows.annotate(**named)
    }


@dataclass(frozen=True, slots=True)
class Row:
    """A band now and before."""

    band: Band
    before: Band | None
    bar: int
    """Out of a hundred, the fullest band being 100."""


def _rows(spread: Spread | None, before: Spread | None, ended: list[Any]) -> list[Row]:
    if spread is None:
        return []
    now = bands(spread.counts, ended)
    then: list[Band] | list[None] = bands(before.counts) if before is not None else [None] * BANDS
    fullest = max(spread.counts) or 1
    return [Row(one, old, one.count * 100 // fullest) for one, old in zip(now, then, strict=True)]


def _stability(before: Spread | None, now: Spread | None) -> Stability | None:
    index = stability(before.counts, now.counts) if before is not None and now is not None else None
    if index is None:
        return None
    if index < STABLE:
        return Stability(index, "done", _("稳定"), _("无需处理"))
    if index < SHIFTED:
        return Stability(index, "due", _("有变化"), _("请核对近期归集的数据"))
    return Stability(index, "late", _("变化明显"), _("请核对数据并复核评分标准"))
