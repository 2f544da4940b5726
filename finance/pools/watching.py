"""What is looked at again and again: fuses nobody was told of, and figures that must always hold."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.measures import midnight
from finance.models import PoolAdmission, PoolFuse, RiskPool
from finance.pools import invariants
from finance.pools.telling import sound, tell_fused, tell_taken_on

logger = logging.getLogger(__name__)


def tell_fuses(at: dt.datetime) -> int:
    """Tell of each fuse once; returns how many there were. The database has fused them long before."""
    fuses = list(PoolFuse.objects.filter(told_at=None).select_related("pool__department"))
    for fuse in fuses:
        tell_fused(fuse)
        PoolFuse.objects.filter(pk=fuse.pk, told_at=None).update(told_at=at)
    return len(fuses)


def tell_admissions(at: dt.datetime) -> int:
    """Those who may object are told once what yesterday brought into each pool; how many loans that were."""
    day = timezone.localdate(at) - dt.timedelta(days=1)
    begins, ends = midnight(day), midnight(day + dt.timedelta(days=1))
    taken = PoolAdmission.objects.live().filter(at__gte=begins, at__lt=ends).order_by()
    sums = list(taken.values("pool").annotate(count=Count("pk"), sum_fen=Sum("amount_fen")))
    pools = RiskPool.objects.select_related("department").in_bulk([row["pool"] for row in sums])
    for row in sums:
        tell_taken_on(pools[row["pool"]], day, row["count"], row["sum_fen"])
    return sum(row["count"] for row in sums)


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
