"""The life of a version: drafted from the one in use, compared with it, published by another, retired."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.services import load_catalogue
from finance.models import ScoreBin, ScoreCharacteristic, ScoreModel, ScoreVersion
from finance.scoring.access import require
from finance.scoring.cards import card_of
from finance.scoring.checks import shortcomings
from finance.scoring.enums import ScoreState
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress
from portal.kernel.transitions import advance

COPIED = ("base", "tax_weight", "trust_weight", "conduct_weight", "scene_weight")
_OF_CHARACTERISTIC = ("key", "label", "dimension", "fact_id", "monotone", "years", "position")
_OF_BIN = ("position", "label", "lower", "upper", "values", "points", "reason", "tip")


def start_draft(model: ScoreModel, *, by: User) -> ScoreVersion:
    """A draft that says what the version in use says. Raises DomainError while there is a draft."""
    require(by, Role.EDITOR)
    with transaction.atomic():
        ScoreModel.objects.select_for_update().get(pk=model.pk)
        if model.versions.filter(state=ScoreState.DRAFT).exists():
            raise DomainError(_("该模型已有一个草稿，请在草稿上继续修改。"), code="in_preparation")
        before = model.versions.exclude(state=ScoreState.DRAFT).order_by("-number").first()
        if before is None:
            raise DomainError(_("该模型还没有发布过版本，无可复制。"), code="nothing_to_copy")
        number = (model.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        copied = {name: getattr(before, name) for name in COPIED}
        draft = ScoreVersion.objects.create(model=model, number=number, edited_by=by, **copied)
        for one in before.characteristics.prefetch_related("bins"):
            told = {name: getattr(one, name) for name in _OF_CHARACTERISTIC}
            made = ScoreCharacteristic.objects.create(version=draft, **told)
            ScoreBin.objects.bulk_create(
                ScoreBin(characteristic=made, **{name: getattr(each, name) for name in _OF_BIN})
                for each in one.bins.all()
            )
    return draft


def note_editor(version: ScoreVersion, *, by: User) -> None:
    """Write down who changes a draft, in the transaction of the change. Raises DomainError if it is none."""
    require(by, Role.EDITOR)
    with transaction.atomic():
        locked = ScoreVersion.objects.select_for_update().get(pk=version.pk)
        if not locked.is_draft:
            raise DomainError(_("这一版已经发布，不能再改；请新建草稿。"), code="not_a_draft")
        ScoreVersion.objects.filter(pk=version.pk).update(edited_by=by)
    version.edited_by = by


def publish(version: ScoreVersion, *, by: User, seen: str, comment: str = "") -> None:
    """Let enterprises be scored by a draft from now on; the version in use until now is retired.

    ``seen`` is the digest of what the publisher looked at. Raises DomainError with what is not in order.
    """
    require(by, Role.PUBLISHER)
    with transaction.atomic():
        ScoreModel.objects.select_for_update().get(pk=version.model_id)
        version = ScoreVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
        _require_publishable(version, by, seen)
        now = timezone.now()
        before = ScoreVersion.objects.filter(model=version.model_id, state=ScoreState.PUBLISHED).first()
        if before is not None:
            advance(before, "retire", actor=by, changes={"retired_at": now}, at=now)
        changes = {"published_by": by, "published_at": now}
        advance(version, "publish", actor=by, comment=comment, changes=changes, at=now)


def retire(version: ScoreVersion, *, by: User, reason: str) -> None:
    """Let nobody be scored by a version any more; runs at work end with it. Raises DomainError."""
    require(by, Role.PUBLISHER)
    if not reason.strip():
        raise DomainError(_("请写明停用原因。"), code="no_reason")
    now = timezone.now()
    advance(version, "retire", actor=by, comment=reason.strip(), changes={"retired_at": now}, at=now)


def _require_publishable(version: ScoreVersion, by: User, seen: str) -> None:
    if not version.is_draft:
        raise DomainError(_("这一版不是草稿，请刷新页面查看最新状态。"), code="not_a_draft")
    if version.editors.filter(user=by).exists():
        raise DomainError(_("编写人不能发布自己写的版本，请由另一位有发布岗位的同事发布。"), code="four_eyes")
    card = card_of(version)
    if card.digest != seen:
        raise DomainError(_("草稿在您查看之后又改过，请重新核对。"), code="changed")
    if wrong := shortcomings(card, load_catalogue()):
        head = _("第 %(number)d 版还不能发布：") % {"number": version.number}
        raise DomainError("\n".join([head, *(f"· {one}" for one in wrong)]), code="not_ready")
    if not version.comparisons.filter(digest=seen, state=Progress.DONE).exists():
        raise DomainError(_("请先与使用中的版本比较全县企业的得分，看过结果再发布。"), code="not_compared")
