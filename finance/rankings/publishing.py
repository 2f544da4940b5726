"""The life of a version: drafted from the one in use, weighed by its author, published by another."""

from __future__ import annotations

import hashlib
import json

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import Indicator, RankingModel, RankingState, RankingVersion
from finance.rankings.snapshot import MODEL
from finance.scoring.access import require
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance

COPIED = ("group", "key", "label", "unit", "weight", "direction", "recorded", "position")


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


def digest(version: RankingVersion) -> str:
    """Of its weights: who publishes says by it what they looked at."""
    weights = list(version.indicators.values_list("key", "weight"))
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
    if digest(locked) != seen:
        raise DomainError(_("草稿在您查看之后又改过，请重新核对。"), code="changed")
    total = locked.indicators.aggregate(total=Sum("weight", default=0))["total"]
    if total != 100:
        raise DomainError(
            _("权重合计为 %(total)d，须为 100，请编写人调整。") % {"total": total}, code="weights"
        )
    now = timezone.now()
    before = RankingVersion.objects.in_use(MODEL)
    if before is not None and before.pk != locked.pk:
        advance(before, "retire", actor=by, changes={"retired_at": now}, at=now)
    advance(draft, "publish", actor=by, changes={"published_by": by, "published_at": now}, at=now)
