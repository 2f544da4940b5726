"""Deadlines of orders, and the spans they are started with."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.clocks import Clock, ClockQuerySet
from portal.kernel.spans import Pause, Span, Unit, pauses_in


class ClockTarget(models.Model):
    """A span as data: “135”, receiving, mediating, handing over within 2 days, answering within 2 weeks."""

    key = models.SlugField(_("标识"), max_length=40, unique=True)
    label = models.CharField(_("名称"), max_length=60)
    number = models.PositiveSmallIntegerField(_("时长"))
    unit = models.CharField(_("单位"), max_length=10, choices=Unit)
    warning = models.PositiveSmallIntegerField(_("提前预警"), default=1)

    class Meta:
        verbose_name = _("时限")
        verbose_name_plural = _("时限")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, warning__lte=models.F("number")),
                name="appeals_clocktarget_span",
                violation_error_message=_("时限至少为 1，预警须在时限之内。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def span(self) -> Span:
        """The span as the kernel's clocks take it."""
        return Span(self.number, Unit(self.unit), self.warning)


class OrderClockQuerySet(ClockQuerySet):
    """Clocks of orders."""

    def named(self, target: str) -> Self:
        """Of one target, not yet met."""
        return self.filter(target=target, met_at=None)


class OrderClock(Clock):
    """A deadline of an order."""

    order = models.ForeignKey(
        "appeals.WorkOrder", verbose_name=_("工单"), on_delete=models.PROTECT, related_name="clocks"
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
        ]

    def __str__(self) -> str:
        return f"{self.target} → {self.due_at:%Y-%m-%d %H:%M}"

    def pauses(self) -> list[Pause]:
        """It stands still while the enterprise is asked, by the handler or by the desk."""
        asked = pauses_in(self.order.events.all(), stop={"ask"}, go={"reply"})
        asked_back = pauses_in(self.order.appeal.events.all(), stop={"ask_back"}, go={"supplement"})
        return sorted([*asked, *asked_back], key=lambda pause: pause.start)
