"""What is looked at again and again: fuses nobody was told of, and figures that must always hold."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import PoolFuse, RiskPool
from finance.pools import invariants
from finance.pools.telling import sound, tell_fused

logger = logging.getLogger(__name__)


def tell_fuses(at: dt.datetime) -> int:
    """Tell of each fuse once; returns how many there were. The database has fused them long before."""
    fuses = list(PoolFuse.objects.filter(told_at=None).select_related("pool__department"))
    for fuse in fuses:
        tell_fused(fuse)
        PoolFuse.objects.filter(pk=fuse.pk, told_at=None).update(told_at=at)
    return len(fuses)


def scan_books(at: dt.datetime) -> int:
    """Compare all that must hold, in one query; an alarm a day for each figure that does not."""
    broken, day = invariants.broken(), timezone.localdate(at)
    pools = list(RiskPool.objects.order_by("department", "pk").distinct("department")) if broken else []
    for figure in broken:
        meaning = str(invariants.MEANINGS.get(figure.name, figure.name))
        title = _("资金池核验不符：%(meaning)s（%(count)d 处）") % {
            "meaning": meaning,
            "count": figure.broken,
        }
        logger.error("pools: %s: %s", figure.name, figure.detail)
        sound(f"books:{figure.name}:{day:%Y-%m-%d}", title, figure.detail, pools)
    return len(broken)
