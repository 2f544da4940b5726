"""A draft against the version in use, over all enterprises: what would change if it were published."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.services import load_catalogue
from finance.keepers import require_role
from finance.models import ScoreComparison, ScoreVersion
from finance.scoring.batch import score_all
from finance.scoring.card import Card
from finance.scoring.cards import card_of
from finance.scoring.checks import shortcomings
from finance.scoring.monitoring import stability
from finance.scoring.sheets import Points
from matching.batch.frame import Frame
from matching.batch.frames import frame_knowing
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import NotReady
from portal.kernel.models import Progress
from portal.kernel.moments import settled_at

MOVERS = 10
"""How many of those that would lose or gain most are named."""


def ask(draft: ScoreVersion, *, by: User) -> ScoreComparison:
    """A comparison to be worked off by a worker. Raises DomainError for a draft that is not sound."""
    from finance.scoring.tasks import work_comparison

    require_role(by, Role.EDITOR if draft.is_by(by) else Role.PUBLISHER)
    draft.require_draft()
    card = card_of(draft)
    if wrong := shortcomings(card, load_catalogue()):
        raise NotReady(_("草稿还有问题："), wrong)
    against = ScoreVersion.objects.in_use(draft.model.code)
    with transaction.atomic():
        made = ScoreComparison.objects.create(
            draft=draft,
            against=against,
            digest=card.digest,
            as_of=timezone.localdate(),
            known_at=settled_at(),
            created_by=by,
        )
        transaction.on_commit(lambda: work_comparison.delay(made.pk), robust=True)
    return made


def work(comparison: ScoreComparison) -> None:
    """Score everybody twice and keep what differs. A draft that was changed meanwhile is told and left."""
    if comparison.state == Progress.RUNNING:
        comparison.requeue()
    card = card_of(comparison.draft)
    before = card_of(comparison.against) if comparison.against is not None else None
    facts = card.facts | (before.facts if before is not None else set())
    frame = frame_knowing(facts, comparison.as_of, comparison.known_at)
    comparison.start(len(frame))
    if card.digest != comparison.digest:
        comparison.fail(_("草稿在比较前又改过，请重新比较。"))
        return
    result = compare(card, before, frame)
    ScoreComparison.objects.filter(pk=comparison.pk).update(result=result)
    comparison.result = result
    comparison.finish()


def compare(card: Card, before: Card | None, frame: Frame) -> dict[str, Any]:
    """Figures of a comparison, fit for JSON; points are hundredths. Without a version in use only the new."""
    after = score_all(card, frame).scores
    told: dict[str, Any] = {"count": len(after), "after": after.bands, "settled": after.settled}
    if before is None:
        return told
    old = score_all(before, frame).scores
    moved = after.points.astype(np.int64) - old.points
    return told | {
        "before": old.bands,
        "rose": int(np.count_nonzero(moved > 0)),
        "fell": int(np.count_nonzero(moved < 0)),
        "psi": stability(old.bands, after.bands),
        "losing": _movers(after, old, np.argsort(moved, kind="stable")[:MOVERS], -1),
        "gaining": _movers(after, old, np.argsort(-moved, kind="stable")[:MOVERS], 1),
    }


def _movers(after: Points, old: Points, rows: Any, sign: int) -> list[list[int]]:
    found = [[int(after.ids[row]), int(old.points[row]), int(after.points[row])] for row in rows]
    return [one for one in found if (one[2] - one[1]) * sign > 0]
