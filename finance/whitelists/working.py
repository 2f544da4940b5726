"""Runs that draw up lists, in a worker: one at a time works at a run, and none is forgotten."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from finance.models import WhitelistRun
from finance.whitelists import drawing
from portal.kernel.models import Progress
from portal.kernel.sole import sole_worker

LOCK_SPACE: Final = 7_263
"""First key of the advisory lock held at work; the second is the run's id."""
PATIENCE: Final = dt.timedelta(minutes=1)
GIVEN_UP: Final = dt.timedelta(days=1)
"""Age at which what nobody works at is given up."""

logger = logging.getLogger(__name__)


def work_off(pk: int) -> None:
    """Draw the list of a run up, unless another worker does or it is over."""
    with sole_worker(LOCK_SPACE, pk) as alone:
        run = _runs().filter(pk=pk).first()
        if not alone or run is None or not run.is_active:
            return
        try:
            drawing.work(run)
        except Exception:
            logger.exception("whitelist run %s stopped", pk)
            run.refresh_from_db(fields=["state", "total", "done"])
            drawing.give_up(run, _("筛选时发生程序错误，请联系系统管理员查看日志。"))


def ring_waiting(now: dt.datetime) -> int:
    """Ring again for runs that wait; those of yesterday have failed. How many were rung for."""
    from finance.tasks import draw_whitelist

    active = _runs().filter(state__in=(Progress.QUEUED, Progress.RUNNING)).order_by("pk")
    for run in active.filter(created_at__lte=now - GIVEN_UP):
        with sole_worker(LOCK_SPACE, run.pk) as alone:
            if alone:
                drawing.give_up(run, _("超过一天没有完成，已停止；需要的请重新筛选。"))
    waiting = active.filter(created_at__lt=now - PATIENCE, created_at__gt=now - GIVEN_UP)
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        draw_whitelist.delay(pk)
    return len(ids)


def _runs() -> QuerySet[WhitelistRun]:
    return WhitelistRun.objects.select_related("rule_version__rule", "department", "created_by")
