"""Deadlines of orders, and the spans they are started with."""

from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import Whom
from portal.kernel.clocks import Clock, ClockQuerySet, SpanTarget
from portal.kernel.escalation import EscalationLevel
from portal.kernel.spans import Pause, pauses_in

NOT_OURS: Final = ("survey",)
"""Clocks that run on the enterprise: they hurry no official and colour no order."""
ASKED_BACK: Final = {"stop": {"ask_back"}, "go": {"supplement", "accept_appeal"}}
"""The desk waits for the enterprise until it supplements, or the desk accepts the appeal as it is."""


class ClockTarget(SpanTarget):
    """A span as data: “135”, receiving, mediating, handing over within 2 days, answering within 2 weeks."""


class ReminderLevel(EscalationLevel):
    """Who is told of an order's clock, and when: see `EscalationLevel`."""

    whom = models.CharField(_("提醒谁"), max_length=10, choices=Whom)

    class Meta(EscalationLevel.Meta):
        constraints = [
            *EscalationLevel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(whom__in=Whom.values),
                name="appeals_reminderlevel_whom",
                violation_error_message=_("请选择提醒谁。"),
            ),
        ]


class OrderClockQuerySet(ClockQuerySet):
    """Clocks of orders."""

    def hurrying(self) -> Self:
        """Those running that hurry an official."""
        return self.running().exclude(target__in=NOT_OURS)

    def named(self, target: str) -> Self:
        """Of one target, not yet met."""
        return self.filter(target=target, met_at=None)


class OrderClock(Clock):
    """A deadline of an order."""

    order = models.ForeignKey(
        "appeals.WorkOrder", verbose_name=_("工单"), on_delete=models.PROTECT, related_name="clocks"
    )

    level = models.PositiveSmallIntegerField(
        _("提醒到第几级"), default=0, db_default=0, editable=False, help_text=_("见“提醒与升级”")
    )

    reads = ("order__events", "order__appeal__events")

    objects: ClassVar[Any] = OrderClockQuerySet.as_manager()

    class Meta(Clock.Meta):
        verbose_name = _("工单时限")
        verbose_name_plural = _("工单时限")
        constraints = [
            *Clock.Meta.constraints,
            models.UniqueConstraint(
                fields=["order", "target"],
                condition=Q(met_at=None),
                name="appeals_orderclock_one_running",
                violation_error_message=_("该工单的这项时限正在计时。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(met_at=None, paused_at=None), name="appeals_clock_running"
            ),
            models.Index(
                fields=["warn_at"],
                condition=Q(met_at=None, paused_at=None, warned_at=None),
                name="appeals_clock_to_warn",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(met_at=None, paused_at=None, breached_at=None),
                name="appeals_clock_to_breach",
            ),
            models.Index(
                fields=["level", "warn_at"],
                condition=Q(met_at=None, paused_at=None),
                name="appeals_clock_to_remind",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(met_at=None, breached_at=None, provisional=True),
                name="appeals_clock_provisional",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} → {self.due_at:%Y-%m-%d %H:%M}"

    def pauses(self) -> list[Pause]:
        """It stands still while the enterprise is asked, by the handler or by the desk."""
        asked = pauses_in(self.order.events.all(), stop={"ask"}, go={"reply"})
        asked_back = pauses_in(self.order.appeal.events.all(), **ASKED_BACK)
        return sorted([*asked, *asked_back], key=lambda pause: pause.start)
