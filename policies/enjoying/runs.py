"""Beginning a run and working it off: a row, a doorbell, and a sweeper that rings again."""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.applying.access import period_of
from policies.enjoying.listing import list_candidates
from policies.enums import Benefit, Mode
from policies.models import EnjoyRun, ItemVersion, PolicyItem
from policies.models.enjoying.vocabulary import RunState
from policies.reviewers import REVIEWING, require_review
from portal.kernel.errors import DomainError
from portal.kernel.moments import settled_at

if TYPE_CHECKING:
    from portal.accounts.models import User

WORK: Final = "policies.tasks.work_enjoy_run"
ATTEMPTS: Final = 3
STUCK_AFTER: Final = dt.timedelta(seconds=60)

_log = logging.getLogger(__name__)


def start(item: PolicyItem, *, by: User | None, at: dt.datetime, slot: str = "") -> EnjoyRun:
    """Begin a run of an item's version in force, and ring for it on commit.

    `by` None is the schedule, `slot` its turn. Raises DomainError when the item is none of these, gives no
    money, or has a run that is alive.
    """
    if by is not None:
        require_review(by, item.department, *REVIEWING)
    day = timezone.localdate(at)
    version = require_enjoyable(item, day)
    run = EnjoyRun(
        item=item,
        version=version,
        period=period_of(version, day),
        as_of=day,
        known_at=settled_at(),
        slot=slot,
        started_by=by,
        started_at=at,
    )
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        if "policies_enjoyrun_" not in str(error):
            raise
        raise DomainError(
            _("“%(item)s”%(year)d 年度有一份名单正在办，请先办完或取消。")
            % {"item": version.title, "year": run.period},
            code="alive",
        ) from error
    transaction.on_commit(partial(ring, run.pk), robust=True)
    return run


def require_enjoyable(item: PolicyItem, day: dt.date) -> ItemVersion:
    """The item's version in force. Raises DomainError where it is not enjoyed without applying."""
    versions = ItemVersion.objects.in_force(day).filter(item=item).select_related("rule_version", "item")
    version = versions.first()
    if version is None:
        raise DomainError(_("这项政策现在没有在执行的版本，不能筛选。"), code="not_in_force")
    if version.mode != Mode.ENJOY or version.benefit != Benefit.MONEY:
        raise DomainError(_("只有“免申即享”的资金奖补才能生成名单。"), code="not_enjoyed")
    return version


def ring(run_id: int) -> None:
    """Wake a worker; a lost ring is made good by `ring_stuck`."""
    current_app.send_task(WORK, args=(run_id,), retry=False)


def ring_stuck(now: dt.datetime) -> int:
    """Ring again for every run whose worker has said nothing for a while; how many."""
    waiting = EnjoyRun.objects.filter(
        state=RunState.SELECTING, error="", touched_at__lt=now - STUCK_AFTER
    ).values_list("pk", flat=True)
    ids = list(waiting)
    for pk in ids:
        ring(pk)
    return len(ids)


def work(run_id: int, at: dt.datetime | None = None) -> None:
    """Work a run off to its list (`at` None: now). Safe to call any number of times, by many workers."""
    run = EnjoyRun.objects.for_pages().filter(pk=run_id).first()
    if run is None or run.state != RunState.SELECTING or run.error:
        return
    try:
        list_candidates(run, at or timezone.now())
    except DomainError as error:
        _give_up(run, error.message)
    except Exception:
        _log.exception("enjoy run %s met an error", run.pk)
        EnjoyRun.objects.filter(pk=run.pk).update(attempts=F("attempts") + 1, touched_at=Now())
        run.refresh_from_db(fields=["attempts"])
        if run.attempts >= ATTEMPTS:
            _give_up(run, _("多次出错，已停止。请系统管理员查看日志，处理后点“重新筛选”。"))


def retry(run: EnjoyRun, *, by: User) -> None:
    """Let a run that was given up begin anew. Raises DomainError for any other."""
    require_review(by, run.item.department, *REVIEWING)
    given_up = EnjoyRun.objects.filter(pk=run.pk, state=RunState.SELECTING).exclude(error="")
    if not given_up.update(error="", attempts=0, done=0, touched_at=Now()):
        raise DomainError(_("这份名单没有出错，不需要重新筛选。"), code="not_failed")
    transaction.on_commit(partial(ring, run.pk), robust=True)


def _give_up(run: EnjoyRun, reason: str) -> None:
    EnjoyRun.objects.filter(pk=run.pk, state=RunState.SELECTING).update(error=reason, touched_at=Now())
