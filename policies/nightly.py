"""Once a night: end what is over, match what is in force, tell those it newly fits, or why that failed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from matching.models import Run, RunResult
from matching.services import new_run
from policies.access import holders
from policies.enums import PushKind
from policies.models import ItemVersion, Push
from policies.push import pushable, start_push
from policies.push_failure import fail
from policies.push_text import KIND
from policies.runs import match_and_record
from policies.services import end_versions
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.models import Progress
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

_log = logging.getLogger(__name__)


def match_versions_in_force(today: dt.date) -> int:
    """One run over all versions in force, and a push for each that may have somebody new to tell.

    A version is told while its window is open: one published before that is told on the window's first
    day, one whose window is over no more. Who was told before is not told again: a message's key in its
    mailbox is the version's. Returns the number of pushes started. A second call on the same day takes
    the day's run up again. When matching fails, those who publish and the system's administrators are told.
    """
    end_versions(today)
    versions = list(ItemVersion.objects.in_force(today).select_related("item", "rule_version").order_by("pk"))
    if not versions:
        return 0
    run = _run_of(today)
    try:
        match_and_record(run, [version.rule_version for version in versions])
    except DomainError as error:
        _log.error("the nightly match failed: %s", error.message)
        _give_up(run, versions, error.message)
        return 0
    except Exception:
        _log.exception("the nightly match failed")
        _give_up(run, versions, _("匹配出错，请系统管理员查看日志。"))
        return 0
    started = 0
    for version in (one for one in versions if one.is_open(today)):
        told = Push.objects.filter(version=version, run=run).exists()
        if not told and _has_somebody_new(run, version):
            start_push(version, PushKind.NIGHTLY, by=None, run=run)
            started += 1
    return started


def _run_of(today: dt.date) -> Run:
    label = _("每日匹配 %(day)s") % {"day": today.isoformat()}
    unfinished = Run.objects.filter(version=None, as_of=today, label=label).exclude(state=Progress.DONE)
    run = unfinished.first() or new_run(label, as_of=today)
    if run.state == Progress.FAILED:
        run.requeue()
    return run


@in_language_of_record()
def _give_up(run: Run, versions: Sequence[ItemVersion], reason: str) -> None:
    """Fail with a reason, and tell: one message a run to each official concerned."""
    departments = {version.item.department for version in versions}
    publishing = User.objects.filter(
        Q(*(Q(pk__in=holders(Role.PUBLISHER, one).values("pk")) for one in departments), _connector=Q.OR)
    )
    keeping = User.objects.filter(is_active=True, postings__role=Role.SYSTEM_ADMIN)
    with transaction.atomic():
        if not fail(run, reason):
            return
        send_messages(
            Draft(
                mailbox=Mailbox.for_user(user).pk,
                key=f"match-failed:{run.pk}",
                kind=KIND,
                title=_("%(run)s失败，今天没有推送") % {"run": run.label},
                body=_("%(reason)s 下一晚会自动再匹配；在此之前，新符合条件的企业收不到提醒。")
                % {"reason": reason},
                url=run.get_absolute_url(),
            )
            for user in {*publishing, *keeping}
        )


def _has_somebody_new(run: Run, version: ItemVersion) -> bool:
    """Whether the run found enterprises that no finished push of the version has dealt with."""
    before = (
        Push.objects.filter(version=version, state=Progress.DONE, run__isnull=False)
        .order_by("-pk")
        .values_list("run_id", flat=True)
        .first()
    )
    earlier = set() if before is None else _told_by(before, version)
    return not _told_by(run.pk, version) <= earlier


def _told_by(run_id: int, version: ItemVersion) -> set[int]:
    result = RunResult.objects.select_related("run").get(run=run_id, version=version.rule_version)
    return set(pushable(result, version).ids.tolist())
