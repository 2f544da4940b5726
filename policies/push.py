"""Telling enterprises of a version: who is told is decided by a run, what was told is never told again.

Everything here can be stopped at any point and done again. A `Push` is worked off in chunks; each chunk is
one transaction that locks the push and the version, writes the chunk's messages into the outbox and moves
the position. Whoever comes second finds the row locked and leaves. A message's key in its mailbox is the
version's, so that neither a second delivery nor a nightly push repeats it.
"""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from celery import current_app
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from matching.batch.results import AMOUNT_FLAG, BOUNDED_FLAG, ELIGIBLE_FLAG, OPEN_FLAG, Matches
from matching.models import Run, RunResult
from matching.services import new_run
from policies.enums import Benefit, PushKind, VersionState
from policies.holding import holders
from policies.models import ItemVersion, Push
from policies.push_failure import give_up
from policies.push_text import Wording
from policies.runs import match_and_record
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.models import Progress
from portal.kernel.outbox import OutboxEntry
from portal.notifications.models import Message
from portal.notifications.services import TOPIC, Draft, send_messages

if TYPE_CHECKING:
    from portal.accounts.models import User

CHUNK = 500
"""Enterprises a transaction: some hundredths of a second, and progress that people see move."""
ATTEMPTS = 3
"""After so many errors a push is given up and waits for a person."""
WORK = "policies.tasks.work_push"
STUCK_AFTER = dt.timedelta(seconds=60)
"""A push that has not moved for so long is rung again."""


_log = logging.getLogger(__name__)


def start_push(version: ItemVersion, kind: PushKind, *, by: User | None, run: Run | None = None) -> Push:
    """Write the row of a telling and ring for it on commit. `run` is made unless given or a withdrawal."""
    if run is None and kind != PushKind.WITHDRAWAL:
        run = new_run(str(version), version=version.rule_version, as_of=timezone.localdate(), by=by)
    push = Push.objects.create(kind=kind, version=version, run=run)
    transaction.on_commit(partial(ring, push.pk), robust=True)
    return push


def ring(push_id: int) -> None:
    """Wake a worker for a push, by the task's name: `tasks` stands on this module, not the other way round.

    A lost ring is made good by `ring_stuck`.
    """
    current_app.send_task(WORK, args=(push_id,), retry=False)


def ring_stuck(now: dt.datetime | None = None) -> int:
    """Ring again for every push that is not finished and has not moved lately. Returns how many."""
    before = (now or timezone.now()) - STUCK_AFTER
    waiting = Push.objects.filter(state__in=(Progress.QUEUED, Progress.RUNNING), touched_at__lt=before)
    ids = list(waiting.values_list("pk", flat=True))
    for push_id in ids:
        ring(push_id)
    return len(ids)


def work(push_id: int) -> None:
    """Work a push off to its end, or leave it to whoever is at it. Safe to call any number of times."""
    push = (
        Push.objects.select_related("version__item", "version__rule_version", "run")
        .filter(pk=push_id)
        .first()
    )
    if push is None:
        _log.warning("push %s is gone: nobody is told", push_id)
        return
    if not push.is_active:
        return
    try:
        if push.kind == PushKind.WITHDRAWAL:
            _tell_withdrawal(push)
        else:
            _tell_matches(push)
    except DomainError as error:
        _log.error("push %s cannot be worked off: %s", push.pk, error.message)
        give_up(push, error.message)
    except Exception:
        _log.exception("push %s met an error", push.pk)
        Push.objects.filter(pk=push.pk).update(attempts=F("attempts") + 1, touched_at=Now())
        push.refresh_from_db(fields=["attempts"])
        if push.attempts >= ATTEMPTS:
            give_up(push, _("多次出错，已停止。请联系系统管理员查看日志，处理后点“继续推送”。"))


def requeue(push: Push) -> None:
    """Let a push that was given up go on where it stood. Raises DomainError for any other."""
    with transaction.atomic():
        if push.state != Progress.FAILED or not push.requeue():
            raise DomainError(_("这次推送没有失败，不需要重新推送。"), code="not_failed")
        Push.objects.filter(pk=push.pk).update(attempts=0, touched_at=Now())
        if push.run is not None and push.run.state == Progress.FAILED:
            push.run.requeue()
        transaction.on_commit(partial(ring, push.pk), robust=True)


def _tell_matches(push: Push) -> None:
    result = _result(push)
    if result is None:
        return
    matches = pushable(result, push.version)
    wording = Wording.of(push.version)
    if push.state == Progress.QUEUED:
        push.start(total=len(matches))
    while _match_chunk(push, matches, wording):
        pass


def _result(push: Push) -> RunResult | None:
    """What the push's run found for its version; matched now unless it was before."""
    if push.run is None:
        raise ValueError(f"push {push.pk} has no run")
    found = RunResult.objects.filter(run=push.run, version=push.version.rule_version).first()
    if found is None:
        match_and_record(push.run, [push.version.rule_version])
        found = RunResult.objects.filter(run=push.run, version=push.version.rule_version).first()
    return found


@in_language_of_record()
def _match_chunk(push: Push, matches: Matches, wording: Wording) -> bool:
    """Tell the next `CHUNK` enterprises. False when there is nothing left for this worker to do."""
    with transaction.atomic():
        if not _take(push):
            return False
        version = ItemVersion.objects.select_for_update(of=("self",)).get(pk=push.version_id)
        start = int(matches.ids.searchsorted(push.position, side="right"))
        stop = min(start + CHUNK, len(matches))
        if start == stop or not _invites(version):
            push.finish()
            return False
        chunk = matches.rows(slice(start, stop))
        key = push_key(version)
        mailboxes = dict(
            Enterprise.objects.in_business().filter(pk__in=chunk.ids.tolist()).values_list("pk", "mailbox_id")
        )
        drafts = [
            Draft(mailbox=mailboxes[match.enterprise_id], key=key, **wording.match(match))
            for match in chunk
            if match.enterprise_id in mailboxes
        ]
        _move(push, position=int(chunk.ids[-1]), done=stop, told=send_messages(drafts))
    return True


def _invites(version: ItemVersion) -> bool:
    """Whether there is still something to be told of: a push may lie for days before it is worked off."""
    closed = version.window_to is not None and version.window_to < timezone.localdate()
    return version.state == VersionState.PUBLISHED and not closed


def pushable(result: RunResult, version: ItemVersion) -> Matches:
    """Those to be told: eligible or open, not known to be worth nothing when it is money, and not in
    possession of what the version grants."""
    matches = result.unpack()
    wanted = (matches.flags & (ELIGIBLE_FLAG | OPEN_FLAG)) != 0
    if version.benefit == Benefit.MONEY:
        priced = AMOUNT_FLAG | BOUNDED_FLAG
        wanted &= ((matches.flags & priced) != priced) | (matches.high > 0)
    if version.grants:
        wanted &= ~np.isin(matches.ids, list(holders(version.grants, result.run.as_of, result.run.known_at)))
    return matches.rows(wanted)


def push_key(version: ItemVersion) -> str:
    """Key of the one message about a version in each mailbox."""
    return version.rule_version.push_key


def withdrawal_key(version: ItemVersion) -> str:
    """Key of the one message that a version was withdrawn."""
    return f"withdrawn:{version.rule_version_id}"


def _tell_withdrawal(push: Push) -> None:
    if push.state == Progress.QUEUED:
        push.start(total=max(Enterprise.objects.count(), push.done))
    wording = Wording.of(push.version)
    while _withdrawal_chunk(push, wording):
        pass


@in_language_of_record()
def _withdrawal_chunk(push: Push, wording: Wording) -> bool:
    """Tell those of the next `CHUNK` enterprises who were told of the version.

    A message still in the outbox is taken back there. One that a relay is delivering right now is
    waited for by the DELETE, and found delivered by the query after it.
    """
    key = push_key(push.version)
    with transaction.atomic():
        if not _take(push):
            return False
        rows = Enterprise.objects.filter(pk__gt=push.position).order_by("pk")
        enterprises = list(rows.values_list("pk", "mailbox_id")[:CHUNK])
        if not enterprises:
            push.finish()
            return False
        waiting = [f"{TOPIC}:{mailbox}:{key}" for _id, mailbox in enterprises]
        OutboxEntry.objects.filter(key__in=waiting, delivered_at=None).delete()
        told = dict(
            Message.objects.filter(
                mailbox__in=[mailbox for _id, mailbox in enterprises], key=key
            ).values_list("mailbox_id", "pk")
        )
        drafts = [
            Draft(mailbox=mailbox, key=withdrawal_key(push.version), **wording.withdrawal(enterprise))
            for enterprise, mailbox in enterprises
            if mailbox in told
        ]
        done = min(push.done + len(enterprises), push.total)
        _move(push, position=enterprises[-1][0], done=done, told=send_messages(drafts))
    return True


def _take(push: Push) -> bool:
    """Lock the push for this transaction and read where it stands; False when another worker has it."""
    row = Push.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=push.pk).first()
    if row is None or row.state != Progress.RUNNING:
        return False
    push.position, push.done, push.total = row.position, row.done, row.total
    return True


def _move(push: Push, *, position: int, done: int, told: int) -> None:
    Push.objects.filter(pk=push.pk).update(
        position=position, done=done, told=F("told") + told, touched_at=Now()
    )
    push.position, push.done = position, done
