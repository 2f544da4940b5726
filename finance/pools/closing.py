"""Closing a pool that nothing is left in (关闭): for good, by the head of the office, with a reason."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from finance.models import PoolClaim, RiskPool
from finance.models.pool_cover import OPEN_CLAIMS
from finance.pools.duties import APPROVING, require_duty
from finance.pools.refusals import told
from finance.pools.telling import tell_closed
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import User


def close(pool: RiskPool, reason: str, *, by: User, at: dt.datetime) -> None:
    """It takes on nothing any more, for good; its books stay. Raises DomainError with what is still in it.

    Under the pool's lock: a loan that is just being taken on is in it, or refused.
    """
    require_duty(by, pool, *APPROVING)
    if not reason.strip():
        raise DomainError(_("请写明关闭的依据和理由。"), code="no_reason")
    with told():
        held = RiskPool.objects.select_for_update(of=("self",)).get(pk=pool.pk)
        _require_empty(held)
        advance(held, "close", actor=by, comment=reason.strip(), at=at)
        tell_closed(held, reason.strip())
    adopt(pool, held)


def _require_empty(pool: RiskPool) -> None:
    if pool.used_fen:
        loans = pool.admissions.live().count()
        raise DomainError(
            _("还有 %(loans)d 笔贷款在池，占用 %(used)s，全部出池后才能关闭。")
            % {"loans": loans, "used": format_money(pool.used_fen)},
            code="in_use",
        )
    if claims := PoolClaim.objects.filter(admission__pool=pool, state__in=OPEN_CLAIMS).count():
        raise DomainError(
            _("还有 %(claims)d 笔代偿申请没有办完，办完后才能关闭。") % {"claims": claims}, code="open_claims"
        )
