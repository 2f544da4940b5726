"""Deadlines of applications: spans as data, and the clocks that run."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.enums import Whom
from policies.models.applying.application import Application
from policies.models.applying.notice import PublicNotice
from policies.models.applying.opinion import Opinion
from portal.kernel.clocks import Clock, ClockQuerySet, SpanTarget
from portal.kernel.escalation import EscalationLevel
from portal.kernel.spans import Pause, pauses_in
from portal.kernel.workdays import Calendar

AMEND: Final = "amend"
"""The clock that runs on the enterprise: it is reminded, nobody above it is."""
NOTICE: Final = "notice"
"""The days of a notice: a time that is waited for, not a deadline; when it is over, `CONFIRM` begins."""
CONFIRM: Final = "confirm"
NOT_OURS: Final = (AMEND, NOTICE)
"""Clocks that hurry no official."""


class StepTarget(SpanTarget):
    """The span of a step: accepting, amending, reviewing, an opinion, a notice, a decision."""

    class Meta(SpanTarget.Meta):
        verbose_name = _("申报时限")
        verbose_name_plural = _("申报时限")


class StepReminder(EscalationLevel):
    """Who is told of an application's clock, and when: see `EscalationLevel`."""

    whom = models.CharField(_("提醒谁"), max_length=10, choices=Whom)

    class Meta(EscalationLevel.Meta):
        verbose_name = _("申报提醒与升级")
        verbose_name_plural = _("申报提醒与升级")
        constraints = [
            *EscalationLevel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(whom__in=Whom.values),
                name="policies_stepreminder_whom",
                violation_error_message=_("请选择提醒谁。"),
            ),
        ]


class ApplicationClockQuerySet(ClockQuerySet):
    """Clocks of applications."""

    def hurrying(self) -> Self:
        """Those running that hurry an official."""
        return self.running().exclude(target__in=NOT_OURS)


class ApplicationClock(Clock):
    """A deadline of an application; of an opinion asked for, that of the department asked.

    The database keeps the first of those running as `Application.due_at`, by which lists are ordered.
    """

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="clocks"
    )
    opinion = models.ForeignKey(
        Opinion,
        verbose_name=_("联审意见"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="clocks",
    )
    level = models.PositiveSmallIntegerField(_("提醒到第几级"), default=0, db_default=0, editable=False)

    reads = ("application__events",)
    drives = ("application",)

    objects: ClassVar[Any] = ApplicationClockQuerySet.as_manager()

    class Meta(Clock.Meta):
        verbose_name = _("申报时限")
        verbose_name_plural = _("申报时限")
        constraints = [
            *Clock.Meta.constraints,
            models.UniqueConstraint(
                fields=["application", "target", "opinion"],
                condition=Q(met_at=None),
                nulls_distinct=False,
                name="policies_applicationclock_one_running",
                violation_error_message=_("这项时限正在计时。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(met_at=None, paused_at=None), name="policies_clock_running"
            ),
            models.Index(
                fields=["warn_at"],
                condition=Q(met_at=None, paused_at=None, warned_at=None),
                name="policies_clock_to_warn",
            ),
            models.Index(
                fields=["level", "warn_at"],
                condition=Q(met_at=None, paused_at=None),
                name="policies_clock_to_remind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} → {self.due_at:%Y-%m-%d %H:%M}"

    def reckon(self, calendar: Calendar | None = None) -> None:
        """As every clock; the notice that is read by everybody runs until the same moment."""
        super().reckon(calendar)
        if self.target == NOTICE:
            PublicNotice.objects.filter(application=self.application_id, ended_at=None).update(
                closes_at=self.due_at
            )

    def pauses(self) -> list[Pause]:
        """Reviewing stands still while the enterprise amends, and while others are asked or a notice runs."""
        if self.target != "review":
            return []
        return pauses_in(
            self.application.events.all(),
            stop={"return", "consult", "notice"},
            go={"submit", "hear", "rework", "approve"},
        )
