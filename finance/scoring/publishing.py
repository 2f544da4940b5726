"""The life of a version: drafted from the one in use, compared with it, published by another, retired."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.services import load_catalogue
from finance.keepers import require_role
from finance.models import ScoreBin, ScoreCharacteristic, ScoreModel, ScoreVersion
from finance.scoring.cards import card_of
from finance.scoring.checks import shortcomings
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel import versions
from portal.kernel.errors import DomainError, NotReady
from portal.kernel.models import Progress

COPIED = ("base", "tax_weight", "trust_weight", "conduct_weight", "scene_weight")
_OF_CHARACTERISTIC = ("key", "label", "dimension", "fact_id", "monotone", "years", "position")
_OF_BIN = ("position", "label", "lower", "upper", "values", "points", "reason", "tip")


@transaction.atomic
def start_draft(model: ScoreModel, *, by: User) -> ScoreVersion:
    """A draft that says what the version in use says. Raises DomainError while there is a draft."""
    require_role(by, Role.EDITOR)
    draft, before = versions.start_draft(model, by=by, copied=COPIED)
    for one in before.characteristics.prefetch_related("bins"):
        told = {name: getattr(one, name) for name in _OF_CHARACTERISTIC}
        made = ScoreCharacteristic.objects.create(version=draft, **told)
        ScoreBin.objects.bulk_create(
            ScoreBin(characteristic=made, **{name: getattr(each, name) for name in _OF_BIN})
            for each in one.bins.all()
        )
    return draft


@transaction.atomic
def note_editor(version: ScoreVersion, *, by: User) -> None:
    """Write down who changes a draft, in the transaction of the change. Raises DomainError if it is none."""
    require_role(by, Role.EDITOR)
    versions.hold_draft(version)
    ScoreVersion.objects.filter(pk=version.pk).update(edited_by=by)
    version.edited_by = by


def discard(draft: ScoreVersion, *, by: User, reason: str) -> None:
    """Let a draft go, so that another one may be begun. Raises DomainError."""
    require_role(by, Role.EDITOR)
    versions.discard(draft, by=by, reason=reason)


def publish(draft: ScoreVersion, *, by: User, seen: str, comment: str = "") -> None:
    """Let enterprises be scored by a draft from now on. Raises DomainError with what is not in order.

    ``seen`` is the digest of what the publisher looked at.
    """
    require_role(by, Role.PUBLISHER)
    versions.publish(draft, by=by, require=lambda held: _require_ready(held, seen), comment=comment)


def retire(version: ScoreVersion, *, by: User, reason: str) -> None:
    """Let nobody be scored by a version any more; runs at work end with it. Raises DomainError."""
    require_role(by, Role.PUBLISHER)
    versions.retire(version, by=by, reason=reason)


def _require_ready(draft: ScoreVersion, seen: str) -> None:
    card = card_of(draft)
    versions.require_seen(card.digest, seen)
    if wrong := shortcomings(card, load_catalogue()):
        raise NotReady(_("第 %(number)d 版还不能发布：") % {"number": draft.number}, wrong)
    if not draft.comparisons.filter(digest=seen, state=Progress.DONE).exists():
        raise DomainError(_("请先与使用中的版本比较全县企业的得分，看过结果再发布。"), code="not_compared")
