"""Whether what a list says is still true: facts corrected, firms struck off, claims made since it froze.

A list stands as it was judged; what has changed since is told to who acts next, who excludes the enterprise
with that reason, or, when the enterprise accepts, stops it there.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.catalogue import Purpose
from enterprises.models import Credential, Enterprise, FactValue
from enterprises.services import knowledge_of_many
from policies.enjoying import reasons
from policies.enjoying.judging import Bench, credit_of
from policies.enjoying.reasons import Reason
from policies.enjoying.screening import Claims
from policies.models import EnjoyCandidate, EnjoyRun
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money

NAMED = 5
"""Enterprises that a refusal names; the page shows all of them."""


def changes_since(
    run: EnjoyRun, candidates: Sequence[EnjoyCandidate], at: dt.datetime, *, listed: bool = False
) -> dict[int, list[Reason]]:
    """By id of the candidate, what stands against it now; those of whom all is as it was are not in it.

    Five queries, and judging anew whoever had a value recorded since. `listed`: other lists count as well.
    """
    ids = [each.enterprise_id for each in candidates]
    gone = dict(
        Enterprise.objects.exclude(pk__in=_in_business(ids)).filter(pk__in=ids).values_list("pk", "status")
    )
    claims = Claims.known(run, ids)
    facts = _facts_now(run, {each.enterprise_id: each for each in candidates}, at)
    found = {}
    for each in candidates:
        against = [reasons.reason("gone", _("企业已不在业"))] if each.enterprise_id in gone else []
        against += claims.against(each.enterprise_id, each.amount_fen or 0, listed=listed)
        against += facts.get(each.enterprise_id, [])
        if against:
            found[each.pk] = against
    return found


def require_unchanged(run: EnjoyRun, at: dt.datetime) -> None:
    """Raises DomainError, naming the first few, while anybody who stands on the list should not any more."""
    standing = list(run.candidates.standing().select_related("enterprise").order_by("rank"))
    changed = changes_since(run, standing, at)
    if not changed:
        return
    named = [
        f"{each.enterprise.name}（{'、'.join(one['words'] for one in changed[each.pk])}）"
        for each in standing
        if each.pk in changed
    ]
    raise DomainError(
        _("名单生成后有 %(count)d 家企业情况有变，请先排除：%(names)s%(more)s。")
        % {
            "count": len(named),
            "names": "；".join(named[:NAMED]),
            "more": _("等") if len(named) > NAMED else "",
        },
        code="changed",
    )


def _in_business(ids: Sequence[int]) -> list[int]:
    return list(Enterprise.objects.in_business().filter(pk__in=ids).values_list("pk", flat=True))


def _facts_now(
    run: EnjoyRun, candidates: dict[int, EnjoyCandidate], at: dt.datetime
) -> dict[int, list[Reason]]:
    """Of those of whom anything was recorded since the run began: judged again by what is known now."""
    since = {"enterprise__in": candidates, "recorded_at__gt": run.known_at}
    heard = {
        *FactValue.objects.filter(**since).values_list("enterprise", flat=True),
        *Credential.objects.filter(**since).values_list("enterprise", flat=True),
    }
    if not heard:
        return {}
    now = copy.copy(run)
    now.known_at = at
    bench = Bench.of(now)
    ids = sorted(heard)
    today = knowledge_of_many(ids, as_of=timezone.localdate(at), known_at=at, purpose=Purpose.PAY)
    found = {}
    for one in bench.judged(ids, Purpose.PAY):
        said = candidates[one.enterprise_id].amount_fen
        against = [*_differs(one.eligible, one.amount_fen, said)]
        against += reasons.credit(credit_of(today[one.enterprise_id]), bench.catalogue)
        if against:
            found[one.enterprise_id] = against
    return found


def _differs(eligible: bool, fen: int | None, said: int | None) -> Iterator[Reason]:
    if not eligible:
        yield reasons.reason("corrected", _("数据更正后不再符合条件"))
    elif fen != said:
        amount = _("待核定") if fen is None else format_money(fen)
        yield reasons.reason("corrected", _("数据更正后金额为 %(amount)s") % {"amount": amount})
