"""From an item's page to applying for it: start, go on, look, or why not today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from policies.applying.access import may_apply, period_of, require_open
from policies.applying.pages.waiting import NOT_ALIVE
from policies.applying.sheet import is_wanted
from policies.enums import DECIDED, ApplicationState, Mode
from policies.models import Application, ItemVersion
from portal.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Door:
    """One button and a few words beside it. `starts`: its address wants a POST; without one it is closed."""

    words: str
    label: str = ""
    url: str = ""
    starts: bool = False


def door_to(version: ItemVersion, enterprise: Enterprise, day: dt.date, *, asks: bool) -> Door | None:
    """The way in for an enterprise, or None where the item is not applied for here; one query.

    `asks`: something is still to be answered.
    """
    if not may_apply(version, enterprise):
        return None
    mine = Application.objects.filter(
        enterprise=enterprise, item=version.item_id, period=period_of(version, day)
    )
    newest = mine.only("number", "state", "enterprise", "submitted_at").order_by("-pk").first()
    if newest is not None and newest.state not in NOT_ALIVE:
        return _to(newest)
    try:
        require_open(version, day, enterprise)
    except DomainError as error:
        return Door(str(error))
    brings = any(is_wanted(material) for material in version.materials)
    at_once = version.mode == Mode.QUICK and not asks and not brings
    return Door(
        _("部门已有的数据替您填好，只问还不知道的；随时保存，提交前都能改。"),
        _("一键申报") if at_once else _("申报"),
        reverse("enterprise_apply", args=[enterprise.pk, version.item.code]),
        starts=True,
    )


def _to(application: Application) -> Door:
    url = application.get_absolute_url()
    if application.state == ApplicationState.DRAFT:
        return Door(_("您已开始填报，还没有提交。"), _("继续填报"), url)
    if application.state == ApplicationState.RETURNED:
        return Door(_("主管部门请您补正。"), _("去补正"), url)
    if application.state in DECIDED:
        return Door(_("本年度的申报已办结。"), _("查看结果"), url)
    state = {"state": application.get_state_display()}
    return Door(_("您已提交申报，现在是“%(state)s”。") % state, _("查看申报"), url)
