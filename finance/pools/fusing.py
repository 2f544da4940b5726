"""Opening a fused pool again: one asks with a reason, another agrees, and only below the line (恢复开放)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from finance.models import PoolFuse, RiskPool
from finance.pools.duties import OPENING, require_duty
from finance.pools.refusals import told
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import User


def ask_reopen(fuse: PoolFuse, reason: str, *, by: User, at: dt.datetime) -> None:
    """Ask for it, with what has been done about it. Raises DomainError."""
    require_duty(by, fuse.pool, *OPENING)
    if not reason.strip():
        raise DomainError(_("请写明采取了什么措施、为什么可以恢复。"), code="no_reason")
    asked = PoolFuse.objects.filter(pk=fuse.pk, asked_at=None)
    if not asked.update(asked_by=by, asked_at=at, reason=reason.strip()):
        raise DomainError(_("已有人申请恢复，请由另一人同意。"), code="asked")


def reopen(fuse: PoolFuse, *, by: User, at: dt.datetime) -> None:
    """Agree: the pool takes loans on again. Raises DomainError, for the one who asked too."""
    require_duty(by, fuse.pool, *OPENING)
    with told():
        pool = RiskPool.objects.select_for_update().get(pk=fuse.pool_id)
        fuse.refresh_from_db()
        _require_asked(fuse, by)
        if pool.bad_fen * 100 > pool.fuse_rate * pool.used_fen:
            raise DomainError(
                _("不良率 %(now)s%% 仍高于熔断线 %(line)s%%，请先处置不良贷款，或经研究调整熔断线。")
                % {"now": pool.bad_rate, "line": pool.fuse_rate},
                code="still_bad",
            )
        PoolFuse.objects.filter(pk=fuse.pk).update(reopened_by=by, reopened_at=at)
        advance(pool, "reopen", actor=by, comment=fuse.reason, at=at)


def _require_asked(fuse: PoolFuse, by: User) -> None:
    if fuse.reopened_at is not None:
        raise DomainError(_("资金池已经恢复开放。"), code="reopened")
    if fuse.asked_at is None:
        raise DomainError(_("请先由一人申请恢复，再由另一人同意。"), code="not_asked")
    if fuse.asked_by_id == by.pk:
        raise DomainError(_("申请恢复的人不能自己同意，请由另一人办理。"), code="four_eyes")
