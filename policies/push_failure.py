"""A push that cannot go on: it fails with a reason, and those who answer for it are told."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.access import holders
from policies.models import Push
from policies.push_text import KIND
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.kernel.models import Progress, TrackedProgress
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

_LONGEST_TITLE = 200


def give_up(push: Push, reason: str) -> None:
    """Fail with a reason, and tell; so fails the push's own run, unless it came to its end."""
    with transaction.atomic():
        if push.run is not None and push.run.version_id is not None:
            fail(push.run, reason)
        if fail(push, reason):
            _tell(push, reason)


def fail(row: TrackedProgress, reason: str) -> bool:
    """Fail, whether or not it was begun; False when it has ended or somebody else was faster."""
    if row.state == Progress.QUEUED:
        row.start(total=row.total)
    return row.fail(reason)


@in_language_of_record()
def _tell(push: Push, reason: str) -> None:
    """One message a failure to each official who answers for the push, with the page where it goes on."""
    push.refresh_from_db(fields=["told"])
    title = _("推送失败：%(title)s") % {"title": push.version.title}
    body = _("已通知 %(told)d 家企业后停下。%(reason)s 处理后可在推送页面点“继续推送”，不会重复通知。") % {
        "told": push.told,
        "reason": reason,
    }
    send_messages(
        Draft(
            mailbox=Mailbox.for_user(user).pk,
            key=f"push-failed:{push.pk}:{timezone.now().isoformat()}",
            kind=KIND,
            title=title[:_LONGEST_TITLE],
            body=body,
            url=push.get_absolute_url(),
            payload={"push": push.pk},
        )
        for user in _answerable(push)
    )


def _answerable(push: Push) -> set[User]:
    """Whoever published or withdrew the version, and all who publish for its department."""
    version = push.version
    steps = version.events.filter(name__in=("publish", "withdraw"), actor__is_active=True)
    acted = User.objects.filter(pk__in=steps.values("actor"))
    return {*acted, *holders(Role.PUBLISHER, version.item.department)}
