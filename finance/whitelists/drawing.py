"""Drawing up a list: a run is a row; one pass of the engine over the county finds whom the rule fits, then
each is judged by itself for its evidence. The list is there when the run is done, or not at all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enterprises.catalogue import Purpose
from enterprises.services import load_catalogue
from finance.models import Whitelist, WhitelistEntry, WhitelistRun
from finance.whitelists.duties import DRAWING
from finance.whitelists.evidence import Bench
from matching.batch.conditions import facts_of
from matching.batch.engine import Case, match_rules
from matching.batch.frames import frame_knowing
from matching.batch.results import ELIGIBLE_FLAG
from matching.services import context_for, rule_tree
from portal.accounts.duties import require_duty
from portal.kernel.digests import digest_of
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.models import Progress
from portal.kernel.moments import settled_at

if TYPE_CHECKING:
    from matching.models import RuleVersion
    from portal.accounts.models import Department, User

MOST: Final = 20_000
"""Enterprises of one list; a rule that fits more recommends nobody."""


@dataclass(frozen=True, slots=True)
class Plan:
    """By which rule, for which day, under which name, by which department."""

    title: str
    department: Department
    rule_version: RuleVersion
    as_of: dt.date


def begin(plan: Plan, *, by: User) -> WhitelistRun:
    """A run to be worked off by a worker, which is rung for. Raises DomainError."""
    from finance.tasks import draw_whitelist

    run = note_run(plan, by=by)
    transaction.on_commit(lambda: draw_whitelist.delay(run.pk), robust=True)
    return run


def note_run(plan: Plan, *, by: User) -> WhitelistRun:
    """The row of a run. It knows what was settled when it was made, so that it replays to the same list."""
    require_duty(by, plan.department, *DRAWING)
    if plan.rule_version.published_at is None:
        raise DomainError(_("规则还没有发布，发布后才能据以提出白名单。"), code="not_published")
    run = WhitelistRun(
        title=plan.title,
        department=plan.department,
        rule_version=plan.rule_version,
        as_of=plan.as_of,
        known_at=settled_at(),
        created_by=by,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        if "finance_whitelistrun_one_at_work" not in str(error):
            raise
        raise DomainError(_("正在按这条规则筛选，请等它完成。"), code="at_work") from error
    return run


def draw_up(plan: Plan, *, by: User) -> Whitelist:
    """A draft at once, for whom nobody waits: a small county. Raises DomainError."""
    run = note_run(plan, by=by)
    work(run)
    if run.whitelist is None:
        raise DomainError(run.error, code="not_drawn")
    return run.whitelist


@in_language_of_record()
def work(run: WhitelistRun) -> None:
    """Draw the list up. Taken up again after its worker was killed, the run begins anew."""
    if run.state != Progress.QUEUED:
        run.requeue()
    ids, population = _found(run)
    run.start(len(ids))
    refusal = _refusal(len(ids))
    if refusal:
        run.fail(refusal)
        return
    bench = Bench.of(run.rule_version, run.as_of, run.known_at)
    kept = [
        WhitelistEntry(enterprise_id=pk, evidence=evidence, digest=digest_of(evidence))
        for pk, evidence in bench.evidence_of(ids, run.report)
    ]
    _keep(run, kept, population)


def give_up(run: WhitelistRun, words: str) -> None:
    """Nobody goes on with it any more: it has failed, in these words, and blocks no later one."""
    if run.state == Progress.QUEUED:
        run.start(run.total)
    run.fail(words)


@transaction.atomic
def _keep(run: WhitelistRun, entries: list[WhitelistEntry], population: int) -> None:
    drawn = Whitelist.objects.create(
        title=run.title,
        department=run.department,
        rule_version=run.rule_version,
        as_of=run.as_of,
        known_at=run.known_at,
        population=population,
        drafted_by=run.created_by,
    )
    for entry in entries:
        entry.whitelist = drawn
    WhitelistEntry.objects.bulk_create(entries, batch_size=1_000)
    run.whitelist = drawn
    run.save(update_fields=["whitelist"])
    run.finish()


def _found(run: WhitelistRun) -> tuple[list[int], int]:
    """Whom the rule fits by official data, and how many were asked."""
    tree = rule_tree(run.rule_version, load_catalogue(known_at=run.known_at))
    frame = frame_knowing(facts_of(tree), run.as_of, run.known_at, Purpose.PAY)
    context = context_for(run.as_of, Purpose.PAY, known_at=run.known_at)
    (found,) = match_rules([Case(tree, context)], frame)
    return [int(pk) for pk in found.having(ELIGIBLE_FLAG).ids], len(frame)


def _refusal(count: int) -> str:
    """Why so many make no list; nothing when they do."""
    if not count:
        return _("没有企业符合这条规则，没有提出名单。")
    if count > MOST:
        return _("有 %(count)d 家企业符合，超过 %(most)d 家；请收紧条件。") % {"count": count, "most": MOST}
    return ""
