"""The life of a version: drafted from the one in use, weighed by its author, published by another person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import Indicator, RankingModel, RankingState, RankingVersion
from finance.rankings.snapshot import MODEL
from finance.scoring.access import require
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance

WHOLE: Final = 100
"""What the weights of a version make."""
MOST_WORDS: Final = 300
COPIED: Final = ("group", "key", "label", "unit", "weight", "direction", "recorded", "position")


@transaction.atomic
def start_draft(*, by: User) -> RankingVersion:
    """A draft that says what the version in use says. Raises DomainError while there is a draft."""
    require(by, Role.EDITOR)
    model = RankingModel.objects.select_for_update().get(code=MODEL)
    if model.versions.filter(state=RankingState.DRAFT).exists():
        raise DomainError(_("已有一个草稿，请在草稿上继续修改。"), code="in_preparation")
    before = RankingVersion.objects.in_use(MODEL)
    if before is None:
        raise DomainError(_("还没有发布过版本，无可复制。"), code="nothing_to_copy")
    number = (model.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = RankingVersion.objects.create(model=model, number=number, edited_by=by)
    Indicator.objects.bulk_create(
        Indicator(version=draft, **{name: getattr(one, name) for name in COPIED})
        for one in before.indicators.all()
    )
    return draft


@transaction.atomic
def reweigh(draft: RankingVersion, weights: dict[str, int], *, by: User) -> None:
    """Other weights, by key, for the indicators of one's own draft. They need not make 100 yet."""
    require(by, Role.EDITOR)
    locked = RankingVersion.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if locked.state != RankingState.DRAFT:
        raise DomainError(_("这一版已经发布，不能再改；请新建草稿。"), code="not_a_draft")
    if locked.edited_by_id != by.pk:
        raise DomainError(_("草稿由编写人修改，请与其联系。"), code="not_yours")
    changed = [one for one in locked.indicators.all() if one.key in weights]
    for one in changed:
        one.weight = weights[one.key]
    Indicator.objects.bulk_update(changed, ["weight"])


@transaction.atomic
def discard(draft: RankingVersion, reason: str, *, by: User) -> None:
    """Let a draft go, one's own or that of somebody who has left: another one may be begun. It is kept.

    Raises DomainError without a reason, and for what is no draft any more.
    """
    require(by, Role.EDITOR)
    if not reason.strip():
        raise DomainError(_("请写明为什么放弃这份草稿。"), code="no_reason")
    advance(draft, "discard", actor=by, comment=reason.strip()[:MOST_WORDS])


def digest(indicators: Iterable[Indicator]) -> str:
    """Of the weights that somebody is shown: who publishes says by it what they looked at."""
    weights = [(one.key, one.weight) for one in indicators]
    return hashlib.sha256(json.dumps(weights).encode()).hexdigest()


@transaction.atomic
def publish(draft: RankingVersion, *, by: User, seen: str) -> None:
    """Let months be ranked by a draft from now on; the version in use until now is retired.

    ``seen`` is the digest of what the publisher looked at. Raises DomainError with what is not in order.
    """
    require(by, Role.PUBLISHER)
    RankingModel.objects.select_for_update().get(pk=draft.model_id)
    locked = RankingVersion.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if locked.edited_by_id == by.pk:
        raise DomainError(_("编写人不能发布自己写的版本，请由另一位有发布岗位的同事发布。"), code="four_eyes")
    indicators = list(locked.indicators.all())
    if digest(indicators) != seen:
        raise DomainError(_("草稿在您查看之后又改过，请重新核对。"), code="changed")
    total = sum(one.weight for one in indicators)
    if total != WHOLE:
        raise DomainError(
            _("权重合计为 %(total)d，须为 100，请编写人调整。") % {"total": total}, code="weights"
        )
    now = timezone.now()
    before = RankingVersion.objects.in_use(MODEL)
    if before is not None and before.pk != locked.pk:
        advance(before, "retire", actor=by, changes={"retired_at": now}, at=now)
    advance(draft, "publish", actor=by, changes={"published_by": by, "published_at": now}, at=now)
