"""Awards whose enterprise has other facts by now, looked at again: proposals for officials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from enterprises.models import Credential, FactValue
from policies.correcting.replaying import Replay
from policies.models import Award, Correction, Evidence, Payment
from policies.models.money.award import AwardQuerySet, AwardSource
from policies.models.money.payment import PaymentState
from policies.money.corrections import Difference, corrected_fen, propose


def propose_corrections(at: dt.datetime) -> list[Correction]:
    """Sweeper: look at all suspects again with what is known at a moment; proposals, new and still open."""
    return propose(differences(suspects(), at), at=at)


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


def differences(awards: AwardQuerySet, at: dt.datetime) -> Iterator[Difference]:
    """Of those that would be another sum today, by how much and why."""
    for award in awards:
        replay = Replay.of(award, at)
        if replay is None:
            continue
        over = replay.over_fen(corrected_fen(award))
        if over:
            yield Difference(award, over, replay.evidence(_then(award)))


def _then(award: Award) -> dict[str, Any]:
    """What was judged when the award was made."""
    if award.application_id is None:
        return dict(award.evidence)
    return dict(Evidence.objects.get(pk=award.evidence["evidence"]).content)
