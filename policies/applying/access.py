"""What may be applied for here, and for which year."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from policies.enums import Mode
from policies.models import EnjoyCandidate, ItemVersion
from policies.models.enjoying.vocabulary import Way
from portal.kernel.errors import DomainError

HERE: Final = (Mode.APPLY, Mode.QUICK)
"""Ways of handling that lead to a form of this portal."""


def applied_for_here(version: ItemVersion) -> bool:
    """Whether the portal has a form for the item, be its window open or not."""
    return version.mode in HERE


def may_apply(version: ItemVersion, enterprise: Enterprise) -> bool:
    """Whether the enterprise has a form here: for what is enjoyed without applying, who was told to be one
    step from it (`EnjoyCandidate` almost in, by a click or a form); one query for those only."""
    if applied_for_here(version):
        return True
    almost = EnjoyCandidate.objects.filter(
        enterprise=enterprise, run__version=version, way__in=(Way.CLICK, Way.FORM), told_at__isnull=False
    )
    return version.mode == Mode.ENJOY and almost.exists()


def require_open(version: ItemVersion, day: dt.date, enterprise: Enterprise) -> None:
    """Raises DomainError, with what to do instead, when the version cannot be applied for on the day."""
    if not may_apply(version, enterprise):
        raise DomainError(
            _("“%(item)s”%(mode)s，不在本平台填报，请按事项页面写明的方式办理。")
            % {"item": version.title, "mode": version.get_mode_display()},
            code="not_here",
        )
    if not version.is_in_force:
        raise DomainError(_("这一版政策已经结束或还没有开始执行，请回到事项页面查看。"), code="not_in_force")
    if version.is_open(day):
        return
    if version.window_to and day > version.window_to:
        raise DomainError(
            _("申报已于 %(day)s 截止，已填内容仍保留；能否补报请咨询主管部门。")
            % {"day": version.window_to.isoformat()},
            code="window_closed",
        )
    raise DomainError(
        _("申报从 %(day)s 开始，已填内容会保留到那时。")
        % {"day": version.window_from.isoformat() if version.window_from else ""},
        code="window_coming",
    )


def period_of(version: ItemVersion, day: dt.date) -> int:
    """The year that an application on a day is for: the rule's reference year, else the day's own."""
    return version.rule_version.reference_year or day.year
