"""Awards whose enterprise has other facts by now, looked at again: proposals for officials."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import DateTimeField, Exists, OuterRef
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from enterprises.models import Credential, FactValue
from policies.correcting.replaying import replays
from policies.models import Award, Correction, Evidence, Payment
from policies.models.money.award import AwardQuerySet, AwardSource
from policies.models.money.correction import CorrectionState
from policies.models.money.payment import PaymentState
from policies.money.corrections import Difference, corrected_fen, propose, take_the_turn, withdraw

logger = logging.getLogger(__name__)

CHUNK: Final = 500
"""Awards between two of which an official may decide: they wait for a look, and a look for them."""


def propose_corrections(at: dt.datetime) -> list[Correction]:
    """Sweeper: look at all suspects again with what is known at a moment; proposals, new and still open.

    Looks that come at once take turns, chunk by chunk, and with officials who decide: nothing is proposed on
    what was decided meanwhile, nor twice. An award that cannot be judged holds up no other.
    """
    ids, found = list(suspects().values_list("pk", flat=True)), []
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        try:
            found += _look(chunk, at)
        except Exception:
            logger.exception("%s awards are looked at one by one", len(chunk))
            for pk in chunk:
                try:
                    found += _look([pk], at)
                except Exception:
                    logger.exception("award %s is not judged again", pk)
    return found


def _look(ids: Sequence[int], at: dt.datetime) -> list[Correction]:
    """Propose what is so now, withdraw what is not any more: nobody decides on what is known to be wrong."""
    with transaction.atomic():
        take_the_turn()
        found = list(differences(list(suspects().filter(pk__in=ids)), at))
        now = {one.award.pk: one for one in found}
        for proposal in Correction.objects.filter(state=CorrectionState.PROPOSED, award__in=now):
            if not now[proposal.award_id].is_as_proposed(proposal):
                withdraw(proposal, at=at)
        return propose(found, at=at)


def suspects() -> AwardQuerySet:
    """Awards that are paid, of enterprises of which something was recorded since they were judged."""
    paid = Payment.objects.filter(award=OuterRef("pk"), state=PaymentState.PAID)
    awards = Award.objects.exclude(source=AwardSource.CORRECTION)
    awards = awards.alias(known_at=Cast(KT("evidence__known_at"), DateTimeField()))
    since = {"enterprise": OuterRef("enterprise"), "recorded_at__gt": OuterRef("known_at")}
    facts, credentials = FactValue.objects.filter(**since), Credential.objects.filter(**since)
    news = Exists(facts) | Exists(credentials)
    related = ("item", "version__rule_version", "application__version__rule_version", "application__item")
    return awards.filter(Exists(paid), news).select_related(*related).order_by("pk")


def differences(awards: Sequence[Award], at: dt.datetime) -> Iterator[Difference]:
    """By how much and why each would be another sum today, 0 for none; of those of which it can be told."""
    paid, then = corrected_fen(awards), _then(awards)
    for replay in replays(awards, at):
        award = replay.award
        if replay.is_settled:
            over = replay.over_fen(paid[award.pk])
            yield Difference(award, over, replay.evidence(then[award.pk]) if over else {})


def _then(awards: Sequence[Award]) -> dict[int, dict[str, Any]]:
    """What was judged when each was made: frozen with an application, else the own; one query."""
    named = {award.pk: award.evidence["evidence"] for award in awards if award.application_id is not None}
    frozen = Evidence.objects.in_bulk(named.values())
    return {
        award.pk: dict(frozen[named[award.pk]].content if award.pk in named else award.evidence)
        for award in awards
    }
