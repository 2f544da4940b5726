"""Money put into a pool or taken out of it (资金来源)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from finance.models import PoolSource, RiskPool
from finance.pools.duties import FUNDING, require_duty
from finance.pools.refusals import told
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User


def fund(pool: RiskPool, source: PoolSource, *, by: User, at: dt.datetime) -> PoolSource:
    """Book a source (unsaved: name, amount, note); below zero it takes out. Raises DomainError.

    Less than the loans taken on need, the database refuses, whoever takes on one at the same moment; and
    money for a closed pool, of which what is left may only be taken out.
    """
    require_duty(by, pool, *FUNDING)
    if not source.name.strip() or not source.amount_fen:
        raise DomainError(_("请填写来源和金额。"), code="empty")
    if source.amount_fen < 0 and not source.note.strip():
        raise DomainError(_("调减资金须写明依据。"), code="no_reason")
    source.pool, source.by, source.at = pool, by, at
    with told():  # of a pool that is closed just now the database says so
        source.save()
    return source
