"""What happened to an application, in words, for officials."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from policies.models import Application

NAMES: Final = {
    "take_over": _("转审核人"),
    "opinion": _("联审意见"),
    "recall": _("不再等待联审"),
    "objection": _("收到异议"),
    "objection_answered": _("处理异议"),
    "notice_over": _("公示期满"),
    "remind": _("提醒"),
    "escalate": _("升级提醒"),
}
"""Events that are no transition."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event; what is not public the enterprise does not see."""

    at: dt.datetime
    label: str
    actor: str
    comment: str
    public: bool


def timeline(application: Application, *, everything: bool) -> list[Line]:
    """Newest first; for a department that was asked, what is public. One query."""
    events = application.events.select_related("actor").order_by("-at", "-pk")
    if not everything:
        events = events.filter(public=True)
    known = Application.machine.transitions
    return [
        Line(
            event.at,
            str(known[event.name].label if event.name in known else NAMES.get(event.name, event.name)),
            str(event.actor or _("系统")),
            event.comment,
            event.public,
        )
        for event in events
    ]
