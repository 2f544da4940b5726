"""The fixed words of an enjoy run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunState(models.TextChoices):
    """Where a run stands; see `EnjoyRun.machine` for the way between."""

    SELECTING = "selecting", _("正在筛选")
    LISTED = "listed", _("待把关")
    PROPOSED = "proposed", _("待审定")
    CONFIRMED = "confirmed", _("已审定")
    NOTICED = "noticed", _("公示中")
    OFFERED = "offered", _("待企业确认")
    CLOSED = "closed", _("已办结")
    CANCELLED = "cancelled", _("已取消")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"listed": "due", "proposed": "due", "closed": "done", "cancelled": "plain"}.get(
            self.value, "info"
        )


CONFIRMED: tuple[str, ...] = (RunState.CONFIRMED, RunState.NOTICED, RunState.OFFERED, RunState.CLOSED)
"""States of a run whose list a second person has confirmed."""
OVER: tuple[str, ...] = (RunState.CLOSED, RunState.CANCELLED)


class Place(models.TextChoices):
    """On which list of a run an enterprise stands."""

    IN = "in", _("入围")
    ALMOST = "almost", _("差一步")
    OUT = "out", _("筛除")


class Way(models.TextChoices):
    """The shortest way that is left to who is almost in."""

    CLICK = "click", _("一键申请，由部门核实")
    FORM = "form", _("补填几项后申请")
    MISSING = "missing", _("条件还差一点")


class CandidateState(models.TextChoices):
    """What has become of an enterprise on a list; only who is in ever leaves `LISTED`."""

    LISTED = "listed", _("在名单上")
    EXCLUDED = "excluded", _("已排除")
    OFFERED = "offered", _("待企业确认")
    ACCEPTED = "accepted", _("企业已确认")
    DECLINED = "declined", _("企业放弃")
    OBJECTED = "objected", _("企业有异议")
    LAPSED = "lapsed", _("逾期未确认")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"excluded": "late", "offered": "due", "accepted": "done", "objected": "due"}.get(
            self.value, "plain"
        )


ANSWERED: tuple[str, ...] = (CandidateState.ACCEPTED, CandidateState.DECLINED, CandidateState.OBJECTED)
"""States in which the enterprise has said something."""


class Every(models.TextChoices):
    """How often an item is run by itself."""

    YEAR = "year", _("每年")
    QUARTER = "quarter", _("每季度")
    MONTH = "month", _("每月")
