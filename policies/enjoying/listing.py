"""A run's list: made in memory, written and frozen in one transaction.

Nothing of it is in the database before all of it is: a killed worker leaves a run that begins anew, and of
two workers at one run the second finds it listed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from enterprises.catalogue import Purpose
from enterprises.models import Enterprise
from matching.explaining.explain import Explanation
from policies.enjoying import reasons
from policies.enjoying.judging import Bench, Judged
from policies.enjoying.reasons import Reason
from policies.enjoying.screening import Claims, Room, in_order
from policies.enjoying.selecting import Ids, Selection, select
from policies.enjoying.standing import require_standing
from policies.enjoying.telling import tell_officials
from policies.models import EnjoyCandidate, EnjoyRun
from policies.models.enjoying.vocabulary import Place, RunState, Way
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

logger = logging.getLogger(__name__)
BATCH = 1_000
Explain = Callable[[Explanation], list[Reason]]


def list_candidates(run: EnjoyRun, at: dt.datetime) -> None:
    """Find, judge, screen and freeze; leaves a run alone that is listed already. Raises DomainError."""
    require_standing(run)
    chosen = select(run)
    report = Report(run, chosen)
    bench = Bench.of(run)
    with translation.override(None):  # evidence is in the words it was written in, and has no need to look up
        found = [*_paid(run, bench, chosen, report), *_almost(run, bench, chosen, report)]
    with transaction.atomic():
        held = EnjoyRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if held.state != RunState.SELECTING:
            return
        EnjoyCandidate.objects.bulk_create(found, batch_size=BATCH)
        changes = {
            "population": chosen.population,
            "undecided": chosen.left_out,
            "digest": digest_of_list(found),
            "total": report.total,
            "done": report.total,
            "error": "",
        }
        event = advance(held, "list", actor=None, changes=changes, at=at)
        with in_language_of_record():
            tell_officials(run, event, _("免申即享名单已生成，请把关"), Role.REVIEWER)


def digest_of_list(found: list[EnjoyCandidate]) -> str:
    """SHA-256 over the enterprises that are in: id, amount and digest of the evidence, in their order."""
    inside = sorted((each for each in found if each.place == Place.IN), key=lambda each: each.rank or 0)
    lines = (f"{each.enterprise_id}|{each.amount_fen}|{each.digest}\n" for each in inside)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class Report:
    """Tells the run's row how many enterprises have been judged, outside any transaction of the list."""

    def __init__(self, run: EnjoyRun, chosen: Selection) -> None:
        self.run, self.done = run, 0
        groups = (chosen.sure, chosen.unpriced, chosen.click, chosen.form, chosen.near)
        self.total = sum(map(len, groups))
        self._say(total=self.total, done=0)

    def __call__(self, count: int) -> None:
        self.done += count
        self._say(done=self.done)

    def _say(self, **figures: int) -> None:
        rows = EnjoyRun.objects.filter(pk=self.run.pk, state=RunState.SELECTING)
        rows.update(touched_at=Now(), **figures)


def _paid(run: EnjoyRun, bench: Bench, chosen: Selection, report: Report) -> Iterator[EnjoyCandidate]:
    """Who may be paid: in as far as budget and quota go, else out with what stands against it."""
    ids = chosen.sure.tolist()
    codes = dict(Enterprise.objects.filter(pk__in=ids).values_list("uscc", "pk"))
    claims, room, rank = Claims.known(run, ids), Room.of(run), 0
    found = {}
    for one in bench.judged(ids, Purpose.PAY, report):  # thousands: their explanations are let go of at once
        against = _against(one, claims, bench)
        found[one.enterprise_id] = _candidate(run, one, place=Place.OUT, reasons=against)
    for uscc in in_order(run.version, run.period, codes):
        candidate = found[codes[uscc]]
        if not candidate.reasons and candidate.amount_fen is not None:
            full = room.take(candidate.amount_fen)
            candidate.reasons = [full] if full else []
        if not candidate.reasons:
            rank += 1
            candidate.place, candidate.rank = Place.IN, rank
        yield candidate


def _against(one: Judged, claims: Claims, bench: Bench) -> list[Reason]:
    if not one.eligible or not one.amount_fen:  # the two evaluators agree; if ever not, nobody is paid by it
        logger.error(
            "Run %s: enterprise %s was selected and is not eligible.", bench.run.pk, one.enterprise_id
        )
        return [reasons.reason("disagreed", _("两次核算结果不一致，请系统管理员查看"))]
    found = reasons.credit(one.standing, bench.catalogue)
    return found + claims.against(one.enterprise_id, one.amount_fen)


def _almost(run: EnjoyRun, bench: Bench, chosen: Selection, report: Report) -> Iterator[EnjoyCandidate]:
    """Who lacks one thing, with the shortest way that is left; nobody who has it already or bad credit."""
    ways: tuple[tuple[Ids, Purpose, Way, Explain], ...] = (
        (chosen.unpriced, Purpose.PAY, Way.CLICK, lambda _explanation: [reasons.unpriced()]),
        (chosen.click, Purpose.SHOW, Way.CLICK, reasons.unconfirmed),
        (chosen.form, Purpose.SHOW, Way.FORM, reasons.unknown),
        (chosen.near, Purpose.SHOW, Way.MISSING, reasons.missed),
    )
    for ids, purpose, way, why in ways:
        claims = Claims.known(run, ids.tolist())
        for one in bench.judged(ids.tolist(), purpose, report):
            if one.standing or claims.against(one.enterprise_id, 0, listed=False):
                continue
            yield _candidate(run, one, place=Place.ALMOST, way=way, reasons=why(one.explanation))


def _candidate(run: EnjoyRun, one: Judged, **fields: Any) -> EnjoyCandidate:
    return EnjoyCandidate(
        run=run,
        enterprise_id=one.enterprise_id,
        amount_fen=one.amount_fen,
        evidence=one.evidence,
        digest=one.digest,
        **fields,
    )
