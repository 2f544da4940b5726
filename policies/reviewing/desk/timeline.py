"""What happened to an application, in words, for officials."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from policies.models import Application, ApplicationEvent

NAMES: Final = {
    "take_over": _("转审核人"),
    "chase": _("催办联审意见"),
    "opinion": _("联审意见"),
    "countersign": _("负责人加签"),
    "recall": _("不再等待联审"),
    "objection": _("收到异议"),
    "objection_answered": _("处理异议"),
    "notice_over": _("公示期满"),
    "remind": _("提醒"),
    "escalate": _("升级提醒"),
}
"""Events that are no transition."""
REMINDERS: Final = ("remind", "escalate", "chase")
"""Events that change nothing: who writes meanwhile need not look again."""


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
    return [line_of(event) for event in events]


def newest(application: Application) -> ApplicationEvent | None:
    """The last thing that was done to it, reminders aside; one query."""
    done = application.events.exclude(name__in=REMINDERS)
    event: ApplicationEvent | None = done.select_related("actor").order_by("-pk").first()
    return event


def line_of(event: ApplicationEvent) -> Line:
    """One event in words."""
    known = Application.machine.transitions
    label = known[event.name].label if event.name in known else NAMES.get(event.name, event.name)
    return Line(event.at, str(label), str(event.actor or _("系统")), event.comment, event.public)
