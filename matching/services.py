"""The doors of matching: rules parsed, published, and judged for one enterprise or for all."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from enterprises.catalogue import NOT_APPLICABLE, Purpose, Value
from enterprises.knowledge import Knowledge
from enterprises.models import ReferenceFigure
from enterprises.services import knowledge_of, load_catalogue
from matching.batch.conditions import facts_of
from matching.batch.engine import Case, match_rules
from matching.batch.frames import frame_knowing, frame_of_ids
from matching.batch.results import Matches
from matching.compiled.programs import Summary
from matching.models import RuleVersion, Run
from matching.plain.context import Context, FigureRow, Figures
from matching.plain.evaluate import Judgement
from matching.plain.evaluate import judge as judge_tree
from matching.trees import program_for, rule_tree
from matching.versions import close, next_number, publish, retract, versions_in_force
from portal.kernel.moments import settled_at

if TYPE_CHECKING:
    from portal.accounts.models import User

__all__ = [
    "Matches",
    "Summary",
    "close",
    "context_for",
    "judge",
    "judge_all",
    "match_versions",
    "new_run",
    "next_number",
    "publish",
    "retract",
    "rule_tree",
    "versions_in_force",
]

logger = logging.getLogger(__name__)
LONG_HELD = dt.timedelta(hours=1)
"""What a run knows is seldom older; if it is, somebody has left a transaction open."""

Progress = Callable[[int, int], None]
"""Called with (done, total)."""


def load_figures(known_at: dt.datetime | None = None) -> Figures:
    """The public figures as recorded by ``known_at`` (None: by now): one query."""
    rows = ReferenceFigure.objects.in_force(known_at).values_list("key", "region", "on", "value", "unit")
    return Figures(FigureRow(key, region, on, Fraction(value), unit) for key, region, on, value, unit in rows)


def context_for(
    as_of: dt.date,
    purpose: Purpose = Purpose.SHOW,
    *,
    knowledge: Knowledge | None = None,
    known_at: dt.datetime | None = None,
    received: Mapping[str, int] | None = None,
) -> Context:
    """What a judgement is given: figures of the enterprise's own region, the county's where unknown.

    They are those recorded when the knowledge was, without knowledge those recorded by ``known_at``.
    """
    if knowledge is not None:
        known_at = knowledge.known_at
    region = settings.COUNTY_CODE
    if knowledge is not None and "region" in knowledge.catalogue:
        known = knowledge.value("region")
        if known is not None and known.value is not NOT_APPLICABLE:
            region = str(known.value)
    return Context(as_of, purpose, None, load_figures(known_at), region, received or {})


def new_run(label: str, *, as_of: dt.date, version: RuleVersion | None = None, by: User | None = None) -> Run:
    """A run to be worked off: of one version, or of all in force. It shows, it does not pay.

    What it knows is what was settled when it was made, so that it replays to the same answer even where a
    fact's transaction began before the run and commits after it.
    """
    known_at = settled_at()
    if timezone.now() - known_at > LONG_HELD:
        logger.warning("A transaction open since %s holds back what a run may know.", known_at)
    return Run.objects.create(label=label, version=version, as_of=as_of, known_at=known_at, created_by=by)


def judge(
    version: RuleVersion,
    enterprise_id: int,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    purpose: Purpose = Purpose.SHOW,
    claims: Mapping[str, Value] | None = None,
    received: Mapping[str, int] | None = None,
) -> Judgement:
    """One version before one enterprise, leaf by leaf: four queries.

    The same (version, as_of, known_at, purpose) replays to the same answer, whatever is recorded
    later. ``claims`` are answers to a claim's questions, ``received`` fen by "item" and "group".
    """
    knowledge = knowledge_of(enterprise_id, as_of=as_of, known_at=known_at, purpose=purpose)
    if claims:
        knowledge = knowledge.with_claims(claims)
    context = context_for(as_of, purpose, knowledge=knowledge, received=received)
    return judge_tree(rule_tree(version, knowledge.catalogue), knowledge, context)


def judge_all(
    enterprise_id: int,
    versions: Sequence[RuleVersion | int],
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    purpose: Purpose = Purpose.SHOW,
    claims: Mapping[str, Value] | None = None,
) -> list[Summary]:
    """Many versions (or their ids) before one enterprise, in the order given.

    A few milliseconds for thousands once the process has compiled them; three queries. Give ids where
    only the answers are wanted: a process reads each published version once.
    """
    knowledge = knowledge_of(enterprise_id, as_of=as_of, known_at=known_at, purpose=purpose)
    if claims:
        knowledge = knowledge.with_claims(claims)
    program = program_for(versions, knowledge.catalogue, as_of.year)
    return program.run(knowledge, context_for(as_of, purpose, knowledge=knowledge))


def match_versions(
    versions: Sequence[RuleVersion],
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    purpose: Purpose = Purpose.SHOW,
    enterprise_ids: Iterable[int] | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[RuleVersion, Matches]]:
    """Versions over all enterprises in business (or those given), one after the other.

    ``progress`` is told after each version how many are done.
    """
    catalogue = load_catalogue(known_at=known_at)
    context = context_for(as_of, purpose, known_at=known_at)
    cases = [Case(rule_tree(version, catalogue), context) for version in versions]
    if enterprise_ids is None:
        keys = {key for case in cases for key in facts_of(case.tree)}
        frame = frame_knowing(keys, as_of, known_at, purpose)
    else:
        frame = frame_of_ids(list(enterprise_ids), as_of, known_at, purpose)
    found = match_rules(cases, frame)
    for done, (version, matches) in enumerate(zip(versions, found, strict=True), 1):
        yield version, matches
        if progress is not None:
            progress(done, len(versions))
