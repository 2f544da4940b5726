"""The life of a rule version: drafted, published, closed by its successor or retracted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from matching.models import Rule, RuleVersion, RuleVersionQuerySet
from matching.trees import rule_tree
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User


def next_number(rule: Rule) -> int:
    """The number the next version of a rule takes, from 1."""
    return (rule.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def versions_in_force(as_of: dt.date) -> RuleVersionQuerySet:
    """Published, unretracted versions whose period holds the day, in stable order."""
    return RuleVersion.objects.in_force(as_of).order_by("pk")


def publish(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """Publish a draft: from now on it stands as it is.

    Versions of the rule that would overlap are closed on the day this one begins. Raises
    DomainError when it is no draft, has no period, does not parse, or when a standing version
    begins no earlier than this one (retract that one first). ``by`` is who publishes; four eyes
    are the caller's business, and recorded there.
    """
    with transaction.atomic():
        Rule.objects.select_for_update().get(pk=version.rule_id)
        locked = RuleVersion.objects.select_for_update().get(pk=version.pk)
        if not locked.is_draft:
            raise DomainError(_("这个版本已经发布，不能再次发布。"), code="not_a_draft")
        if not locked.valid or locked.valid.isempty or locked.valid.lower is None:
            raise DomainError(_("请先填写这个版本从哪一天起有效。"), code="no_period")
        rule_tree(locked)
        _make_way(locked, locked.valid.lower)
        locked.published_at = timezone.now()
        locked.save(update_fields=["published_at"])
    version.refresh_from_db()
    return version


def _make_way(version: RuleVersion, begins: dt.date) -> None:
    """Close the standing versions of the rule that would overlap with this one."""
    earlier = RuleVersion.objects.standing().filter(rule=version.rule_id, valid__overlap=version.valid)
    for standing in earlier.select_for_update():
        first, end = _days(standing)
        if first >= begins:
            raise DomainError(
                _("第 %(number)d 版从 %(day)s 起已经有效。请先撤回它，或让新版本晚一天生效。")
                % {"number": standing.number, "day": first},
                code="period_taken",
            )
        if standing.closed_at is not None:
            raise DomainError(
                _("第 %(number)d 版的结束日期已经定过一次，不能再改。请让新版本从 %(day)s 起生效。")
                % {"number": standing.number, "day": end},
                code="period_taken",
            )
        standing.valid = DateRange(first, begins)
        standing.closed_at = timezone.now()
        standing.save(update_fields=["valid", "closed_at"])


def _days(version: RuleVersion) -> tuple[dt.date, dt.date | None]:
    """First day of a published version, and the first day it no longer holds."""
    assert version.valid is not None
    assert version.valid.lower is not None
    return version.valid.lower, version.valid.upper


def close(version: RuleVersion, *, on: dt.date) -> RuleVersion:
    """End a published version: ``on`` is the first day it no longer holds. Possible once."""
    with transaction.atomic():
        locked = RuleVersion.objects.select_for_update().get(pk=version.pk)
        if locked.is_draft or locked.closed_at is not None:
            raise DomainError(_("这个版本是草稿，或者已经定过截止日。"), code="cannot_close")
        first, end = _days(locked)
        if on <= first or (end is not None and on > end):
            raise DomainError(_("截止日须晚于生效日，且只能提前、不能推后。"), code="cannot_close")
        locked.valid = DateRange(first, on)
        locked.closed_at = timezone.now()
        locked.save(update_fields=["valid", "closed_at"])
    version.refresh_from_db()
    return version


def retract(version: RuleVersion, *, by: User | None, reason: str) -> RuleVersion:
    """Take a published version back, with a reason that people will read. Possible once."""
    if not reason.strip():
        raise DomainError(_("请写明撤回原因。"), code="no_reason")
    with transaction.atomic():
        locked = RuleVersion.objects.select_for_update().get(pk=version.pk)
        if locked.is_draft:
            raise DomainError(_("草稿不需要撤回，可以直接修改。"), code="is_draft")
        if locked.retracted_at is not None:
            raise DomainError(_("这个版本已经撤回。"), code="retracted")
        locked.retracted_at = timezone.now()
        locked.retraction_reason = reason.strip()
        locked.save(update_fields=["retracted_at", "retraction_reason"])
    version.refresh_from_db()
    return version
