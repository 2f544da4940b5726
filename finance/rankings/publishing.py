"""The life of a version: drafted from the one in use, weighed by its author, published by another person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance.keepers import require_role
from finance.models import Indicator, RankingModel, RankingVersion
from finance.rankings.snapshot import MODEL
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel import versions
from portal.kernel.errors import DomainError

WHOLE: Final = 100
"""What the weights of a version make."""
COPIED: Final = ("group", "key", "label", "unit", "weight", "direction", "recorded", "position")


@transaction.atomic
def start_draft(*, by: User) -> RankingVersion:
    """A draft that says what the version in use says. Raises DomainError while there is a draft."""
    require_role(by, Role.EDITOR)
    draft, before = versions.start_draft(RankingModel.objects.get(code=MODEL), by=by)
    Indicator.objects.bulk_create(
        Indicator(version=draft, **{name: getattr(one, name) for name in COPIED})
        for one in before.indicators.all()
    )
    return draft


@transaction.atomic
def reweigh(draft: RankingVersion, weights: dict[str, int], *, by: User) -> None:
    """Other weights, by key, for the indicators of one's own draft. They need not make 100 yet."""
    require_role(by, Role.EDITOR)
    held = versions.hold_draft(draft)
    if not held.is_by(by):
        raise DomainError(_("草稿由编写人修改，请与其联系。"), code="not_yours")
    changed = [one for one in held.indicators.all() if one.key in weights]
    for one in changed:
        one.weight = weights[one.key]
    Indicator.objects.bulk_update(changed, ["weight"])


def discard(draft: RankingVersion, *, by: User, reason: str) -> None:
    """Let a draft go, one's own or that of somebody who has left. Raises DomainError."""
    require_role(by, Role.EDITOR)
    versions.discard(draft, by=by, reason=reason)


def digest(indicators: Iterable[Indicator]) -> str:
    """Of the weights that somebody is shown: who publishes says by it what they looked at."""
    weights = [(one.key, one.weight) for one in indicators]
    return hashlib.sha256(json.dumps(weights).encode()).hexdigest()


def publish(draft: RankingVersion, *, by: User, seen: str) -> None:
    """Let months be ranked by a draft from now on. Raises DomainError with what is not in order.

    ``seen`` is the digest of what the publisher looked at.
    """
    require_role(by, Role.PUBLISHER)
    versions.publish(draft, by=by, require=lambda held: _require_whole(held, seen))


def _require_whole(draft: RankingVersion, seen: str) -> None:
    indicators = list(draft.indicators.all())
    versions.require_seen(digest(indicators), seen)
    total = sum(one.weight for one in indicators)
    if total != WHOLE:
        raise DomainError(
            _("权重合计为 %(total)d，须为 100，请编写人调整。") % {"total": total}, code="weights"
        )
