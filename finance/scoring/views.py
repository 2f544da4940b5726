"""Pages of scores: the enterprise's own, and the office's that watches over all."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises.acting import act
from enterprises.services import knowledge_of_many
from finance.models import ScoreVersion
from finance.scoring.cards import MODEL, card_of
from finance.scoring.history import Past, history, seen
from finance.scoring.page import changes, view_of
from finance.scoring.reckoning import Reckoned, score


@require_safe
def own_score(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The enterprise's own score with every reason, what would raise it, and how it was before."""
    actor = act(request, enterprise)
    context: dict[str, Any] = {"enterprise": actor.enterprise}
    version = ScoreVersion.objects.in_use(MODEL)
    if version is None:
        return render(request, "finance/scoring/none.html", context)
    today = timezone.localdate()
    card = card_of(version)
    knowledge = knowledge_of_many([enterprise], as_of=today, keys=card.facts)[enterprise]
    reckoned = score(card, knowledge)
    past = history(enterprise)
    context |= {
        "today": today,
        "version": version,
        "score": view_of(reckoned, knowledge, enterprise),
        "past": past,
        "seen": seen(enterprise),
        "since": past[0] if past else None,
        "renewed": bool(past) and past[0].run.version_id != version.pk,
        "changes": _changes(reckoned, past, enterprise),
    }
    return render(request, "finance/scoring/score.html", context)


def _changes(now: Reckoned, past: list[Past], enterprise: int) -> list[Any]:
    """What moved since the last run by the same version; nothing is asked where nothing moved."""
    last = past[0] if past else None
    if last is None or last.points == now.points or last.run.version_id != now.card.version:
        return []
    known = knowledge_of_many(
        [enterprise], as_of=last.as_of, known_at=last.run.known_at, keys=now.card.facts
    )[enterprise]
    return changes(score(now.card, known), now, known.catalogue)
